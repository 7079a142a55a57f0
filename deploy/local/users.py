"""As whom each part runs where root starts the stack: a user of its own (decision 0063).

No user is made: any number will do. What a part may read is given to its number, and the rest of
the state folder to nobody but root.
"""

import compileall
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from deploy.local.commands import java
from deploy.local.errors import StackError
from deploy.local.folders import as_user, reachable
from deploy.local.passage import passage
from streams.sealing import CAMERA_ADDRESSES, CHANNELS, Seal
from streams.secrets import write_secret
from streams.settings import PREFIX, Settings

FIRST = 0x7100_0000
"""Above the numbers that systems give to users, containers and services, and those of decoders."""
STACKS = 0x0010_0000
ROOM = 16
"""Numbers of one stack."""
PARTS = (
    "kafka",
    "city",
    "detect",
    "streams",
    "writer",
    "alerts",
    "receiver",
    "gateway",
    "notifier",
    "mqtt",
    "poller",
)
"""Those with a user of their own, in an order that never changes. The database has the one that its
data belong to."""
SECRETS = {
    "city": ("kafka-city", "signing-city", "database-command"),  # it announces its sources
    "detect": ("kafka-detect", "verifying-detect"),
    "streams": ("kafka-streams", "verifying-streams"),
    "writer": ("kafka-writer", "database-writer"),
    "alerts": ("kafka-alerts", "verifying-alerts", "database-alerts"),
    "receiver": ("kafka-receiver", "signing-receiver", "database-receiver"),
    "mqtt": ("kafka-mqtt", "signing-mqtt", "database-mqtt", "mqtt-password"),
    "poller": ("kafka-poller", "signing-poller", "database-poller"),
    "notifier": ("kafka-notifier", "database-notifier"),
    "gateway": ("kafka-gateway", "signing-gateway", "database-gateway"),
}
"""Files that a part reads; none is read by two, but ``CAMERA_ADDRESSES`` and ``CHANNELS``, by which
the alerts service seals what the gateway and the notifier open. The rest is root's, or whoever
made it there."""
STAMPS = {
    "city": ("*-city.json",),
    "receiver": ("*-receiver.json",),
    "mqtt": ("*-mqtt.json",),
    "poller": ("*-poller.json",),
    "gateway": ("*-gateway.json", "*-gateway-clock.msgpack", "*-published.json"),
}
"""Each in a folder of its own, or one would write where another may plant a link."""
ALERTS_OWN = (
    "token",
    "admin-password",
    "pictures-*",
    "second-factors",
    CAMERA_ADDRESSES,
    CHANNELS,
    "oidc-*",
    "tls-*",
)
"""What the alerts service makes for itself, and others of root's read."""

_TLS = ("tls_certificate", "tls_key")
HANDED = {"alerts": (*_TLS, "oidc_client_secret_file", "oidc_ca"), "receiver": _TLS}
"""Settings that name files of a part's, which root alone may be able to read."""
LISTENING = {"alerts": "http_port", "receiver": "receiver_port"}
"""Parts that answer over HTTP, and the settings of their ports."""

ROOT = Path(__file__).parents[2]

User = pwd.struct_passwd


def user(settings: Settings, part: str) -> User | None:
    """Of a part, by the name of its process or its account; None: whoever starts it."""
    name = part.partition("-")[0]
    if name not in PARTS or not apart(settings):
        return None
    number = settings.part_users or _first(settings)
    return numbered(number + PARTS.index(name))


def apart(settings: Settings) -> bool:
    """Whether parts have users of their own: root starts them, and nothing keeps it from that."""
    return os.geteuid() == 0 and settings.part_users >= 0 and not why_not(settings)


def why_not(settings: Settings) -> str:
    """What keeps root from giving parts users of their own; empty: nothing, or it is not asked."""
    if os.geteuid() != 0 or settings.part_users < 0:
        return ""
    return _tried(settings)[1]


@cache
def _tried(settings: Settings) -> tuple[tuple[str, ...], str]:
    """By which passage parts get to what is closed to others, and why they cannot all the same."""
    first = settings.part_users or _first(settings)
    if not any(begin <= first and first + ROOM <= begin + many for begin, many in _mapped()):
        return (), f"this system has no users {first} to {first + ROOM - 1} (CITYOPS_PART_USERS)"
    one, state = numbered(first), settings.state_dir.absolute()
    state.mkdir(parents=True, exist_ok=True)
    way = tuple(passage(_needed(settings), one))
    for folder in (state, ROOT):
        if not reachable(folder, one, way):
            return (), (
                f"{folder} is closed to other users, or in a folder that is and over which nothing"
                " can be mounted here: open it, or move it to one that is open, such as /opt"
            )
    probe = [*way, *as_user(one), sys.executable, "-c", "import msgspec, streams.settings"]
    if subprocess.run(probe, check=False, capture_output=True, env=environment()).returncode:
        return (), f"{sys.executable} cannot be run by other users"
    return way, ""


