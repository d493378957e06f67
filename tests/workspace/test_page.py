"""The page: what it shows to whom, what it lets people do, and that nothing sent becomes markup."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page
from slack_bolt import App

from bot.workspace import Workspace
from tests.browsing import chromium, page_of
from tests.workspace.bench import (
    MANIFEST,
    actions,
    button,
    client_of,
    field,
    modal,
    on_socket,
    option,
    section,
)

PATIENCE_S = 120.0


@pytest.fixture
def web(ws: Workspace) -> Iterator[httpx.Client]:
    """An HTTP client for the page's own addresses."""
    headers = {"X-Workspace": "1"}
    with httpx.Client(
        base_url=ws.url, trust_env=False, headers=headers, timeout=PATIENCE_S
    ) as client:
        yield client


def state(web: httpx.Client, user: str) -> Any:
    """All the page shows this person."""
    return web.get("/page/api/state", params={"as": user}).json()


def test_everybody_sees_their_own_workspace(ws: Workspace, web: httpx.Client) -> None:
    client = client_of(ws)
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANA0001", text="for ana")
    client.chat_postMessage(channel="C0LEADS01", text="for leads")
    client.chat_postMessage(channel="U0BEN0001", text="for ben")

    seen = {
        user: {one["body"]["text"] for one in state(web, user)["messages"]}
        for user in ("ana", "ben", "chloe", "gus")
    }
    channels = {one["name"] for one in state(web, "gus")["channels"]}

    assert seen == {
        "ana": {"for ana", "for leads"},
        "ben": {"for ben"},
        "chloe": {"for leads"},
        "gus": set(),
    }
    assert channels == {"general", "dr-oncall", "directmessage"}


def test_only_the_page_itself_may_act(ws: Workspace, web: httpx.Client) -> None:
    say = {"as": "ana", "do": "say", "channel": "C0GENERAL", "text": "hello"}

    foreign = httpx.post(f"{ws.url}/page/api/act", json=say, trust_env=False, timeout=PATIENCE_S)
    rebound = web.post("/page/api/act", json=say, headers={"Host": "evil.example"})
    nobody = web.post("/page/api/act", json={**say, "as": "netmap"})
    own = web.post("/page/api/act", json=say)

    assert [one.status_code for one in (foreign, rebound, nobody, own)] == [403, 403, 404, 200]
    assert len(ws.messages("general")) == 1


def test_changes_arrive_live_and_only_with_those_who_may_see_them(
    ws: Workspace, web: httpx.Client
) -> None:
    with web.stream("GET", "/page/api/live", params={"as": "ben"}) as stream:
        lines = stream.iter_lines()
        assert "event: ready" in [next(lines), next(lines)]
        client_of(ws).chat_postEphemeral(channel="C0GENERAL", user="U0ANA0001", text="secret")
        client_of(ws).chat_postMessage(channel="C0GENERAL", text="for all")
        first = next(line for line in lines if '"message"' in line)

    assert "for all" in first
    assert "secret" not in first


def test_files_go_up_from_the_page_and_come_down_harmless(ws: Workspace, web: httpx.Client) -> None:
    web.post(
        "/page/api/upload",
        data={"as": "chloe", "channel": "C0PAYROLL", "text": "see"},
        files={"file": ("a.html", b"<script>1</script>", "text/html")},
    )
    file = ws.messages("payroll")[0].files[0]

    mine = web.get(f"/page/api/file/{file['id']}", params={"as": "chloe"})
    other = web.get(f"/page/api/file/{file['id']}", params={"as": "ben"})
    anonymous = httpx.get(file["url_private"], trust_env=False, timeout=PATIENCE_S)
    bot = {"Authorization": f"Bearer {ws.bot_token}"}
    fetched = httpx.get(file["url_private"], headers=bot, trust_env=False, timeout=PATIENCE_S)

    assert mine.content == b"<script>1</script>"
    assert "sandbox" in mine.headers["content-security-policy"]
    assert other.status_code == 404
    assert b"sign in" in anonymous.content
    assert fetched.content == b"<script>1</script>"


