"""Names as people type them and as VMM has them, made comparable.

What is stored can be typed: the key of a stored name and the key of the typed one come from here.
"""

import re
import unicodedata
from collections.abc import Sequence

_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_CONTROL = re.compile("[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f]")

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_ALL_PLAIN = re.compile(r"[!-~]+(?:[ \n][!-~]+)*")


def visible(text: str) -> str:
    """The text without zero-width and bidirectional controls, which can disguise a name."""
    return _INVISIBLE.sub("", text)


def has_control(text: str) -> bool:
    """Whether control characters other than white space are in the text."""
    return _CONTROL.search(text) is not None


def normal(text: str) -> str:
    """NFC, invisible characters dropped, every run of white space one space, none at the ends.

    Normalising twice changes nothing.
    """
    if _PLAIN.fullmatch(text):
        return text  # as most is, and nothing of what follows does anything to it
    return _SPACES.sub(" ", unicodedata.normalize("NFC", visible(text))).strip()


def name_key(text: str) -> str:
    """What two names are compared by when letter case is set aside."""
    if _PLAIN.fullmatch(text):
        return text.lower()
    return unicodedata.normalize("NFC", normal(text).casefold())


def name_keys(texts: Sequence[str]) -> list[str]:
    """The same of many: where all are plain, in a third of the time."""
    lines = "\n".join(texts)
    if _ALL_PLAIN.fullmatch(lines):
        keys = lines.lower().split("\n")
        if len(keys) == len(texts):  # no name spans lines
            return keys
    return [*map(name_key, texts)]


def slips(key: str) -> list[str]:
    """Keys that one slip of the hand turns into this one, and a zero that was left out.

    Two characters swapped, one too many, `web1` for `web01`.
    """
    zeros = [f"{key[: m.start()]}0{key[m.start() :]}" for m in re.finditer(r"(?<!\d)\d", key)]
    swapped = [f"{key[:n]}{key[n + 1]}{key[n]}{key[n + 2 :]}" for n in range(len(key) - 1)]
    fewer = [key[:n] + key[n + 1 :] for n in range(len(key))]
    return [one for one in dict.fromkeys([*zeros, *swapped, *fewer]) if one not in ("", key)]
