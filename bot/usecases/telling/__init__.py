"""Digests: who wants them, when they run, how they arrive."""
