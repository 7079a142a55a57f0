"""The one way out of a decoder: where FFmpeg may connect to is judged at the moment it connects.

FFmpeg resolves names, follows redirects and opens what playlists and cameras name, by itself. So
nothing is gained by looking at an address beforehand: another may be behind the name a moment later
(DNS rebinding). What cannot be evaded is the call of ``connect``, which has the very address. Its
entry in the table by which ``libavformat`` reaches the C library is replaced here, as ``torsocks``
and others do it for whole programs; those of calls with which one listens or sends datagrams lead
nowhere. Decision 0049.
"""

import ctypes
import errno
import os
import socket
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

NO_HOST = "it does not answer, or is not where CITYOPS_CAMERA_NETWORKS has cameras"
LIBRARY = "libavformat"
REFUSED = ("accept", "bind", "listen", "sendto")
_AF_INET, _AF_INET6 = 2, 10
_PT_DYNAMIC, _PT_RELRO = 2, 0x6474E552
_STRINGS, _SYMBOLS, _JUMPS, _JUMPS_SIZE, _RELOCATIONS, _RELOCATIONS_SIZE = 5, 6, 23, 2, 7, 8
_PAGE = os.sysconf("SC_PAGESIZE")
_READ, _WRITE = 1, 2

Address = IPv4Address | IPv6Address

SPECIAL = tuple(map(ip_network, ("127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10")))
"""This machine, and what is told of it (a cloud's metadata): open only where they are named, not
where a larger network has them in it."""
_LOOPBACK = SPECIAL[:2]
NEVER = tuple(map(ip_network, ("0.0.0.0/8", "::/128", "224.0.0.0/4", "240.0.0.0/4", "ff00::/8")))
"""Nobody's, or everybody's: no camera is there; Linux takes 0.0.0.0 for itself."""
_CARRIERS = ("::ffff:0:0/96", "::/96", "64:ff9b::/96")
"""IPv6 addresses that end in one of IPv4, which they mean."""


class DoorError(Exception):
    """Calls of the library cannot be judged, so it must not be let out."""


class Door:
    """Which addresses are open; pure."""

    def __init__(
        self,
        networks: list[str],
        own: list[str],
        closed: list[tuple[str, int]],
        only: str = "",
        beside: tuple[tuple[str, int], ...] = (),
    ) -> None:
        """
        Args:
            networks: that are open.
            own: addresses of this machine, which are open as its loopback is, or by themselves.
            closed: addresses with ports of our own servers.
            only: the one host whose name may be looked up; empty: any.
            beside: addresses with ports that are open wherever they are.
        """
        self.only = only
        self._networks = [ip_network(each) for each in networks]
        self._own = {ip_address(each) for each in own}
        self._closed = {(ip_address(each), port) for each, port in closed}
        self._beside = {(ip_address(each), port) for each, port in beside}

    def is_open(self, address: Address, port: int) -> bool:
        address = meant(address)
        if (address, port) in self._closed or any(address in each for each in NEVER):
            return False
        if (address, port) in self._beside:
            return True
        matching = [each for each in self._networks if address in each]
        for special in SPECIAL:
            if address in special:
                matching = [each for each in matching if each.subnet_of(special)]  # type: ignore[arg-type]
        if address in self._own:
            whole = [each for each in matching if each.prefixlen == each.max_prefixlen]
            return bool(whole) or any(each in _LOOPBACK for each in self._networks)
        return bool(matching)


def meant(address: Address) -> Address:
    """The address of IPv4 that one of IPv6 carries, or itself."""
    if isinstance(address, IPv6Address):
        if address.sixtofour:
            return address.sixtofour
        if int(address) > 1 and any(address in ip_network(each) for each in _CARRIERS):
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


_library = ctypes.CDLL(None, use_errno=True)
_Call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, use_errno=True)
_LookUp = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p
)
_kept: list[Any] = []
"""Functions that the library calls from now on must not be collected."""


