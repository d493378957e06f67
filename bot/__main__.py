"""The command line's way in; the version is said without loading any of it."""

import gc
import os
import sys

from bot import __version__


def main() -> None:
    """Run what `sys.argv` says."""
    _open_streams()
    if sys.argv[1:] == ["--version"]:
        print(f"netmap, version {__version__}")  # noqa: T201 - what was asked for
        return
    gc.disable()  # what a start loads stays; the house lets it run again
    from bot.cli.netmap import netmap

    netmap()


def _open_streams() -> None:
    """Let what was closed lead nowhere, as git does, before a file takes its number."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115 - for the life of the process
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - the same
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - the same


if __name__ == "__main__":
    main()
