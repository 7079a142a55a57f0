"""The default city's registry: what it has, where, and what depends on what; by a seed.

How many of what, and how that is known: ``registry.yaml`` and ``wards.yaml``. The same seed gives
the same city on every machine. None of it reports: it is there to be looked up, depended on and, by
whoever simulates a feed, connected. ``python -m simulators.city.registry FILE`` writes it as
GeoJSON, which ``cityops asset import`` takes, also where nothing is simulated.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from simulators.city import assets
from simulators.city.figures import Unit, listed, shared, units
from simulators.city.maker import KM_PER_LATITUDE, KM_PER_LONGITUDE, Maker
from simulators.city.streets import STREETS, line_of, to_degrees
from streams import dependencies
from streams.configuration import geojson
from streams.configuration.configured import in_order
from streams.events import Change, Shape, Source
from streams.settings import City, load

CORE = "Hồng Bàng"
"""Where the data centre is, to which the data network leads."""
HUBS = 6
SPARE_LINKS = 7

POWER = "Điện lực Hải Phòng"
NETWORK = "Sở Khoa học và Công nghệ"


@cache
def whole(seed: int) -> tuple[Source, ...]:
    """All of it, without what ``simulators.city.assets`` has; those that others depend on come
    before them."""
    maker = Maker(seed)
    for build in _BUILD:
        build(maker)
    return tuple(maker.made.values())


def part(seed: int) -> tuple[Source, ...]:
    """What is in the wards of the simulated cameras and loops, and what that depends on."""
    everything = {asset.id: asset for asset in whole(seed)}
    simulated = assets.read()
    wards = {camera.ward for camera in simulated.cameras}
    wards |= {loop.ward for loop in simulated.loops}
    inside = [
        asset.id
        for asset in everything.values()
        if asset.ward in wards or asset.id.startswith("water-")  # of tide and rivers, for all
    ]
    above = dependencies.closure(lambda name: everything[name].parents, inside)
    kept = {*inside, *above}
    return tuple(asset for name, asset in everything.items() if name in kept)


def changes(city: City, seed: int) -> list[Change]:
    """What announces the simulated city, with as much of the registry as is asked for.

    Cameras and loops are those of ``simulators.city.assets``, on the pole and the node next to
    them; with no registry they depend on nothing.
    """
    if city == "none":
        return assets.changes()
    chosen = whole(seed) if city == "whole" else part(seed)
    known = Maker(seed)
    for asset in chosen:
        known.take(asset)
    return [*chosen, *(known.connected(change) for change in assets.changes())]


def _old() -> list[Unit]:
    """The city as it was when the older figures were published."""
    return [unit for unit in units() if not unit.is_new]


def _line(*points: tuple[float, float]) -> Shape:
    return Shape("line", points)


def _middle(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return round((a[0] + b[0]) / 2, 6), round((a[1] + b[1]) / 2, 6)


def _power(maker: Maker) -> None:
    spread = sorted(units(), key=lambda unit: (-unit.weight, maker.chance(unit.name).random()))
    for number, unit in enumerate(spread[: listed().figures["substation"].count], 1):
        name = f"sub-{number:02}"
        names = f"Trạm 110 kV {unit.name}", f"{unit.name} substation, 110 kV"
        maker.add("substation", name, names, maker.near(name, unit), ward=unit.name, owner=POWER)
    feeders = listed().figures["power_feeder"].count
    # Every unit has one; the heavier ones have the others.
    among = [*units(), *shared(feeders - len(units()), units())]
    for number, unit in enumerate(sorted(among, key=units().index), 1):
        name = f"feeder-{number:03}"
        end = maker.near(name, unit)
        source = maker.made[maker.next_to("substation", end)]
        start = source.place.point or end
        names = f"Xuất tuyến {number:03}, {unit.name}", f"Feeder {number:03}, {unit.name}"
        maker.add(
            *("power_feeder", name, names, _middle(start, end)),
            shape=_line(start, end),
            ward=unit.name,
            owner=POWER,
            parents=[source.id],
        )
    by_unit: dict[str, list[str]] = {}
    for feeder in maker.of("power_feeder"):
        by_unit.setdefault(feeder.ward, []).append(feeder.id)
    for name, number, unit, place in maker.each("transformer", "tr", units()):
        own = by_unit[unit.name]
        names = f"TBA {number:04}, {unit.name}", f"Transformer {number:04}, {unit.name}"
        maker.add(
            *("transformer", name, names, place),
            ward=unit.name,
            owner=POWER,
            parents=[own[number % len(own)]],
        )


def _network(maker: Maker) -> None:
    """A tree of two levels under the data centre, and links in reserve between the hubs."""
    count = listed().figures["network_node"].count
    core = next(unit for unit in units() if unit.name == CORE)
    others = sorted(
        (unit for unit in units() if unit is not core),
        key=lambda unit: (-unit.weight, maker.chance(unit.name).random()),
    )
    places: dict[str, tuple[float, float]] = {}
    for number, unit in enumerate([core, *others[: count - 1]], 1):
        name = f"node-{number:02}"
        place = places[name] = maker.near(name, unit)
        above = [maker.pole(place, unit.name)]
        if number > 1:
            hub = "node-01" if number <= 1 + HUBS else _hub(places, place)
            above.insert(0, _link(maker, number - 1, hub, place).id)
        names = f"Nút TSLCD {unit.name}", f"Network node {unit.name}"
        maker.add(
            *("network_node", name, names, place),
            ward=unit.name,
            owner=NETWORK,
            parents=above,
        )
    for number in range(SPARE_LINKS):
        one, other = (f"node-{2 + (number + step) % HUBS:02}" for step in (0, 1 + number // HUBS))
        link = _link(maker, count + number, one, places[other])
        maker.take(msgspec.structs.replace(link, parents=(one, other)))


def _hub(places: dict[str, tuple[float, float]], place: tuple[float, float]) -> str:
    def far(name: str) -> tuple[float, str]:
        north = (places[name][0] - place[0]) * KM_PER_LATITUDE
        east = (places[name][1] - place[1]) * KM_PER_LONGITUDE
        return north * north + east * east, name

    return min((f"node-{number:02}" for number in range(2, 2 + HUBS)), key=far)


def _link(maker: Maker, number: int, node: str, end: tuple[float, float]) -> Source:
    """From a node, on which it depends, to a point."""
    name = f"link-{number:02}"
    start = maker.made[node].place.point or end
    names = f"Tuyến {number:02} từ {node}", f"Link {number:02} from {node}"
    return maker.add(
        *("network_link", name, names, _middle(start, end)),
        shape=_line(start, end),
        owner=NETWORK,
        parents=[node],
    )


def _mobile(maker: Maker) -> None:
    operators = [name for name, share in listed().operators.items() for _ in range(share)]
    for name, number, unit, place in maker.each("base_station", "bts", _old()):
        owner = operators[int(maker.chance(f"{name}/owner").random() * len(operators))]
        names = f"Trạm BTS {number:04}, {unit.name}", f"Base station {number:04}, {unit.name}"
        maker.add(
            *("base_station", name, names, place),
            ward=unit.name,
            owner=owner,
            parents=[maker.pole(place, unit.name)],
        )


def _on_the_network(
    kind: str,
    prefix: str,
    vi: str,
    en: str,
    owner: Callable[[Unit], str],
    *,
    old: bool = False,
    radio: int = 0,
) -> Callable[[Maker], None]:
    """Makes what needs power and a node of the data network.

    ``radio``: each so-manieth has no line, and is reached through the base station next to it.
    """

    def build(maker: Maker) -> None:
        for name, number, unit, place in maker.each(kind, prefix, _old() if old else units()):
            wireless = radio and number % radio == 0
            station = maker.next_to("base_station", place, unit.name) if wireless else ""
            maker.add(
                *(
                    kind,
                    name,
                    (f"{vi} {number}, {unit.name}", f"{en} {number}, {unit.name}"),
                    place,
                ),
                ward=unit.name,
                owner=owner(unit),
                parents=[station or maker.node(place), maker.pole(place, unit.name)],
            )

    return build


def _alone(
    kind: str, prefix: str, vi: str, en: str, owner: Callable[[Unit], str]
) -> Callable[[Maker], None]:
    """Makes what has a battery or a house connection of its own, and depends on nothing here."""

    def build(maker: Maker) -> None:
        for name, number, unit, place in maker.each(kind, prefix, units()):
            names = f"{vi} {number}, {unit.name}", f"{en} {number}, {unit.name}"
            maker.add(kind, name, names, place, ward=unit.name, owner=owner(unit))

    return build


def _warnings(maker: Maker) -> None:
    on_ip = listed().figures["loudspeaker_station_ip"].count
    for name, number, unit, place in maker.each("loudspeaker_station", "pa", _old()):
        above = [maker.pole(place, unit.name)]
        if number <= on_ip:
            above.insert(0, maker.node(place))
        names = (
            f"Đài truyền thanh {number}, {unit.name}",
            f"Loudspeaker station {number}, {unit.name}",
        )
        maker.add(
            *("loudspeaker_station", name, names, place),
            ward=unit.name,
            owner=unit.committee,
            parents=above,
        )
    stations = maker.of("loudspeaker_station")
    for number in range(1, listed().figures["loudspeaker"].count + 1):
        station = stations[number % len(stations)]
        name = f"speaker-{number:03}"
        names = f"Loa {number:03}, {station.ward}", f"Loudspeaker {number:03}, {station.ward}"
        maker.add(
            *("loudspeaker", name, names, maker.near(name, station, 1.2)),
            ward=station.ward,
            owner=station.owner,
            parents=[station.id],
        )


def _streets(maker: Maker) -> None:
    """Travel-time segments: both directions of every street of the simulated traffic."""
    for street in STREETS.values():
        for way, vi, en in (("out", "chiều đi", "outbound"), ("in", "chiều về", "inbound")):
            line = line_of(f"{street.id}.{way}")
            start, end = to_degrees(*line.at(0)), to_degrees(*line.at(line.length_m))
            maker.add(
                "travel_segment",
                f"tt-{street.id}-{way}",
                (f"{street.name}, {vi}", f"{street.name}, {en}"),
                _middle(start, end),
                shape=_line(start, end),
                segment=street.id,
                ward=_ward(to_degrees(*line.at(line.length_m / 2))),
                owner="Sở Xây dựng",
            )


def _ward(place: tuple[float, float]) -> str:
    """The unit whose point is nearest."""

    def far(unit: Unit) -> float:
        north = (unit.latitude - place[0]) * KM_PER_LATITUDE
        east = (unit.longitude - place[1]) * KM_PER_LONGITUDE
        return north * north + east * east

    return min(units(), key=far).name


def _water(maker: Maker) -> None:
    for name, kind, vi, en, ward, latitude, longitude in listed().water:
        maker.add(
            *(kind, f"water-{name}", (vi, en), (latitude, longitude)),
            ward=ward,
            owner="Đài Khí tượng Thủy văn",
        )


REPORTS = (
    ("Phản ánh: nước ngập ngang bánh xe", "Report: water up to the wheels"),
    ("Phản ánh: nước tràn vào nhà", "Report: water runs into the houses"),
    ("Phản ánh: xe chết máy giữa đường", "Report: engines die in the street"),
)
"""What people write of places where water stands."""
REPORT_KM = 0.035
"""From a gauge, in each direction: the next houses."""


def _reports(maker: Maker) -> None:
    """Places of which citizens may report something, by flood gauges."""
    gauges = maker.of("flood_gauge")[::3]
    for number in range(listed().figures["reported_place"].count):
        gauge, name = gauges[number % len(gauges)], f"report-{number + 1:02}"
        vi, en = REPORTS[int(maker.chance(f"{name}/text").random() * len(REPORTS))]
        place = maker.near(name, gauge, REPORT_KM)
        maker.add(
            *("reported_place", name, (f"{vi} ({gauge.ward})", f"{en} ({gauge.ward})"), place),
            ward=gauge.ward,
            owner="Văn phòng UBND thành phố",
            parents=[maker.pole(place, gauge.ward)],
        )


def _offices(maker: Maker) -> None:
    for number, unit in enumerate(units(), 1):
        name = f"office-{number:03}"
        place = maker.near(name, unit)
        maker.add(
            *("one_stop_office", name),
            (f"Bộ phận một cửa {unit.name}", f"One-stop shop {unit.name}"),
            place,
            ward=unit.name,
            owner=unit.committee,
            parents=[maker.node(place), maker.pole(place, unit.name)],
        )


def _port(maker: Maker) -> None:
    gates, berths = listed().figures["port_gate"].count, listed().figures["berth"].count
    terminals = listed().terminals
    for place_of, (name, called, ward, latitude, longitude) in enumerate(terminals):
        quay = Unit(called, "ward", latitude, longitude, 3, is_new=False)
        for number in range(1, 1 + _portion(gates, place_of, len(terminals))):
            gate = f"gate-{name}-{number}"
            place = maker.near(gate, quay)
            maker.add(
                *("port_gate", gate, (f"Cổng {number}, {called}", f"Gate {number}, {called}")),
                place,
                ward=ward,
                owner=f"Cảng {called}",
                parents=[maker.node(place), maker.pole(place, ward)],
            )
        for number in range(1, 1 + _portion(berths, place_of, len(terminals))):
            berth = f"berth-{name}-{number}"
            names = f"Cầu cảng {number}, {called}", f"Berth {number}, {called}"
            place = maker.near(berth, quay)
            maker.add("berth", berth, names, place, ward=ward, owner=f"Cảng {called}")
    for name, vi, en, ward, latitude, longitude in listed().customs:
        maker.add(
            *("customs_office", f"customs-{name}", (f"Hải quan {vi}", f"Customs, {en}")),
            (latitude, longitude),
            ward=ward,
            owner="Hải quan khu vực III",
            parents=[maker.node((latitude, longitude)), maker.pole((latitude, longitude), ward)],
        )


def _portion(count: int, number: int, of: int) -> int:
    return count // of + (number < count % of)


def _data_centre(maker: Maker) -> None:
    """Portals, payments and the sharing platform run behind the core of the data network."""
    core = maker.made["node-01"]
    at, ward = core.place.point or (0.0, 0.0), core.ward
    for number in range(1, listed().figures["payment_gateway"].count + 1):
        names = f"Cổng thanh toán {number}", f"Payment gateway {number}"
        maker.add(
            *("payment_gateway", f"pay-{number}", names, at),
            ward=ward,
            owner="Sở Tài chính",
            parents=[core.id],
        )
    _of_agencies(maker, core, "web_portal", "portal", ("Cổng {}", "Portal, {}"))
    desks = "Tiếp nhận hồ sơ, {}", "Dossier desk, {}"
    _of_agencies(maker, core, "dossier_office", "desk", desks)
    for number in range(1, listed().figures["security_monitor"].count + 1):
        names = f"Giám sát an toàn thông tin {number}", f"Security monitor {number}"
        maker.add(
            *("security_monitor", f"soc-{number}", names, at),
            ward=ward,
            owner="Công an thành phố",
            parents=[core.id],
        )
    data = "Bộ dữ liệu {number}, {}", "Data set {number}, {}"
    _of_agencies(maker, core, "data_service", "data", data)


def _of_agencies(
    maker: Maker, core: Source, kind: str, prefix: str, called: tuple[str, str]
) -> None:
    """As many as the figures say, of one agency after the other; all of them behind the core.

    Args:
        called: in Vietnamese and in English, with ``{}`` for the agency, ``{number}`` for its own.
    """
    agencies, count = [*listed().agencies.items()], listed().figures[kind].count
    for place in range(count):
        agency, number = agencies[place % len(agencies)], f"{place + 1:0{len(str(count))}}"
        vi, en = (
            text.format(name, number=number) for text, name in zip(called, agency, strict=True)
        )
        maker.add(
            *(kind, f"{prefix}-{number}", (vi, en), core.place.point or (0.0, 0.0)),
            ward=core.ward,
            owner=agency[0],
            parents=[core.id],
        )


def _said(owner: str) -> Callable[[Unit], str]:
    return lambda _: owner


def _committee(unit: Unit) -> str:
    return unit.committee


_BUILD: tuple[Callable[[Maker], None], ...] = (
    _power,
    _network,
    _mobile,
    _on_the_network("wifi_point", "wifi", "Wi-Fi", "Wi-Fi", _committee, old=True, radio=3),
    _warnings,
    _on_the_network("camera", "cam", "Camera", "Camera", _said("Công an thành phố"), radio=3),
    _streets,
    _water,
    _alone("flood_gauge", "flood", "Trạm đo ngập", "Flood gauge", _said("Sở Xây dựng")),
    _reports,
    _alone("rain_gauge", "rain", "Trạm đo mưa", "Rain gauge", _said("Đài Khí tượng Thủy văn")),
    _on_the_network(
        *("air_station", "air", "Trạm không khí", "Air station"),
        _said("Sở Nông nghiệp và Môi trường"),
    ),
    _offices,
    _port,
    _on_the_network("hospital", "hospital", "Bệnh viện", "Hospital", _said("Sở Y tế")),
    _on_the_network("school", "school", "Trường", "School", _committee),
    _data_centre,
)
"""In order: what others depend on first."""


def counted(made: Iterable[Source]) -> dict[str, int]:
    """How many of each type."""
    return dict(sorted(Counter(asset.kind for asset in made).items()))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="GeoJSON, for `cityops asset import`")
    parser.add_argument("--seed", type=int, help="default: CITYOPS_SEED")
    parser.add_argument("--city", choices=("part", "whole"), default="whole")
    given = parser.parse_args(arguments)
    seed = load().seed if given.seed is None else given.seed
    made = {one.id: one for one in (whole(seed) if given.city == "whole" else part(seed))}
    collection = geojson.collection(in_order(made), None)
    given.file.write_text(json.dumps(collection, ensure_ascii=False))


if __name__ == "__main__":
    main()
