"""The rules. Pure functions of the nouns: no clock, no files, no database, no Slack."""
