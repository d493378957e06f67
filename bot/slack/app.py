"""The Bolt app: every payload is acknowledged at once, whatever comes of it.

Listeners run inline (`process_before_response`), as Bolt's default waits in a polling loop and
shares five threads with slow work. So nothing here may wait: quick lines are answered in the
acknowledgement, everything else goes to the pool.
"""

import logging
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pydantic_core import to_json
from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware import Middleware
from slack_bolt.request.payload_utils import is_slash_command
from slack_sdk import WebClient

from bot.commands import Said, read
from bot.domain.numbers import plural
from bot.domain.replies import Reply, StepKind
from bot.slack.messages import escape, notice, response
from bot.slack.payloads import Address, Body, Kind, address_of, is_from_a_bot, kind_of, spoken
from bot.slack.people import People
from bot.slack.pool import Closed, Pool
from bot.slack.replies import Replies
from bot.slack.rooms import Rooms
from bot.slack.seen import Seen

log = logging.getLogger(__name__)

PAGE = 12
"""Rows of a long list that fit into a message."""

ANYTHING = re.compile(".*", re.DOTALL)

BUSY = "Working on it; {} before yours."
STOPPING = "netmap is being restarted. Ask again in a minute."
INTERRUPTED = (
    "netmap was stopped before this was answered. Ask again in a minute;"
    " `/netmap history` shows whether a change was made."
)
NEW_MAPPING = "netmap_new_mapping"
"""Callback of the global shortcut."""
OUTDATED = "This is from another version of netmap and does nothing any more. Ask again."


Headers = dict[str, str | Sequence[str]]


class Answer(Protocol):
    """What the wiring answers a line with; never raises."""

    def __call__(self, said: Said, /, by: str, page: int | None, where: str, zone: str) -> Reply:
        """Answer what was read of a line."""
        ...


