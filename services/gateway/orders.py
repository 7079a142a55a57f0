"""What operators configure: cameras with their addresses, and what is drawn and watched on them."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from services.gateway.capture import Address
from services.gateway.reach import Reach
from streams.configuration import camera_addresses, contacts
from streams.configuration.address import fault, with_credentials, without_credentials
from streams.configuration.camera_addresses import DEFAULT_FPS, CameraAddress
from streams.configuration.check import InvalidChangeError, check_id
from streams.configuration.configured import Configured, folded, in_order
from streams.configuration.difference import makes_difference
from streams.configuration.log import append, changing, read
from streams.events import SECOND, Change, Origin, Place, Removed, Rule, Shape, Source, Zone
from streams.feeds.registry import carries_frames
from streams.settings import Settings

Connection = psycopg.Connection[Any]

MIN_FPS = 1 / 86400
"""One picture a day."""
MAX_FPS = 60.0
MAX_ADDRESS = 2000


class CameraOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A camera as an operator adds it."""

    id: str
    address: str
    """File or URL; may carry credentials, which are sealed."""
    user: str = ""
    password: str = ""
    """For ``{user}`` and ``{password}`` in the address, or else for before its host."""
    verified: bool = True
    """False: its certificate is not looked at."""
    model: str = ""
    """``name@version``; empty: the active detector."""
    loop: bool = False
    recorded: bool = False
    """The address plays a recording; that of a file always does."""
    fps: float = DEFAULT_FPS
    name_vi: str = ""
    name_en: str = ""
    """Names; where one is empty the other, or the id, stands for it."""
    latitude: float | None = None
    longitude: float | None = None
    segment: str = ""
    shape: Shape | None = None
    ward: str = ""
    owner: str = ""
    parents: tuple[str, ...] = ()
    gated: bool = True
    tours: bool = False
    zones: tuple[Zone, ...] = ()
    rules: tuple[Rule, ...] = ()

    def __repr__(self) -> str:
        return f"CameraOrder({self.id!r}, …)"


def check_name(id: str) -> None:
    """Raises InvalidChangeError where no camera can have that id."""
    check_id("camera", id)


def rate_fault(fps: float) -> str:
    """Why no camera can be given this rate; empty: it can."""
    if MIN_FPS <= fps <= MAX_FPS:
        return ""
    return f"fps {fps:g}: give at least one picture a day and at most {MAX_FPS:g} a second"


def add_camera(connection: Connection, settings: Settings, order: CameraOrder, actor: str) -> int:
    """Adds the camera, its zones and rules, or changes them; all of it or nothing.

    Returns the sequence number of the newest change; asked again, it changes nothing.

    Raises:
        InvalidChangeError: something about it cannot be; the message says what.
    """
    check_name(order.id)
    if wrong := rate_fault(order.fps):
        raise InvalidChangeError(wrong)
    whole = _whole(order)
    address = Address(whole)
    if wrong := Reach.of(settings).fault(whole):
        raise InvalidChangeError(f"address: {wrong}")
    # Of what was written: a password at its place in a path looks like any other word there.
    shown = without_credentials(order.address)
    origin: Origin = "recorded" if order.recorded else address.origin
    ends = origin == "recorded" and not order.loop
    source = Source(
        order.id,
        "camera",
        order.name_vi or order.name_en or order.id,
        order.name_en or order.name_vi or order.id,
        origin,
        Place(order.latitude, order.longitude, order.segment),
        model=order.model,
        # What ends falls silent by itself: that is no failure to be watched for.
        period=0 if ends else round(SECOND / order.fps),
        address=shown,
        shape=order.shape,
        ward=order.ward,
        owner=order.owner,
        parents=order.parents,
        gated=order.gated,
        tours=order.tours,
    )
    with changing(connection) as known:
        # Another address is another view; the same one under other names is not, nor does what
        # has ended begin again.
        if before := known.sources.get(order.id):
            view = before.view + (before.address != source.address)
            rests = before.rests if before.address == source.address else ""
            source = msgspec.structs.replace(source, view=view, rests=rests)
        changes: list[Change] = [source, *order.zones, *order.rules]
        append(connection, [c for c in changes if makes_difference(known, c)], actor)
        camera = CameraAddress(order.id, whole, order.fps, order.loop, order.verified)
        camera_addresses.put(connection, settings, camera, shown)
        return configured(connection).sequence


