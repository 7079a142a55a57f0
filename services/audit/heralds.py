"""Tells the head of the chain to others: the service's log, and whoever has a webhook for it."""

import logging

import msgspec

from services.audit.anchors import Anchor
from streams.settings import Settings

TIMEOUT_SECONDS = 5.0

log = logging.getLogger(__name__)


class Heralds:
    """Say no more than a head: where, and its hash."""

    def __init__(self, settings: Settings) -> None:
        self._address = settings.audit_webhook
        self.problem = ""
        """Why the webhook was not told the last time."""

    def tell(self, anchor: Anchor) -> None:
        """A webhook that does not answer is told the next one."""
        log.info("audit log %s: line %d has %s", anchor.log[:16], anchor.sequence, anchor.hash)
        if not self._address:
            return
        import httpx

        try:
            headers = {"Content-Type": "application/json"}
            body = msgspec.json.encode(anchor)
            sent = httpx.post(self._address, content=body, headers=headers, timeout=TIMEOUT_SECONDS)
            said = "" if sent.is_success else f"it answers {sent.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:  # whose text may hold the address
            said = type(error).__name__
        if said and not self.problem:
            log.warning("the webhook of the audit log was not told: %s", said)
        self.problem = said
