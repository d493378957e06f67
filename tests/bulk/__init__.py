"""Many mappings at once, and files that come by other ways than a command."""
