"""Rules over a flow's proof; each is a module of its own and knows of no other."""
