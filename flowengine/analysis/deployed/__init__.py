"""Rules over deployments; each is a module of its own and knows of no other."""
