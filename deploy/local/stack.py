"""Stopping the local stack and deleting what it keeps."""

import os
import signal
import time

import msgspec

from deploy.broker.passwords import passwords
from deploy.local import folders, state
from deploy.local.errors import StackError
from deploy.local.parts import GUARD
from streams.settings import Settings

STOP_SECONDS = 90.0
"""All grace periods one after the other, and some more."""


def stop(settings: Settings) -> bool:
    """Ends every process of the stack and waits for it; False: none ran.

    Raises:
        StackError: the supervisor belongs to someone else, or cannot be ended.
    """
    ran = False
    deadline = time.monotonic() + STOP_SECONDS
    while state.is_running(settings):
        if not ran and (now := state.current(settings)):
            _end(now.pid, signal.SIGTERM)
            ran = True
        if time.monotonic() > deadline:
            _kill(settings)
            break
        time.sleep(0.05)
    return bool(state.end_leftovers(settings)) or ran


def renew(settings: Settings) -> bool:
    """Has the supervisor start the processor's parts anew, for what they read when they start.

    False: none runs, or one of an earlier release, which does not know how.

    Raises:
        StackError: the supervisor belongs to someone else.
    """
    now = state.current(settings)
    if now is None or not now.renews:
        return False
    _end(now.pid, signal.SIGHUP)
    return True


def _kill(settings: Settings) -> None:
    """The supervisor does not stop: its guard first, who would start another."""
    now = state.current(settings)
    if now is None:
        raise StackError(f"a process holds {settings.state_dir / 'supervisor.lock'}: end it")
    for part in now.parts:
        if part.name == GUARD and part.pid is not None:
            _end(part.pid, signal.SIGKILL)
    _end(now.pid, signal.SIGKILL)


def _end(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError:
        raise StackError(f"the stack was started by another user (process {pid})") from None


def delete_data(settings: Settings) -> list[str]:
    """Deletes what the stack has made, on servers that are not ours the namespace only.

    The stack must not run. Downloaded software, own kinds and feeds and cameras' films stay, and so
    does what tells that there was an audit log, where recordings are, and as whom we come to a
    broker that stays. Returns what was deleted.
    """
    deleted = []
    if not settings.runs_kafka:
        from streams.kafka.access import OWNER
        from streams.kafka.broker import delete_topics

        owner = msgspec.structs.replace(settings, kafka_user=OWNER)
        deleted += [f"topic {name}" for name in delete_topics(owner)]
    if not settings.runs_database:
        from psycopg import sql

        from streams.database import connect

        with connect(settings, "reset", autocommit=True) as connection:
            drop = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE")
            connection.execute(drop.format(sql.Identifier(settings.namespace)))
        deleted.append(f"schema {settings.namespace}")
    from streams.recordings.made import LIST

    kept = {settings.media.name, "software", "supervisor.lock", "audit", "extensions", LIST}
    entries = sorted(settings.state_dir.glob("*"))
    accounts = [] if settings.runs_kafka else passwords(settings)
    if accounts:
        secrets = accounts[0].parent
        kept |= {secrets.name, *(path.name for path in accounts)}
        entries += sorted(secrets.iterdir())
    for entry in entries:
        if entry.name in kept:
            continue
        if entry.is_dir():
            folders.remove(entry)
        else:
            entry.unlink()
        deleted.append(str(entry))
    return deleted
