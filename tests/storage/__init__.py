"""The store: what opening a file can meet, transactions, query plans, and a changing estate."""
