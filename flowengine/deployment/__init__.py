"""The definition of ``flowengine.yaml``: what a server serves, and where it keeps things."""
