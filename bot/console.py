"""The conversation in a terminal, and the same line by line for programs."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType
from typing import IO, NamedTuple

from pydantic_core import to_json

from bot.domain.replies import Reply
from bot.grammar.tokens import in_quotes

Answer = Callable[[str], Reply]

PROMPT = "netmap> "
LEAVE = ("exit", "quit")
KEPT_LINES = 1_000

KEYS = ("command", "ok", "error", "text", "blocks", "visibility", "files", "result")
"""What a program gets of a reply; of files their names."""


class Look(NamedTuple):
    """How text is set off; all empty where it goes to a file or colours are not wanted."""

    bold: str = ""
    red: str = ""
    plain: str = ""


PLAIN = Look()
COLOURS = Look("\033[1m", "\033[1;31m", "\033[0m")


def look(stream: IO[str], environ: dict[str, str] | None = None) -> Look:
    """Colours for a terminal, unless NO_COLOR is set or it is a dumb one."""
    environ = dict(os.environ) if environ is None else environ
    wanted = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return COLOURS if wanted and stream.isatty() else PLAIN


_COMMAND = re.compile(r"/netmap .*?(?= · |$)", re.M)


def columns(stream: IO[str]) -> int:
    """How many characters fit into a line of a terminal; 0 where it is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
    except (OSError, ValueError):
        return 0


def folded(text: str, width: int) -> str:
    """The lines broken between words; a command stays whole, so that it can be copied."""
    from textwrap import TextWrapper

    lines = []
    for line in _COMMAND.sub(lambda found: found[0].replace(" ", "\0"), text).split("\n"):
        indent = " " * (len(line) - len(line.lstrip()))
        wrapper = TextWrapper(
            width,
            subsequent_indent=f"{indent}    ",
            replace_whitespace=False,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrapper.wrap(line) or [""]
    return "\n".join(lines).replace("\0", " ")


def shown(reply: Reply, style: Look = PLAIN, width: int = 0) -> str:
    """A reply's text; its first line, which is the answer, stands out.

    Args:
        width: characters of a line, of a terminal; 0: lines stay as they are.
    """
    first, newline, rest = reply.text.partition("\n")
    if width:
        first, rest = folded(first, width), folded(rest, width)
    return f"{style.bold if reply.ok else style.red}{first}{style.plain}{newline}{rest}"


def with_files(answer: Answer, folder: Path | None) -> Answer:
    """The same answers, with their files written into this folder, and said to be or not."""

    def answered(line: str) -> Reply:
        reply = answer(line)
        for file in reply.files:
            if folder is None:
                reply.text += f"\n  ! {file.name} was not written: --files FOLDER writes it."
                continue
            to = folder / file.name
            try:
                to.write_bytes(file.data or file.text.encode())
            except OSError as error:
                reply.ok = False
                reply.text += f"\n  ! {to} cannot be written: {error.strerror}."
            else:
                reply.text += f"\n  Written to {to}."
        return reply

    return answered


def converse(answer: Answer, names: Sequence[str], greeting: str = "") -> None:
    """Ask for a line, print the answer, until the person leaves.

    Args:
        answer: what a line is answered with.
        names: the commands, for completion.
        greeting: printed first where somebody is there to read it.
    """
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    style = look(sys.stdout)
    history = _readline(names) if terminal else None
    if terminal and greeting:
        print(greeting)  # noqa: T201 - a terminal is what this door is
    try:
        while True:
            try:
                line = input(PROMPT if terminal else "").strip()
            except KeyboardInterrupt:
                print()  # noqa: T201 - the line is given up, the conversation is not
                continue
            except EOFError:
                if terminal:
                    print()  # noqa: T201 - so that the shell's prompt starts a line
                return
            if not line:
                continue
            if line.casefold().removeprefix("/") in LEAVE:
                return
            try:
                text = shown(answer(clean(line)), style, columns(sys.stdout))
            except KeyboardInterrupt:
                text = "Stopped. Nothing was changed, unless the history says so."
            print(text, flush=True)  # noqa: T201 - the answer
            if terminal:
                print()  # noqa: T201 - air between the answer and the next question
    finally:
        if history is not None:
            history()


def machine(answer: Answer, lines: Iterable[str], out: IO[str]) -> None:
    """One command a line in, one JSON object a line out; empty lines are skipped."""
    for line in lines:
        if line.strip():
            out.write(as_json(answer(clean(line.strip()))) + "\n")
            out.flush()


def as_json(reply: Reply) -> str:
    """The reply as one line of JSON, with the keys of `KEYS`."""
    said = {key: getattr(reply, key) for key in KEYS} | {"files": [f.name for f in reply.files]}
    return to_json(said).decode()


def clean(line: str) -> str:
    """The line without halves of characters, which a wrongly encoded one is read with."""
    return line.encode("utf-8", "replace").decode("utf-8")


def join(words: Sequence[str]) -> str:
    """The words of a shell's command line as one line; a name with spaces is quoted again."""
    if len(words) == 1:
        return words[0]
    return " ".join(in_quotes(word) if " " in word or not word else word for word in words)


def _readline(names: Sequence[str]) -> Callable[[], None] | None:
    """Editing, history and completion, where the platform has them; returns what keeps them."""
    try:
        import readline
    except ImportError:
        return None
    kept = _history_file()
    try:
        readline.read_history_file(kept)
    except OSError:
        readline.clear_history()
    readline.set_completer(_completer(readline, sorted(names)))
    readline.set_completer_delims(" ")
    mac = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if mac else "tab: complete")

    def keep() -> None:
        readline.set_history_length(KEPT_LINES)
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(kept)
        except OSError:
            return  # a home that cannot be written to is no reason to complain

    return keep


def _completer(readline: ModuleType, names: list[str]) -> Callable[[str, int], str | None]:
    def complete(text: str, state: int) -> str | None:
        typed = readline.get_line_buffer()[: readline.get_begidx()].split()
        first = not typed or typed in (["/netmap"], ["help"])
        found = [f"{name} " for name in names if first and name.startswith(text)]
        return found[state] if state < len(found) else None

    return complete


def _history_file() -> Path:
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "netmap" / "history"
