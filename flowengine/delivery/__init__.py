"""Adapters: how codes leave the process, by a file, a mail server, a webhook or a function."""