def guard(door: Door) -> None:
    """From now on FFmpeg connects only to what is open, and neither listens nor sends datagrams.

    Raises:
        DoorError: the library does not reach these calls as is known here.
    """

    def connect(descriptor: int, address: int, size: int) -> int:
        if not _is_open(door, ctypes.string_at(address, size) if address else b""):
            ctypes.set_errno(errno.EACCES)
            return -1
        return int(_library.connect(descriptor, ctypes.c_void_p(address), ctypes.c_uint(size)))

    def refuse(_: int, __: int, ___: int) -> int:
        ctypes.set_errno(errno.EACCES)
        return -1

    def look_up(name: bytes | None, service: bytes | None, hints: int, found: int) -> int:
        if (name or b"").decode(errors="replace").lower() != door.only:
            return socket.EAI_FAIL
        places = ctypes.c_void_p(hints), ctypes.c_void_p(found)
        return int(_library.getaddrinfo(name, service, *places))

    judged: dict[str, Any] = {name: _Call(refuse) for name in REFUSED}
    judged["connect"] = _Call(connect)
    if door.only:
        judged["getaddrinfo"] = _LookUp(look_up)
    slots = _slots(tuple(judged))
    if not {"connect", *(("getaddrinfo",) if door.only else ())} <= slots.keys():
        raise DoorError("its calls cannot be judged")
    for name, places in slots.items():
        function = judged[name]
        _kept.append(function)
        for place, read_only in places:
            _write(place, ctypes.cast(function, ctypes.c_void_p).value or 0, read_only)


def _is_open(door: Door, told: bytes) -> bool:
    """``told``: a ``sockaddr``."""
    try:
        family, port = struct.unpack("=H", told[:2])[0], struct.unpack("!H", told[2:4])[0]
        if family == _AF_INET:
            return door.is_open(IPv4Address(told[4:8]), port)
        if family == _AF_INET6:
            return door.is_open(IPv6Address(told[8:24]), port)
    except (struct.error, ValueError):
        return False
    return False


# --- where the library's calls lead ------------------------------------------------------------


class _Module(ctypes.Structure):
    _fields_ = (
        ("base", ctypes.c_uint64),
        ("name", ctypes.c_char_p),
        ("headers", ctypes.c_uint64),
        ("count", ctypes.c_uint16),
    )


Slots = dict[str, list[tuple[int, bool]]]
"""Function to the places of its pointers, each with whether it was made read-only."""


def _slots(names: tuple[str, ...]) -> Slots:
    found: Slots = {}

    def look(module: Any, _: int, __: int) -> int:
        known = module.contents
        if LIBRARY in os.path.basename(os.fsdecode(known.name or b"")):  # noqa: PTH119
            headers = [
                struct.unpack("=IIQQQQQQ", ctypes.string_at(known.headers + 56 * number, 56))
                for number in range(known.count)
            ]
            for name, place in _relocated(known.base, headers, names):
                read_only = any(
                    kind == _PT_RELRO and known.base + start <= place < known.base + start + size
                    for kind, _, _, start, _, _, size, _ in headers
                )
                found.setdefault(name, []).append((place, read_only))
        return 0

    visit = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(_Module), ctypes.c_size_t, ctypes.c_size_t
    )(look)
    _library.dl_iterate_phdr(visit, None)
    return found


def _relocated(
    base: int, headers: list[tuple[int, ...]], names: tuple[str, ...]
) -> list[tuple[str, int]]:
    """Each of the functions with a place that holds its address (ELF, 64 bits)."""
    start = next(base + each[3] for each in headers if each[0] == _PT_DYNAMIC)
    told: dict[int, int] = {}
    while True:
        tag, value = struct.unpack("=QQ", ctypes.string_at(start, 16))
        if not tag:
            break
        told[tag], start = value, start + 16

    def place(tag: int) -> int:
        return told[tag] if told[tag] > base else base + told[tag]

    found = []
    for table, size in ((_JUMPS, _JUMPS_SIZE), (_RELOCATIONS, _RELOCATIONS_SIZE)):
        entries = ctypes.string_at(place(table), told[size]) if size in told else b""
        for offset, info, _ in struct.iter_unpack("=QQq", entries):
            if info >> 32:
                symbol = ctypes.string_at(place(_SYMBOLS) + 24 * (info >> 32), 4)
                text = place(_STRINGS) + struct.unpack("=I", symbol)[0]
                name = ctypes.string_at(text).decode()
                if name in names:
                    found.append((name, base + offset))
    return found


def _write(place: int, pointer: int, read_only: bool) -> None:
    page = ctypes.c_void_p(place // _PAGE * _PAGE)
    if _library.mprotect(page, ctypes.c_size_t(_PAGE), _READ | _WRITE):
        raise DoorError("its calls cannot be judged")
    ctypes.c_uint64.from_address(place).value = pointer
    if read_only:
        _library.mprotect(page, ctypes.c_size_t(_PAGE), _READ)
