"""Clients for Slack's methods and response URLs, all with one address and one proxy.

Two kinds: the patient one sleeps through a rate limit and belongs to the workers; the plain one
never sleeps, so that nothing before an acknowledgement can.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.webhook import WebhookClient

from bot.settings import Settings

TIMEOUT_S = 10


class Clients:
    """Makes clients as the settings say.

    The SDK takes a proxy from the environment and would send even traffic for this host there;
    an address on this host never has one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def web(self, patient: bool = False) -> WebClient:
        """A client for Slack's methods; `patient` waits out rate limits and passing trouble."""
        settings = self._settings
        client = WebClient(
            token=settings.secret("bot_token") or None,
            base_url=settings.api_url,
            timeout=TIMEOUT_S,
            proxy=settings.proxy,
        )
        if _is_here(settings.api_url):
            client.proxy = None
        if patient:
            client.retry_handlers.extend(_patience()[1:])
        return client

    def response(self, url: str) -> WebhookClient:
        """A client for one response URL."""
        client = WebhookClient(
            url, timeout=TIMEOUT_S, proxy=self._settings.proxy, retry_handlers=_patience()
        )
        if _is_here(url):
            client.proxy = None
        return client


def _patience() -> list[RetryHandler]:
    return [
        ConnectionErrorRetryHandler(),
        RateLimitErrorRetryHandler(max_retry_count=3),
        ServerErrorRetryHandler(max_retry_count=2),
    ]


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
