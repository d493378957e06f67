from hypothesis import given
from hypothesis import strategies as st

from bot.domain.replies import Reply, Visibility
from bot.slack.messages import cut, escape, message, notice, response


@given(st.text())
def test_no_text_can_mention_anybody(text: str) -> None:
    escaped = escape(text)

    assert "<" not in escaped
    assert ">" not in escaped
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@given(st.text(alphabet="&<>ab"), st.integers(8, 30))
def test_a_cut_text_is_short_enough_and_holds_no_half_entity(text: str, longest: int) -> None:
    short = cut(escape(text), longest)

    assert len(short) <= longest
    rest = short.removesuffix("…")
    for entity in ("&lt;", "&gt;", "&amp;"):
        rest = rest.replace(entity, "")
    assert "&" not in rest


def test_text_is_escaped_and_blocks_are_taken_as_they_are() -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "a &amp; b"}}]

    assert message(Reply(text="a & b", blocks=blocks)) == {"text": "a &amp; b", "blocks": blocks}
    assert message(Reply(text="a & b")) == {"text": "a &amp; b"}


def test_who_may_see_it_is_always_said() -> None:
    assert response(Reply(text="x"))["response_type"] == "ephemeral"
    public = Reply(text="x", visibility=Visibility.IN_CHANNEL)
    assert response(public)["response_type"] == "in_channel"


def test_a_notice_fits_into_a_section() -> None:
    assert len(notice("x" * 5_000)["blocks"][0]["text"]["text"]) == 3_000
