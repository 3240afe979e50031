"""The kinds of challenge: what each asks, how an answer is verified, what it proves."""
