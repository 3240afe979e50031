"""The mathematics: SRP, one-time codes, hashes, sealing and signatures.

Nothing here reads a clock or draws randomness: the time and the entropy are arguments.
"""
