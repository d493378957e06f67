"""The mapping table: change it, one line or many, by form or file; take a change back."""
