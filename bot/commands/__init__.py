"""Everything one can say, and the one way to answer it."""

from bot.commands.answering import Caller, answer, table_of
from bot.commands.lines import compose_again
from bot.commands.rows import COMMANDS, RESULTS, TABLE, is_quick, may_change, reads

BY_NAME = TABLE.by_name
SPOKEN = TABLE.spoken
write_line = TABLE.write

__all__ = [
    "BY_NAME",
    "COMMANDS",
    "RESULTS",
    "SPOKEN",
    "Caller",
    "answer",
    "compose_again",
    "is_quick",
    "may_change",
    "reads",
    "table_of",
    "write_line",
]