def test_the_page_needs_nothing_from_elsewhere(web: httpx.Client) -> None:
    index = web.get("/")
    folder = Path(__file__).parents[2] / "bot" / "workspace" / "page"

    assert "script-src 'self'" in index.headers["content-security-policy"]
    for file in folder.iterdir():
        assert web.get(f"/page/{file.name}").status_code == 200
        text = file.read_text()
        assert "innerHTML" not in text
        assert not [
            line
            for line in text.splitlines()
            if "http" in line and ("import" in line or "src=" in line)
        ]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield page_of(browser)


def listeners(app: App) -> None:
    """A bot with one form and one hostile answer."""
    hostile = "<img src=x onerror=window.hurt=1> &lt;b&gt;bold&lt;/b&gt; *strong* `code`"

    @app.command("/netmap")
    def netmap(ack: Any, command: Any, body: Any, client: Any) -> None:
        if command["text"] == "add":
            view = modal(section("hello"), field("reason"), field("later"))
            client.views_open(trigger_id=body["trigger_id"], view=view)
            ack()
        else:
            ack(text="x", blocks=[section(hostile), actions(button("go"))])

    @app.action("go")
    def go(ack: Any, respond: Any) -> None:
        ack()
        respond(text="pressed", replace_original=True)

    @app.event("app_home_opened")
    def home(event: Any, client: Any) -> None:
        blocks = [section("drawn at once"), actions(button("new", value="1"))]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.action("new")
    def new(ack: Any, body: Any, client: Any) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=modal(field("reason")))
        ack()

    @app.view("form")
    def submit(ack: Any, view: Any, body: Any, client: Any) -> None:
        reason = view["state"]["values"]["b-reason"]["reason"]["value"]
        if reason == "no":
            ack(response_action="errors", errors={"b-reason": "Say more, please."})
        else:
            ack()
            client.chat_postMessage(channel=body["user"]["id"], text=f"noted: {reason}")


def test_a_person_types_presses_and_fills_in_a_form(page: Page) -> None:
    with on_socket(listeners) as ws:
        page.goto(ws.url)
        box = page.locator("#composer-text")
        box.press_sequentially("/net")
        page.keyboard.press("Tab")
        box.press_sequentially("show")
        page.keyboard.press("Enter")
        answer = page.locator("article.private")
        answer.get_by_text("Only visible to you").wait_for()
        assert answer.locator("strong", has_text="strong").count() == 1
        assert answer.locator("img[onerror], b").count() == 0
        assert "<b>bold</b>" in answer.inner_text()
        answer.get_by_role("button", name="Press").click()
        answer.get_by_text("pressed").wait_for()

        box.fill("/netmap add")
        box.press("Enter")
        dialog = page.locator("dialog[open]")
        dialog.get_by_label("reason").fill("no")
        dialog.get_by_role("button", name="OK").click()
        dialog.get_by_text("Please complete this required field.").wait_for()
        dialog.get_by_label("later").fill("now")
        dialog.get_by_role("button", name="OK").click()
        dialog.get_by_text("Say more, please.").wait_for()
        assert dialog.get_by_label("reason").get_attribute("aria-invalid") == "true"
        dialog.get_by_label("reason").fill("because")
        dialog.get_by_role("button", name="OK").click()
        dialog.wait_for(state="detached")

        page.goto(f"{ws.url}/#/ana/netmap/messages")
        page.locator("article", has_text="noted: because").wait_for()
        assert page.evaluate("window.hurt") is None
        assert ws.violations == []


def test_home_is_drawn_on_arrival_and_a_form_outlives_a_reload(page: Page) -> None:
    with on_socket(listeners) as ws:
        page.goto(f"{ws.url}/#/ben/netmap/home")
        page.locator(".home", has_text="drawn at once").wait_for()
        page.get_by_role("button", name="Press").click()
        page.locator("dialog[open]").get_by_label("reason").wait_for()
        page.reload()
        page.locator("dialog[open]").get_by_label("reason").wait_for()
        page.keyboard.press("Escape")
        page.locator("dialog").wait_for(state="detached")

        assert ws.views("ben") == []
        assert ws.violations == []