def _needed(settings: Settings) -> list[Path]:
    """Where what parts run and read may be, beside what every machine has."""
    programs = ROOT, Path(sys.prefix), Path(sys.base_prefix), *map(Path, filter(None, sys.path))
    java_home = Path(shutil.which(java()) or "/usr/bin/java").resolve().parents[1]
    named = settings.extensions, settings.kafka_ca, settings.camera_authorities
    elsewhere = settings.mqtt_ca, settings.mqtt_topics, settings.polled_addresses
    folders = *settings.camera_folders.split(":"), *named, *elsewhere, settings.working_calendar
    data = settings.state_dir, settings.data_dir, *map(Path, filter(None, folders))
    return [*programs, java_home, *data]


def compile_modules() -> None:
    """As root, since parts cannot write beside their modules: or each start would compile anew."""
    services = ROOT / "services"
    folders = [each for each in services.iterdir() if each.is_dir() and each.name != "console"]
    compileall.compile_dir(services, maxlevels=0, quiet=2)
    for folder in (
        *folders,
        *(ROOT / each for each in ("deploy", "models", "simulators", "streams")),
    ):
        compileall.compile_dir(folder, quiet=2)


def environment() -> dict[str, str]:
    """Of a part that runs as another user: nothing of it points to folders of whoever starts it,
    and no setting names a file that is handed over."""
    named = {name for names in HANDED.values() for name in names}
    left_out = {"TMPDIR", "XDG_RUNTIME_DIR", *(PREFIX + name.upper() for name in named)}
    ours = {key: value for key, value in os.environ.items() if key not in left_out}
    return {**ours, "HOME": "/", "PYTHONDONTWRITEBYTECODE": "1"}


def hand_over(settings: Settings) -> None:
    """Gives each part the files that are its own; again at each start, for those made since.

    Raises:
        OSError: an owner cannot be changed.
    """
    if not apart(settings):
        return
    state = settings.state_dir.absolute()
    alerts, gateway = user(settings, "alerts"), user(settings, "gateway")
    notifier = user(settings, "notifier")
    assert alerts
    assert gateway
    assert notifier
    for name in (CAMERA_ADDRESSES, CHANNELS):
        Seal(settings, name)  # made by root, who else would make it later
    secrets = state / "secrets"
    of_root = numbered(0)
    for path in secrets.iterdir():
        give(path, of_root)
    for part, names in SECRETS.items():
        for name in names:
            give(secrets / name, user(settings, part))
    for path in secrets.glob("polled-*"):
        give(path, user(settings, "poller"))
    for pattern in ALERTS_OWN:
        for path in secrets.glob(pattern):
            give(path, alerts)
    _open_to(secrets / CAMERA_ADDRESSES, gateway, of=alerts)
    _open_to(secrets / CHANNELS, notifier, of=alerts)
    # Alerts makes secrets of its own here; nobody removes or replaces another's.
    os.chown(secrets, 0, alerts.pw_gid)
    secrets.chmod(0o1771)
    for name in ("keys", "audit"):
        (state / name).mkdir(mode=0o700, exist_ok=True)
        give_all(state / name, alerts)
    for part, patterns in STAMPS.items():
        own, owner = state / "stamps" / part, user(settings, part)
        assert owner
        own.mkdir(parents=True, exist_ok=True)
        for each in (own.parent, own):
            each.chmod(0o755)
        for path in (each for pattern in patterns for each in own.parent.glob(pattern)):
            path.replace(own / path.name)
        give_all(own, owner)
    with suppress(FileExistsError):  # a link to nothing, of which the gateway will tell
        settings.media.mkdir(exist_ok=True)
    open_all(settings.media, gateway)
    for group in ("detect", "streams"):
        for path in _workers(settings, group):
            path.mkdir(parents=True, exist_ok=True)
            if owner := user(settings, group):
                give_all(path, owner)


def give(path: Path | str, owner: User | None, within: int | None = None) -> None:
    """Where there is such a file; no link, of either sort, gives away what is elsewhere.

    Args:
        within: the open folder that the path begins in; None: as any path.
    """
    if owner is None:
        return
    try:
        now = os.stat(path, dir_fd=within, follow_symlinks=False)
    except FileNotFoundError:
        return
    alone = stat.S_ISDIR(now.st_mode) or (stat.S_ISREG(now.st_mode) and now.st_nlink == 1)
    if alone and (now.st_uid, now.st_gid) != (owner.pw_uid, owner.pw_gid):
        os.chown(path, owner.pw_uid, owner.pw_gid, dir_fd=within, follow_symlinks=False)


def give_all(folder: Path, owner: User) -> None:
    """With everything in it; nothing, where it is a link.

    By open folders, since what runs as the owner already may put a link in a folder's place.
    """
    give(folder, owner)
    for _, folders, files, within in os.fwalk(folder):
        for name in (*folders, *files):
            give(name, owner, within)


