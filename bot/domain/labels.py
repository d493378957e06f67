"""What people call things by: mapping M12, change C204, request R7, finding F7, digest D3."""

import re

_LABEL = re.compile(r"([A-Za-z]?)([0-9]{1,9})")


def number(said: str, letter: str, bare: bool = False) -> int | None:
    """The number in `C204`; None where that is no label of this letter.

    Args:
        said: in either case.
        letter: in upper case.
        bare: the letter may be left out.
    """
    found = _LABEL.fullmatch(said)
    if found is None or found[1].upper() not in ((letter, "") if bare else (letter,)):
        return None
    return int(found[2])
