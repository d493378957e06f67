"""The command line's way in; the version is said without loading any of it."""

import sys

from bot import __version__


def main() -> None:
    """Run what `sys.argv` says."""
    if sys.argv[1:] == ["--version"]:
        print(f"netmap, version {__version__}")  # noqa: T201 - what was asked for
        return
    from bot.cli.netmap import netmap

    netmap()


if __name__ == "__main__":
    main()