def open_all(folder: Path, reader: User) -> None:
    """What root keeps there for itself a part may read, and not write; nothing of others'."""
    root = numbered(0)
    _open_to(folder, reader, of=root)
    for _, folders, files, within in os.fwalk(folder):
        for name in (*folders, *files):
            _open_to(name, reader, of=root, within=within)


def _open_to(path: Path | str, reader: User, *, of: User, within: int | None = None) -> None:
    """By its group, which was the owner's own; no link of either sort opens what is elsewhere."""
    try:
        now = os.stat(path, dir_fd=within, follow_symlinks=False)
        if not (stat.S_ISREG(now.st_mode) or stat.S_ISDIR(now.st_mode)):
            return
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=within)
    except OSError:
        return
    try:
        now = os.fstat(file)
        folder = stat.S_ISDIR(now.st_mode)
        alone = folder or (stat.S_ISREG(now.st_mode) and now.st_nlink == 1)
        its_own = (now.st_uid, now.st_gid) == (of.pw_uid, of.pw_gid)
        needed = 0o5 if folder else 0o4
        if alone and its_own and now.st_mode & needed != needed:
            os.fchown(file, -1, reader.pw_gid)
            os.fchmod(file, stat.S_IMODE(now.st_mode) | needed << 3)
    finally:
        os.close(file)


def give_linked(link: Path, owner: User) -> None:
    """What root has put elsewhere by a link; the part itself may have made any other.

    Raises:
        StackError: it is another's link, and what it leads to is not the owner's.
    """
    if not link.is_symlink():
        return
    made, target = link.lstat(), link.resolve()
    if made.st_uid == 0 and made.st_nlink == 1:
        give_all(target, owner)
    elif not target.exists() or target.stat().st_uid != owner.pw_uid:
        raise StackError(
            f"{link} is a link that root has not made, so nothing is given away by it:"
            f" remove it, or make it root's ('chown -h root {link}')"
        )


def may(settings: Settings, part: str) -> tuple[str, ...]:
    """What a part is allowed beyond other users: to listen where only root may."""
    port = getattr(settings, LISTENING[part]) if part in LISTENING else 1024
    return ("net_bind_service",) if port < 1024 else ()


def beside(settings: Settings, part: str) -> tuple[str, ...]:
    """What becomes a part's command, where it gets to its files, and may leave something of root's
    beside it."""
    if user(settings, part) is None:
        return ()
    launcher = (sys.executable, "-m", "services.gateway.decoder.launcher")
    return (*_tried(settings)[0], *(launcher if part == "gateway" else ()))


def may_read(settings: Settings, part: str, path: Path) -> bool:
    """Whether the part, as whom it runs, can read it."""
    owner = user(settings, part)
    if owner is None:
        return True
    probe = [*_tried(settings)[0], *as_user(owner), "test", "-r", str(path)]
    return not subprocess.run(probe, check=False, capture_output=True).returncode


def handed(settings: Settings, part: str) -> dict[str, str]:
    """Settings of a part by which it finds copies, for itself, of the files that the stack's own
    name; whenever they are renewed. Those that cannot be read stay."""
    owner = user(settings, part)
    said: dict[str, str] = {}
    if owner is None:
        return said
    whose = "" if part == "alerts" else f"{part}-"
    for name in HANDED[part]:
        original = Path(getattr(settings, name))
        if not original.name:
            continue
        copy = settings.secret(whose + name.replace("_", "-")).absolute()
        with suppress(OSError):
            changed = original.stat().st_mtime_ns
            if not copy.exists() or copy.stat().st_mtime_ns != changed:
                write_secret(copy, original.read_text().rstrip())
                give(copy, owner)
                os.utime(copy, ns=(changed, changed))
        said[f"{PREFIX}{name.upper()}"] = str(copy if copy.exists() else original)
    return said


def _workers(settings: Settings, group: str) -> Iterator[Path]:
    from deploy.local.parts import parts

    for part in parts(settings):
        if part.name.startswith(f"{group}-"):
            yield settings.state_dir.absolute() / "faust" / settings.namespace / part.name


def _first(settings: Settings) -> int:
    """Two stacks of one machine have different ones, as long as no two of a million meet."""
    place = str(settings.state_dir.absolute().resolve())
    number = int.from_bytes(hashlib.sha256(place.encode()).digest()[:4]) % STACKS
    return FIRST + number * ROOM


def _mapped() -> list[tuple[int, int]]:
    """(first, how many) of the users that there are: not all, within some containers."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    return [(int(line.split()[0]), int(line.split()[2])) for line in lines]


def numbered(number: int) -> User:
    """A user of whom the system knows nothing but the number."""
    return User(("", "x", number, number, "", "/", ""))
