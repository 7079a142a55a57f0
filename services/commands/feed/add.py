"""``cityops feed add``: a feed of the installation's own, from a file."""

import time
from pathlib import Path
from typing import Annotated

import typer

from services.commandline.output import CommandError, console, notes
from services.commandline.privileged import Why, given
from streams.settings import Settings, load

AGAIN_SECONDS = 180.0


def command(
    file: Annotated[Path, typer.Argument(help="A feed.yaml; `cityops catalogue` shows feeds.")],
    *,
    wait: Annotated[
        bool, typer.Option(help="Until the running parts know the feed, half a minute or so.")
    ] = True,
    reason: Why = "",
) -> None:
    """Add a feed of your own, or change it, without code: types of assets, metrics, units.

    The file is checked, and kept where every part finds it. Parts read feeds when they start: those
    of the local stack are started again, and nothing that is sent meanwhile is lost.

    Example: cityops feed add temperatures.yaml
    """
    from deploy.local import stack
    from deploy.local.errors import StackError
    from streams import extensions
    from streams.feeds.file import read_feed
    from streams.feeds.registry import misfit
    from streams.kinds.registry import UnknownKindError, find

    settings = load()
    feed = read_feed(file)
    fault = misfit(feed)
    for rule in feed.default_rules:
        try:
            kind = find(rule.kind)
        except UnknownKindError as error:
            fault = fault or f"default rule {rule.kind}: {error}"
            continue
        for name, value in feed.parameters(rule).items():
            known = kind.parameters.get(name)
            said = known.fault(value) if known else f"there is no parameter {name!r}"
            fault = fault or (f"default rule {rule.kind}: {name}: {said}" if said else None)
    if fault:
        raise CommandError(f"{file}: {fault}")
    given(settings, "feed:add", feed.id, why=reason)
    kept = _keep(extensions.folder_of(settings) / "feeds" / feed.id, file)
    console.print(f"feed {feed.id} is in {kept}", highlight=False, soft_wrap=True)
    began = time.time()
    try:
        renewed = stack.renew(settings)
    except StackError as error:
        raise CommandError(str(error)) from None
    if not renewed:
        console.print("parts know it once they are started again", highlight=False)
    elif wait:
        notes.print("the parts are started again, to read it", highlight=False)
        _wait(settings, feed.id, began)


def _keep(folder: Path, file: Path) -> Path:
    """Whole or not at all: a part that starts meanwhile reads the one or the other."""
    from models.files import SMALL, read_file

    text = read_file(file, SMALL)
    try:
        for each in (folder.parent.parent, folder.parent, folder):
            each.mkdir(parents=True, exist_ok=True)
            each.chmod(0o755)  # parts that are other users read it
        draft = folder / ".feed.yaml"
        draft.write_bytes(text)
        draft.chmod(0o644)
        return draft.replace(folder / "feed.yaml")
    except OSError as error:
        raise CommandError(f"{folder}: {error.strerror}") from None


def _wait(settings: Settings, feed: str, began: float) -> None:
    from deploy.local import state
    from deploy.local.parts import PREPARE, parts
    from services.api.client import Client, ClientError

    names = {part.name for part in parts(settings) if PREPARE in part.after}

    deadline = time.monotonic() + AGAIN_SECONDS
    while time.monotonic() < deadline:
        time.sleep(1)
        now = state.current(settings)
        if now is None or any(one.since < began for one in now.parts if one.name in names):
            continue
        try:
            with Client(settings) as client:
                found = client.get("/api/catalogue")["feeds"]
        except ClientError:
            continue
        if any(one["id"] == feed for one in found):
            console.print(f"feed {feed} is known; `cityops source add` adds its sources")
            return
    raise CommandError("the parts do not know it yet: see `cityops status`")