class Conversation:
    """What listeners do: answer now, or hand it to the pool."""

    def __init__(
        self,
        answer: Answer,
        quick: Callable[[Said], bool],
        pool: Pool,
        replies: Replies,
        people: People,
    ) -> None:
        self._answer = answer
        self._quick = quick
        self._pool = pool
        self._replies = replies
        self._people = people
        self._seen = Seen()
        self.rooms: Rooms | None = None
        """Buttons, forms, Home; without them only lines are answered."""

    def command(self, body: Body) -> dict[str, Any] | None:
        """A slash command; returns what the acknowledgement says."""
        to, said = address_of(body), read(str(body.get("text", "")), escaped=True)
        assert to is not None
        trigger = str(body.get("trigger_id", ""))
        if said.may_change and trigger and not self._seen.first(trigger):
            log.info("a command was delivered again; it is done once")
            return None
        rooms = self.rooms
        if rooms is not None and rooms.forms.wanted_by(said):
            rooms.forms.open(trigger, to, {})
            return None
        form = rooms.subscribing.wanted_by(said) if rooms is not None else None
        if rooms is not None and form is not None:
            rooms.subscribing.open(form, trigger, to)
            return None
        known = rooms is None or rooms.desk.access.ready(to.user)
        if known and self._quick(said):
            return response(self._ask(to, said, self._people.known(to.user).zone))
        return self.later(to, lambda: self._answer_long(to, said, self._replies.answer))

    def words(self, body: Body) -> None:
        """A mention or a direct message, answered where it was written."""
        event = body.get("event", {})
        kind = event.get("subtype")
        if is_from_a_bot(body) or kind not in (None, "file_share", "thread_broadcast"):
            return
        if event.get("type") == "message" and event.get("channel_type") != "im":
            return
        to, line = address_of(body), spoken(body)
        handed = event.get("type") == "message" and kind == "file_share"
        if to is None or (event.get("type") == "message" and not line and not handed):
            return
        if not self._seen.first(str(body.get("event_id", event.get("ts", "")))):
            log.info("an event was delivered again; it is answered once")
            return
        event_id = str(body.get("event_id", ""))
        taken = handed and self.rooms is not None and self.rooms.handed.given(body, to)
        if taken or (handed and not line):
            return
        said = read(line, escaped=True)
        self.later(to, lambda: self._answer_once(to, said, event_id))

    def tell(self, body: Body, text: str) -> None:
        """Say something to whoever sent the payload, if anybody did."""
        to = address_of(body)
        if to is not None and to.user:
            self.later(to, lambda: self._replies.tell(to, text))

    def later(self, to: Address, work: Callable[[], None]) -> dict[str, Any] | None:
        """Have work done soon; returns what to say meanwhile, if anything."""

        def careful() -> None:
            try:
                work()
            except Exception as error:
                self._replies.tell(to, bug("an answer", error))

        try:
            waiting = self._pool.submit(careful, lambda: self._replies.tell(to, INTERRUPTED))
        except Closed:
            return {"response_type": "ephemeral", "text": STOPPING}
        if waiting:
            return {"response_type": "ephemeral", "text": BUSY.format(plural(waiting, "request"))}
        return None

    def pressed(self, body: Body) -> bool:
        """A press, or a choice in a form; False where it is none of ours."""
        rooms = self.rooms
        if rooms is None:
            return False
        return rooms.forms.pressed(body) or rooms.home.pressed(body) or rooms.presses.pressed(body)

    def shortcut(self, body: Body) -> bool:
        """A shortcut; False where it is none of ours."""
        rooms, to = self.rooms, address_of(body)
        if rooms is None or to is None:
            return False
        if body.get("callback_id") == NEW_MAPPING:
            rooms.forms.open(str(body.get("trigger_id", "")), to, {})
            return True
        return rooms.incidents.used(body, to)

    def options(self, body: Body) -> dict[str, Any]:
        """What a picker offers."""
        rooms = self.rooms
        if rooms is None:
            return {"options": []}
        return rooms.forms.options(body) or rooms.subscribing.options(body) or {"options": []}

    def submitted(self, body: Body) -> dict[str, Any] | None:
        """What a submitted form is answered with; None where it is none of ours."""
        rooms = self.rooms
        if rooms is None:
            return None
        for room in (rooms.forms, rooms.hushing, rooms.subscribing):
            said = room.submitted(body)
            if said is not None:
                return said
        return None

    def home_opened(self, body: Body) -> None:
        """Somebody opened their Home."""
        if self.rooms is not None:
            self.rooms.home.opened(body)

    def _answer_once(self, to: Address, said: Said, event_id: str) -> None:
        """Answer words where they were written; a change only once, over restarts."""
        rooms = self.rooms
        writes = rooms is not None and event_id and not said.only_reads
        if rooms is not None and writes and not rooms.desk.first(f"event:{event_id}"):
            log.info("an event was delivered again; it changes nothing twice")
            return
        self._answer_long(to, said, self._say_to_all)

    def _say_to_all(self, to: Address, reply: Reply) -> bool:
        reply.steps = [step for step in reply.steps if step.kind is not StepKind.SHARE]
        return self._replies.say(to, reply)

    def _answer_long(
        self, to: Address, said: Said, bring: Callable[[Address, Reply], bool]
    ) -> None:
        rooms, zone = self.rooms, self._people.look_up(to.user).zone
        if rooms is None:
            bring(to, self._ask(to, said, zone))
            return
        progress = rooms.after.progress(to)
        reply = rooms.desk.answer(said, to.user, to.channel, zone, watcher=progress)
        progress.finish(reply, lambda: bring(to, reply))
        rooms.after(to, reply)

    def _ask(self, to: Address, said: Said, zone: str) -> Reply:
        return self._answer(said, to.user, PAGE, to.channel, zone)


