"""What surrounds a sign-in: users made by administrators, and what a signed-in user changes."""
