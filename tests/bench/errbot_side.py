"""errbot's half of row 13, run by a Python that has errbot and need not have netmap.

python tests/bench/errbot_side.py first     start, answer once
python tests/bench/errbot_side.py many 500  start, answer so often; print the seconds of each
"""

import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

from errbot.backends.test import TestBot  # type: ignore[import-not-found]  # only the bench has it

PLUGIN = """
from errbot import BotPlugin, botcmd

class Noop(BotPlugin):
    @botcmd
    def noop(self, message, args):
        return "ok"
"""
PLUG = """
[Core]
Name = Noop
Module = noop

[Python]
Version = 3
"""


def main(what: str, times: str = "1") -> None:
    """Start errbot on its test backend with one command, and ask it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "noop.py").write_text(PLUGIN)
        (Path(folder) / "noop.plug").write_text(PLUG)
        bot = TestBot(extra_plugin_dir=folder, loglevel=logging.ERROR)
        bot.start()
        try:
            bot.exec_command("!noop", timeout=10)
            if what == "first":
                os._exit(0)
            if what == "many":
                taken = []
                for _ in range(int(times)):
                    started = time.perf_counter()
                    bot.exec_command("!noop", timeout=10)
                    taken.append(time.perf_counter() - started)
                print(json.dumps(taken))
        finally:
            bot.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
