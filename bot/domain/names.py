"""Names as people type them and as VMM has them, made comparable.

What is stored can be typed: the key of a stored name and the key of the typed one come from here.
"""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_CONTROL = re.compile("[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f]")

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")


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
