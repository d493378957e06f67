"""Put a file into a channel, in Slack's three steps; the file itself is never held as a whole.

The SDK's own `files_upload_v2` reads all of it into memory first.
"""

import mmap
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackRequestError

from bot.domain.replies import Attachment


def upload(client: WebClient, channel: str, file: Attachment, comment: str) -> None:
    """Announce it, send it, and have it shown in the channel.

    Args:
        file: not empty.

    Raises:
        SlackClientError: Slack refused a step.
    """
    if file.kept is not None:
        held = mmap.mmap(file.kept.fileno(), 0, access=mmap.ACCESS_READ)
        with held, memoryview(held) as view:
            _steps(client, channel, file, view, comment)
        return
    with memoryview(file.data or file.text.encode()) as view:
        _steps(client, channel, file, view, comment)


def _steps(
    client: WebClient, channel: str, file: Attachment, view: memoryview, comment: str
) -> None:
    announced = client.files_getUploadURLExternal(
        filename=file.name, length=view.nbytes, alt_txt=file.alt or None
    )
    _send(client, str(announced["upload_url"]), view)
    client.files_completeUploadExternal(
        files=[{"id": str(announced["file_id"]), "title": file.name}],
        channel_id=channel,
        initial_comment=comment or None,
    )


def _send(client: WebClient, url: str, view: memoryview) -> None:
    proxies = {"http": client.proxy, "https": client.proxy} if client.proxy else {}
    opener = build_opener(ProxyHandler(proxies), HTTPSHandler(context=client.ssl))
    request = Request(url, data=view, method="POST")
    request.add_header("Content-Type", "application/octet-stream")
    with opener.open(request, timeout=client.timeout) as answer:
        if answer.status != 200:
            raise SlackRequestError(f"the file was refused: {answer.status}")
