"""Who signs in, with what, through which client of which pool."""
