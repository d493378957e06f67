"""Digests end to end: the store, the scheduler, the local workspace as Slack."""
