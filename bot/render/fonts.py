"""Fonts for names in every script, of those this machine has; and what none of them can draw."""

from collections.abc import Collection
from functools import cache

FIRST = "DejaVu Sans"
"""Comes with matplotlib."""
FALLBACK = (
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK KR"),
    *("Noto Sans JP", "Noto Sans SC", "Noto Sans TC", "Noto Sans KR", "Source Han Sans"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "IPAexGothic"),
    *("Yu Gothic", "MS Gothic", "Microsoft YaHei", "SimHei", "Microsoft JhengHei"),
    *("Malgun Gothic", "Arial Unicode MS", "Hiragino Sans", "PingFang SC"),
    *("Noto Sans Thai", "Noto Sans Devanagari", "Leelawadee UI", "Nirmala UI", "Segoe UI"),
)
"""Debian's, Windows' and macOS's, in the order in which they are asked for a glyph."""


def families(known: Collection[str]) -> list[str]:
    """Those to draw with, of the fonts that are known."""
    return [FIRST, *(name for name in FALLBACK if name in known)]


def fonts_for(text: str) -> list[str]:
    """What to draw a text with; empty where some of it would be boxes."""
    found = families(_known())
    if not _covers(found, text):
        _learn()
        found = families(_known())
    return found if _covers(found, text) else []


def _known() -> set[str]:
    from matplotlib.font_manager import fontManager

    return {one.name for one in fontManager.ttflist}


def _covers(names: list[str], text: str) -> bool:
    """Whether each character has a glyph in one of these."""
    from matplotlib.font_manager import findfont, get_font

    missing = {ord(character) for character in text}
    for name in names:
        missing -= get_font(findfont(name)).get_charmap().keys()
        if not missing:
            return True
    return not missing


@cache
def _learn() -> None:
    """Know the fonts that were installed since matplotlib made its list; once is enough."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    files = {one.fname for one in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in files:
            try:
                fontManager.addfont(path)
            except (OSError, RuntimeError, ValueError):
                continue  # one that it cannot read
