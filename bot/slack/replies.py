"""Bring an answer to a person after the acknowledgement, by whichever way is still open."""

import logging
from collections.abc import Callable

from slack_sdk.errors import SlackClientError

from bot.domain.replies import Attachment, Reply, Visibility
from bot.slack.clients import Clients
from bot.slack.messages import Message, cut, message, visibility
from bot.slack.payloads import Address
from bot.slack.people import reason
from bot.slack.uploads import upload

log = logging.getLogger(__name__)

_FORM = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "invalid_payload",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
    }
)
"""Slack's words for a message it finds malformed: no other way would take it either."""


NO_FILES = (
    "Slack did not take the file. Whoever runs netmap can give its app the scope `files:write`."
)
EDITED = 3_900
"""Characters of text that Slack takes in an edit."""


class Replies:
    """Sends answers; only workers use it, as it waits for Slack."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._web = clients.web(patient=True)

    def answer(self, to: Address, reply: Reply) -> bool:
        """Answer a slash command: response URL, then the channel, then a direct message.

        Returns:
            whether any way was open.
        """
        shown = message(reply)
        ways = [lambda body: self._respond(to, {"response_type": visibility(reply), **body})]
        if to.channel and reply.visibility is Visibility.IN_CHANNEL:
            ways.append(lambda body: self._post(to, body))
        elif to.channel:
            ways.append(lambda body: self._whisper(to, body))
        ways.append(lambda body: self._direct(to, body))
        return self._first(ways, shown)

    def say(self, to: Address, reply: Reply) -> bool:
        """Answer a mention or a direct message where it was written; whether any way was open."""
        return self.say_so(to, message(reply))

    def say_so(self, to: Address, body: Message) -> bool:
        """The same of what is drawn already."""
        ways = [lambda body: self._direct(to, body)] if to.user else []
        if to.channel:
            ways.insert(0, lambda body: self._post(to, body))
        return self._first(ways, body)

    def post(self, to: Address, body: Message) -> str:
        """Post into a channel or thread; the message's ts, empty where Slack refuses."""
        posted: list[str] = []
        self._post(to, body, posted)
        return posted[0] if posted else ""

    def post_directly(self, user: str, body: Message) -> tuple[str, str]:
        """Post into the direct message with a person; its channel and the message's ts."""
        channel, refusal = self._open(user)
        return (channel, "") if refusal else (channel, self.post(Address(user, channel), body))

    def edit(self, channel: str, ts: str, body: Message) -> bool:
        """Give a message of ours another content; whether Slack took it."""
        return not self.amend(channel, ts, body)

    def amend(self, channel: str, ts: str, body: Message) -> str:
        """The same; Slack's refusal, empty if there was none."""
        body = {**body, "text": cut(body["text"], EDITED)}
        return self._call(
            "chat.update", lambda: self._web.chat_update(channel=channel, ts=ts, **body)
        )

    def replace(self, to: Address, reply: Reply) -> bool:
        """Put an answer in the place of the message that was pressed; whether Slack took it."""
        body = {"response_type": visibility(reply), **message(reply), "replace_original": True}
        return not self._respond(to, body)

    def direct(self, user: str, reply: Reply) -> bool:
        """Answer in a direct message; whether Slack took it."""
        return self._first([lambda body: self._direct(Address(user), body)], message(reply))

    def upload(self, user: str, file: Attachment, comment: str) -> str:
        """Send a file to one person alone; Slack's refusal, empty if there was none."""
        channel, refusal = self._open(user)
        return refusal or self._call(
            "files.completeUploadExternal",
            lambda: upload(self._web, channel, file, comment),
        )

    def tell(self, to: Address, text: str) -> None:
        """Say something to one person alone, about what they just did."""
        reply = Reply(text=text, ok=False)
        if to.response_url:
            self.answer(to, reply)
        elif to.channel:
            self._first(
                [lambda body: self._whisper(to, body), lambda body: self._direct(to, body)],
                message(reply),
            )
        else:
            self._first([lambda body: self._direct(to, body)], message(reply))

    def _first(self, ways: list[Callable[[Message], str]], body: Message) -> bool:
        """Try each way until one succeeds; a message found malformed goes as text alone."""
        for way in ways:
            refusal = way(body)
            if refusal in _FORM and "blocks" in body:
                log.error("Slack refused the form of an answer (%s); sent its text", refusal)
                body = {"text": body["text"]}
                refusal = way(body)
            if not refusal:
                return True
        log.error("an answer could not be brought to the person who asked")
        return False

    def _respond(self, to: Address, body: Message) -> str:
        if not to.response_url:
            return "no_response_url"
        try:
            got = self._clients.response(to.response_url).send_dict(
                {"replace_original": False, **body}
            )
        except (SlackClientError, OSError) as error:
            log.warning("response_url: %s", reason(error))
            return type(error).__name__
        if got.status_code == 200:
            return ""
        refusal = got.body.strip()[:60] or str(got.status_code)
        log.warning("response_url: %d %s", got.status_code, refusal)
        return refusal

    def _post(self, to: Address, body: Message, posted: list[str] | None = None) -> str:
        def post_it() -> None:
            answer = self._web.chat_postMessage(
                channel=to.channel,
                thread_ts=to.thread_ts or None,
                unfurl_links=False,
                unfurl_media=False,
                **body,
            )
            if posted is not None:
                posted.append(str(answer.get("ts", "")))

        return self._call("chat.postMessage", post_it)

    def _whisper(self, to: Address, body: Message) -> str:
        return self._call(
            "chat.postEphemeral",
            lambda: self._web.chat_postEphemeral(
                channel=to.channel, user=to.user, thread_ts=to.thread_ts or None, **body
            ),
        )

    def _direct(self, to: Address, body: Message) -> str:
        channel, refusal = self._open(to.user)
        return refusal or self._post(Address(to.user, channel), body)

    def _open(self, user: str) -> tuple[str, str]:
        """The direct message with a person, and Slack's refusal to open it."""
        opened: dict[str, str] = {}

        def open_it() -> None:
            answer = self._web.conversations_open(users=user)
            opened["channel"] = str((answer.get("channel") or {}).get("id", ""))

        refusal = self._call("conversations.open", open_it)
        return opened.get("channel", ""), refusal

    def _call(self, method: str, call: Callable[[], object]) -> str:
        """Slack's refusal, empty if there was none."""
        try:
            call()
        except (SlackClientError, OSError) as error:
            log.warning("%s: %s", method, reason(error))
            return reason(error)
        return ""
