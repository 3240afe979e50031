"""Amazon Cognito's Lambda triggers, as Python functions that run unmodified."""
