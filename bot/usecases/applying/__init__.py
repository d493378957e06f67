"""A change carried out: looked at first, placed, replicas reconnected, told what came of it."""
