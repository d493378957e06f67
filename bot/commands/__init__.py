"""Everything one can say, and the one way to answer it."""

from bot.commands.answering import Caller, answer, write_table
from bot.commands.lines import Said
from bot.commands.rows import COMMANDS, TABLE

BY_NAME = TABLE.by_name
SPOKEN = TABLE.spoken
read = TABLE.read
write_line = TABLE.write

__all__ = [
    "BY_NAME",
    "COMMANDS",
    "SPOKEN",
    "Caller",
    "Said",
    "answer",
    "read",
    "write_line",
    "write_table",
]
