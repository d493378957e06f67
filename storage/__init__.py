"""The store: a SQLite file that holds inventories, mappings, placements and history."""
