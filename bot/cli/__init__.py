"""The command line: one file a group of commands.

What a command needs beyond click is imported inside it, so that each loads only its own.
"""
