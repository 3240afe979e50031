"""Adapters: where sign-ins, counters, users, grants and signing keys are kept."""
