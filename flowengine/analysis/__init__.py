"""Rules over compiled flows; each is a module of its own and knows of no other."""