def _whole(order: CameraOrder) -> str:
    """The address with credentials; raises InvalidChangeError in words without them."""
    if not 1 <= len(order.address) <= MAX_ADDRESS:
        raise InvalidChangeError(f"address: give 1 to {MAX_ADDRESS} characters")
    if wrong := fault(order.address):
        raise InvalidChangeError(f"address: {wrong}")
    try:
        return with_credentials(order.address, order.user, order.password)
    except ValueError as error:
        raise InvalidChangeError(f"address: {error}") from None


def accept_view(connection: Connection, camera: str, actor: str) -> int:
    """What the camera sees from now on is the view on which its zones are right.

    Raises:
        InvalidChangeError: there is no such camera.
    """
    with changing(connection) as known:
        source = known.sources.get(camera)
        if source is None or not carries_frames(source.kind):
            raise InvalidChangeError(f"there is no camera {camera!r}")
        append(connection, [msgspec.structs.replace(source, view=source.view + 1)], actor)
        return configured(connection).sequence


def remove_camera(connection: Connection, camera: str, actor: str) -> int:
    """Removes the camera with its zones, and the rules that then have nothing left to watch.

    Raises:
        InvalidChangeError: there is no such camera.
    """
    with changing(connection) as known:
        source = known.sources.get(camera)
        if source is None or not carries_frames(source.kind):
            raise InvalidChangeError(f"there is no camera {camera!r}")
        append(connection, without(known, camera), actor)
        camera_addresses.remove(connection, camera)
        contacts.forget(connection, camera)
        return configured(connection).sequence


def remove_source(connection: Connection, source: str, actor: str) -> int:
    """Removes a source that is no camera, and the rules that then have nothing left to watch.

    Raises:
        InvalidChangeError: there is no such source, or it is a camera.
    """
    with changing(connection) as known:
        found = known.sources.get(source)
        if found is None:
            raise InvalidChangeError(f"there is no source {source!r}")
        if carries_frames(found.kind):
            raise InvalidChangeError(f"{source} is a camera: use 'cityops camera remove'")
        append(connection, without(known, source), actor)
        contacts.forget(connection, source)
        return configured(connection).sequence


def without(known: Configured, gone: str) -> Sequence[Change]:
    """The changes that take a source and all that refers to it out of the configuration."""
    zones = [zone.id for zone in in_order(known.zones) if zone.source == gone]
    changes: list[Change] = []
    for rule in in_order(known.rules):
        left = msgspec.structs.replace(
            rule,
            sources=tuple(source for source in rule.sources if source != gone),
            zones=tuple(zone for zone in rule.zones if zone not in zones),
        )
        # Empty means "everywhere": a rule must not widen because its source goes.
        named = rule.sources and not rule.types
        widened = (named and not left.sources) or (rule.zones and not left.zones)
        if widened:
            changes.append(Removed("rule", rule.id))
        elif left != rule:
            changes.append(left)
    for child in in_order(known.sources):
        if gone in child.parents:
            left_above = tuple(parent for parent in child.parents if parent != gone)
            changes.append(msgspec.structs.replace(child, parents=left_above))
    changes += [Removed("zone", zone) for zone in zones]
    changes += [Removed("mask", one.id) for one in in_order(known.masks) if one.source == gone]
    changes += [Removed("scenery", one.id) for one in in_order(known.scenery) if one.source == gone]
    return [*changes, Removed("source", gone)]


def configured(connection: Connection) -> Configured:
    """What is configured now, published or not."""
    return folded(read(connection))