def test_a_picker_stays_open_while_the_form_is_drawn_anew(page: Page) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def two_pickers(*more: dict[str, Any]) -> dict[str, Any]:
        def picker(name: str) -> dict[str, Any]:
            options = [option(f"{name} {nth}") for nth in range(10, 24)]
            element = {"type": "static_select", "action_id": name, "options": options}
            return {**field(name), "element": element, "dispatch_action": True}

        return modal(*(picker(name) for name in ("left", "right")), *more)

    def slow(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any, body: Any, client: Any) -> None:
            client.views_open(trigger_id=body["trigger_id"], view=two_pickers())
            ack()

        @app.action("left")
        def left(ack: Any, body: Any, client: Any) -> None:
            ack()
            asked.set()
            go_on.wait(120)
            client.views_update(view_id=body["view"]["id"], view=two_pickers(section("drawn")))

        @app.action("right")
        def right(ack: Any) -> None:
            ack()

    with on_socket(slow) as ws:
        page.goto(ws.url)
        page.locator("#composer-text").fill("/netmap x")
        page.locator("#composer-text").press("Enter")
        dialog = page.locator("dialog[open]")
        dialog.get_by_role("button", name="left").click()
        page.get_by_role("option", name="left 12").click()
        assert asked.wait(120)
        dialog.get_by_role("button", name="right").click()
        page.get_by_role("combobox", name="Search right").fill("12")
        page.get_by_role("option", name="right 11").wait_for(state="detached")

        go_on.set()
        dialog.get_by_text("drawn").wait_for()

        assert page.get_by_role("combobox", name="Search right").input_value() == "12"
        page.get_by_role("option", name="right 12").click()
        dialog.get_by_role("button", name="right: right 12").wait_for()
        dialog.get_by_role("button", name="left: left 12").wait_for()
        assert ws.violations == []
        page.keyboard.press("Escape")


def test_acting_as_another_shows_their_zone_and_not_anothers_secrets(page: Page) -> None:
    with Workspace(MANIFEST) as ws:
        ws.clock.set(1_795_338_000)  # 22 November 2026, 09:00 UTC
        client_of(ws).chat_postMessage(
            channel="C0ONCALL1", text="at <!date^1795338000^{date_short_pretty} {time}|09:00 UTC>"
        )
        client_of(ws).chat_postEphemeral(channel="C0ONCALL1", user="U0ANA0001", text="only ana")

        page.goto(f"{ws.url}/#/ana/dr-oncall")
        page.locator("article", has_text="at Today 10:00").wait_for()
        page.locator("article", has_text="only ana").wait_for()
        page.get_by_role("button", name="Acting as Ana Ferreira").click()
        page.get_by_role("menuitemradio", name="Ben Okafor").click()
        page.locator("article", has_text="at Today 4:00").wait_for()

        assert page.locator("article", has_text="only ana").count() == 0


TOP_IN_VIEW = """text => {
    const all = [...document.querySelectorAll("article")];
    const top = all.findLast(one => one.innerText.includes(text)).getBoundingClientRect().top;
    return Math.abs(top - document.querySelector("#content").getBoundingClientRect().top) < 3;
}"""


def test_the_first_line_of_a_long_answer_stays_in_view(page: Page) -> None:
    def long(app: App) -> None:
        @app.command("/netmap")
        def netmap(ack: Any, command: Any) -> None:
            ack(text="\n".join([f"answer {command['text']}", *["a line"] * 200]))

    with on_socket(long) as ws:
        page.goto(ws.url)
        box = page.locator("#composer-text")
        for nth in ("one", "two", "three"):
            box.fill(f"/netmap {nth}")
            box.press("Enter")
            page.locator("article", has_text=f"answer {nth}").wait_for()
            page.wait_for_function(TOP_IN_VIEW, arg=f"answer {nth}")
            page.locator(".scroller").evaluate("node => { node.scrollTop = 40; }")


def test_a_table_fits_a_phone_where_its_words_do(page: Page) -> None:
    row = [{"type": "raw_text", "text": text} for text in ("web01", "NIC 0", "Prod / Web → DR")]
    wrapped = [{"is_wrapped": True}] * 3
    with Workspace(MANIFEST) as ws:
        block = {"type": "table", "rows": [row, row], "column_settings": wrapped}
        client_of(ws).chat_postMessage(channel="C0ONCALL1", text="x", blocks=[block])
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{ws.url}/#/ana/dr-oncall")

        wrap = page.locator(".table-wrap")
        wrap.wait_for()

        assert wrap.evaluate("node => node.scrollWidth <= node.clientWidth")
        assert ws.violations == []
    page.set_viewport_size({"width": 1180, "height": 1010})
