"""Pictures of the estate; what is on them is in the text as well."""

import struct
import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]  # it has no types
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]  # the same
from matplotlib.font_manager import fontManager

from bot.domain.answers.digests import DigestChanged, DigestList
from bot.domain.codes import LineState, Severity
from bot.domain.maps import DayCount, EstateMap, MapLine, MapPanel
from bot.render import fonts, pictures
from bot.render.digests import changed, listing
from bot.render.maps import estate_map, trend_in_words
from tests.render.build import DIGEST
from tests.render.show import show

PNG = b"\x89PNG\r\n\x1a\n"


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(PNG)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def line(source: str, target: str = "", state: LineState = LineState.WELL) -> MapLine:
    mapping = "M1" if target else ""
    return MapLine(source=source, target=target, mapping=mapping, state=state, vms=3, subnets=2)


def estate(*lines: MapLine) -> EstateMap:
    day = date(2026, 11, 1)
    return EstateMap(
        panels=[MapPanel(source="VMM-A", target="VMM-B", lines=list(lines))],
        trend=[
            DayCount(day + timedelta(days=n), severity, n)
            for n in range(20)
            for severity in Severity
        ],
    )


def test_every_line_grows_the_picture_until_it_could_not_be_read() -> None:
    heights = [
        size(pictures.draw_map(estate(*(line(f"N{n}", "T") for n in range(count)))))[1]
        for count in (1, 10, 40, 400)
    ]

    assert all(lower < higher for lower, higher in pairwise(heights[:3]))
    assert heights[3] - heights[2] < 40


@pytest.mark.filterwarnings("error")
def test_strange_names_are_drawn_and_not_interpreted() -> None:
    names = ("$x_1$", "R&D <!channel>", "\\frac{", "a\nb", "x" * 200, "网络", "\u202egnp")

    assert size(pictures.draw_map(estate(*(line(name, name) for name in names))))[0] > 500


def make_font(path: Path, name: str, letters: str) -> None:
    """A font whose every letter is a square."""
    pen = TTGlyphPen(None)
    for nth, corner in enumerate([(0, 0), (0, 900), (900, 900), (900, 0)]):
        (pen.lineTo if nth else pen.moveTo)(corner)
    pen.closePath()
    square = pen.glyph()
    glyphs = [".notdef", *(f"uni{ord(letter):04X}" for letter in letters)]
    made = FontBuilder(1000)
    made.setupGlyphOrder(glyphs)
    made.setupCharacterMap({ord(letter): f"uni{ord(letter):04X}" for letter in letters})
    made.setupGlyf(dict.fromkeys(glyphs, square))
    made.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 0)))
    made.setupHorizontalHeader(ascent=900, descent=-100)
    made.setupNameTable({"familyName": name, "styleName": "Regular"})
    made.setupOS2(sTypoAscender=900)
    made.setupPost()
    made.save(path)


@pytest.mark.filterwarnings("error")
def test_names_in_other_scripts_are_drawn_with_a_font_that_has_them(tmp_path: Path) -> None:
    before = pictures.draw_map(estate(line("彁彁", "DR")))
    make_font(tmp_path / "cjk.ttf", "Malgun Gothic", "彁")
    fontManager.addfont(str(tmp_path / "cjk.ttf"))
    try:
        assert fonts.fonts_for("彁彁") == [fonts.FIRST, "Malgun Gothic"]
        assert pictures.draw_map(estate(line("彁彁", "DR"))) != before
    finally:
        fontManager.ttflist = [one for one in fontManager.ttflist if "cjk.ttf" not in one.fname]


def test_what_no_font_has_is_told_by_its_mapping() -> None:
    drawn = pictures.draw_map(estate(line("\U0002a6d6", "DR")))

    assert fonts.fonts_for("\U0002a6d6") == []
    assert drawn == pictures.draw_map(estate(line("(see M1 in the message)", "DR")))


def test_fonts_are_asked_in_one_order_whatever_order_they_are_found_in() -> None:
    assert fonts.families({"SimHei", "Arial", "Noto Sans CJK JP"}) == [
        "DejaVu Sans",
        "Noto Sans CJK JP",
        "SimHei",
    ]


def test_the_text_says_what_the_picture_shows() -> None:
    reply = estate_map(
        estate(
            line("Prod", "DR"),
            line("Lab", "DR", LineState.BROKEN),
            line("DB", "", LineState.BROKEN),
        ),
        show(),
    )

    assert reply.text.splitlines()[0] == (
        "2 mappings: 1 well, 1 broken; 1 network with 3 VMs not mapped."
    )
    assert [file.name for file in reply.files] == ["netmap-map.png", "netmap-findings.png"]
    assert all(file.alt and size(file.data) for file in reply.files)


def test_an_empty_estate_has_no_picture() -> None:
    reply = estate_map(EstateMap(panels=[]), show())

    assert reply.files == []
    assert reply.text.startswith("There is nothing to draw")


def test_a_trend_of_one_clean_day_can_be_drawn() -> None:
    trend = [DayCount(date(2026, 11, 1), Severity.HIGH, 0)]

    assert size(pictures.draw_trend(trend))
    assert trend_in_words(trend) == "Open findings on 1 Nov: 0."


def test_who_wants_pictures_that_cannot_be_drawn_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = DIGEST.model_copy(update={"picture": True})
    told = DigestChanged(verb="on", digest=wanted, change="C9")
    assert "matplotlib" not in changed(told, show()).text
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    for reply in (
        changed(told, show()),
        listing(DigestList(digests=[wanted]), show()),
        estate_map(estate(line("A")), show()),
    ):
        assert "install netmap with its extra picture" in reply.text
    assert "matplotlib" not in listing(DigestList(digests=[DIGEST]), show()).text


def test_mappings_are_counted_as_one_says_it() -> None:
    look = LineState.ATTENTION
    one, two = line("A", "B", look), line("C", "D", look)

    assert estate_map(estate(one), show()).text.startswith("1 mapping: 1 needs a look.")
    assert estate_map(estate(one, two), show()).text.startswith("2 mappings: 2 need a look.")