class Commands(Middleware):
    """Answers slash commands, of whatever name: it is configurable, and only ours are sent here.

    A listener would do. To match one and to give it its arguments by name takes Bolt as long as
    all the rest that it does. Nobody is authorised first: there is one token, and who may say what
    is asked of their id.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def process(
        self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], object]
    ) -> BoltResponse | None:
        """The acknowledgement, with the answer in it where it is a quick one."""
        if not is_slash_command(req.body):
            next()
            return None
        said = self._conversation.command(req.body)
        # Bolt would write the JSON in twice the time.
        return BoltResponse(status=200, body="" if said is None else to_json(said).decode())


def build_app(client: WebClient, token: str, conversation: Conversation) -> App:
    """The app, with a listener for everything that Slack can send.

    Args:
        client: the one that listeners would be given; has the address and no token.
        token: the bot's. Authorisation is answered here, as Bolt's own asks Slack before the
            first acknowledgement.
        conversation: what to do.
    """

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    bolt = logging.getLogger("slack_bolt")
    bolt.setLevel(logging.ERROR)  # below that it writes payloads, and warns of what is meant so
    app = App(
        name="netmap",
        logger=bolt,
        client=client,
        authorize=authorize,
        process_before_response=True,
        before_authorize=Commands(conversation),
        # Signatures are verified by the HTTP door, which does not log the bodies it refuses.
        request_verification_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    @app.event("app_mention")
    @app.event("message")
    def on_words(body: Body) -> None:
        conversation.words(body)

    @app.event("app_home_opened")
    def on_home(body: Body) -> None:
        conversation.home_opened(body)

    @app.event(ANYTHING)
    def on_other_event() -> None:
        return  # subscribed to by hand; acknowledged, so that Slack does not repeat it

    @app.action(ANYTHING)
    def on_press(ack: Ack, body: Body) -> None:
        ack()  # Slack wants it within three seconds, whatever we do next.
        if not conversation.pressed(body):
            conversation.tell(body, OUTDATED)

    @app.shortcut(ANYTHING)
    def on_shortcut(ack: Ack, body: Body) -> None:
        ack()
        if not conversation.shortcut(body):
            conversation.tell(body, OUTDATED)

    @app.options(ANYTHING)
    def on_options(ack: Ack, body: Body) -> None:
        ack(**conversation.options(body))

    @app.view_submission(ANYTHING)
    def on_form(ack: Ack, body: Body) -> None:
        said = conversation.submitted(body)
        ack(**({"response_action": "update", "view": notice(OUTDATED)} if said is None else said))

    @app.view_closed(ANYTHING)
    def on_closed(ack: Ack) -> None:
        ack()

    @app.error
    def on_error(error: Exception, body: Body) -> BoltResponse:
        return excuse(conversation, body, error)

    return app


def dispatch(
    app: App, conversation: Conversation, body: Body, headers: Headers | None = None
) -> BoltResponse:
    """Let the app answer; what it leaves unanswered is acknowledged with a reference.

    Args:
        body: a payload of any shape, parsed: Bolt takes it as it takes those of Socket Mode.
        headers: it came with, if any.
    """
    try:
        request = BoltRequest(mode="socket_mode", body=body, headers=headers)
        answered = app.dispatch(request)
    except Exception as error:
        return excuse(conversation, body, error)
    if answered.status == 200:
        return answered
    log.error("a %s was left unanswered (%d)", kind_of(body), answered.status)
    return acknowledgement(body, OUTDATED)


def excuse(conversation: Conversation, body: Body, error: Exception) -> BoltResponse:
    """Log a bug under a reference, tell it to the person, and acknowledge."""
    text = bug(f"a {kind_of(body)}", error)
    if kind_of(body) in (Kind.EVENT, Kind.ACTION, Kind.SHORTCUT):
        conversation.tell(body, text)  # their acknowledgements cannot say anything
    return acknowledgement(body, text)


def bug(what: str, error: Exception) -> str:
    """Log it under a reference; returns the sentence that tells the person."""
    reference = secrets.token_hex(4)
    log.error("bug %s: %s failed", reference, what, exc_info=error)
    return f"That should not have happened. Tell an operator `{reference}`."


def acknowledgement(body: Body, text: str) -> BoltResponse:
    """An acknowledgement that says `text` as far as the payload's kind lets it."""
    said: dict[str, Any] | str
    match kind_of(body):
        case Kind.COMMAND:
            said = {"response_type": "ephemeral", "text": escape(text)}
        case Kind.SUBMISSION:
            said = {"response_action": "update", "view": notice(text)}
        case Kind.OPTIONS:
            said = {"options": []}
        case _:
            said = ""
    return BoltResponse(status=200, body=said)


__all__ = ["Answer", "Conversation", "build_app", "dispatch"]
