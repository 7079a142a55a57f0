"""Masks what has come, and lets go of what is past its time, while the service runs."""

import logging
import threading
import time

import psycopg

from services.privacy.vault import BATCH, Vault
from streams.database import connect
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.tables import retention

PART = "alerts-pictures"
LOOK_SECONDS = 0.5
RETRY_SECONDS = 2.0

log = logging.getLogger(__name__)


class Keeper:
    """Runs in a thread of its own until ``stop`` is set; waits out the loss of the database."""

    def __init__(self, settings: Settings, vault: Vault) -> None:
        self._settings, self._vault = settings, vault

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                with connect(self._settings, PART, autocommit=True) as connection:
                    former = self._vault.seal_former(connection)
                    if former:
                        log.info("sealed %d pictures that were kept in the clear", former)
                    pruned_at = 0.0
                    while not stop.is_set():
                        if time.monotonic() - pruned_at > retention.EVERY_SECONDS:
                            self.prune(connection)
                            pruned_at = time.monotonic()
                        if self._vault.mask_waiting(connection) < BATCH:
                            stop.wait(LOOK_SECONDS)
            except (psycopg.Error, OSError) as error:
                log.warning("pictures wait: %s", str(error).splitlines()[:1])
                stop.wait(RETRY_SECONDS)

    def prune(self, connection: psycopg.Connection) -> None:
        now = retention.measured_from(connection, wall_clock())
        if now is not None and (dropped := self._vault.prune(connection, self._settings, now)):
            log.info("let go of %d pictures", dropped)
