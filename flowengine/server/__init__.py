"""Amazon Cognito's wire protocol as an ASGI application, and the server that runs it."""
