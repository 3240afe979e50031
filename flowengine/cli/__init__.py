"""The command line: one file for each command, ``cmd_*.py``."""
