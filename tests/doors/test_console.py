import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot import console
from bot.domain.replies import Attachment, Fault, Reply


def echo(line: str) -> Reply:
    if line == "no":
        return Reply(command=line, ok=False, text="No.", error=Fault(code="refused", message="No."))
    return Reply(command=line, text=f"You said {line}\n  twice", found={"n": 1})


def test_each_line_gets_one_object_with_these_keys() -> None:
    out = io.StringIO()

    console.machine(echo, ["vm a\n", "\n", "no\n"], out)

    first, second = [json.loads(line) for line in out.getvalue().splitlines()]
    keys = ["command", "ok", "error", "text", "blocks", "visibility", "files", "result"]
    assert list(first) == keys
    assert (first["command"], first["ok"], first["result"]) == ("vm a", True, {"n": 1})
    assert (second["ok"], second["error"]["code"]) == (False, "refused")


TABLE = Attachment(name="maps.csv", text="a,b\r\n")


def test_a_program_gets_the_names_of_files() -> None:
    given = json.loads(console.as_json(Reply(text="1 mapping", files=[TABLE])))

    assert (given["text"], given["files"]) == ("1 mapping", ["maps.csv"])


def test_files_are_written_where_one_says_or_said_not_to_be(tmp_path: Path) -> None:
    def export(line: str) -> Reply:
        return Reply(text="1 mapping", files=[TABLE])

    unwritten = console.with_files(export, None)("export").text
    written = console.with_files(export, tmp_path)("export").text
    lost = console.with_files(export, tmp_path / "gone")("export")

    assert unwritten == "1 mapping\n  ! maps.csv was not written: --files FOLDER writes it."
    assert written == f"1 mapping\n  Written to {tmp_path / 'maps.csv'}."
    assert (tmp_path / "maps.csv").read_bytes() == b"a,b\r\n"
    assert not lost.ok
    assert "cannot be written: No such file or directory" in lost.text


def test_halves_of_characters_become_a_mark() -> None:
    out = io.StringIO()

    console.machine(echo, ["vm \udcff\n"], out)

    assert json.loads(out.getvalue())["command"] == "vm ?"


def test_lines_are_answered_until_somebody_leaves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("vm a\n\n  exit \nvm b\n"))

    console.converse(echo, ["vm"], "Hello")

    assert capsys.readouterr().out == "You said vm a\n  twice\n"


def test_the_first_line_stands_out_on_a_terminal_only() -> None:
    assert console.shown(Reply(text="a\nb"), console.COLOURS) == "\033[1ma\033[0m\nb"
    assert console.shown(Reply(text="a\nb", ok=False), console.COLOURS).startswith("\033[1;31ma")
    assert console.shown(Reply(text="a\nb")) == "a\nb"


def test_lines_are_broken_between_words_and_commands_not_at_all() -> None:
    command = '/netmap add "Old ERP" on VMM-NewYork to <network>'
    text = f"Twelve replica VMs are reconnected.\n  one two three four\n  To map: {command} · C5"

    shown = console.shown(Reply(text=text), width=20)

    assert shown.splitlines() == [
        "Twelve replica VMs",
        "    are reconnected.",
        "  one two three four",
        "  To map:",
        f"      {command}",
        "      · C5",
    ]
    assert console.shown(Reply(text=text)) == text


def test_colours_need_a_terminal_and_nobody_against_them() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert console.look(Terminal(), {}) == console.COLOURS
    assert console.look(Terminal(), {"NO_COLOR": "1"}) == console.PLAIN
    assert console.look(Terminal(), {"TERM": "dumb"}) == console.PLAIN
    assert console.look(io.StringIO(), {}) == console.PLAIN


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["vm web01"], "vm web01"),
        (["vm", "web01", "--test"], "vm web01 --test"),
        (["add", "Prod Web", "to", "DR"], 'add "Prod Web" to DR'),
        (['vm "a b"'], 'vm "a b"'),
    ],
)
def test_words_of_a_shell_become_one_line(words: list[str], line: str) -> None:
    assert console.join(words) == line


def test_a_terminal_shows_a_prompt_an_answer_and_survives_ctrl_c(
    sample_db: Path, tmp_path: Path
) -> None:
    terminal, end = pty.openpty()
    environ = os.environ | {
        "NETMAP_DB": str(sample_db),
        "XDG_STATE_HOME": str(tmp_path),
        "TERM": "xterm",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "console"],
        stdin=end,
        stdout=end,
        stderr=end,
        env=environ,
        preexec_fn=hear_interrupts,
    )
    os.close(end)
    try:
        read_until(terminal, "netmap> ")
        os.write(terminal, b"half a li")
        read_until(terminal, "half a li")
        process.send_signal(signal.SIGINT)
        read_until(terminal, "netmap> ")
        os.write(terminal, b"whoami\n")
        seen = read_until(terminal, "netmap> ")
        assert "admin" in seen
        assert "\033[1m" in seen
        os.write(terminal, b"\x04")
        assert process.wait(120) == 0
        assert "whoami" in (tmp_path / "netmap" / "history").read_text()
    finally:
        process.kill()
        os.close(terminal)


def hear_interrupts() -> None:
    """A job in the background of a script is started deaf to Ctrl-C; a console is not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def read_until(terminal: int, text: str) -> str:
    """What the terminal shows, up to `text` and a little quiet."""
    seen, until = b"", time.monotonic() + 120
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 0.3)
        if ready:
            seen += os.read(terminal, 4096)  # which may end within a character
        elif text.encode() in seen:
            return seen.decode()
    raise TimeoutError(seen)
