"""Tokens: claims, keys, JSON Web Tokens, refresh tokens and the documents about them."""
