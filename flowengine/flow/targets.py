"""The targets that exist without being written; a flow cannot define one."""

REFUSED = "refused"
"""NotAuthorizedException, "Incorrect username or password."."""
LOCKED = "locked"
"""NotAuthorizedException, "Password attempts exceeded"."""
AGAIN = "again"
"""This node once more; nothing is sent, the same Session stays good."""

BUILTIN_TARGETS = (REFUSED, LOCKED, AGAIN)
