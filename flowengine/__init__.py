"""Sign-in flows as data."""
