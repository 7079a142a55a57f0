"""The simulated city's cameras and loops, as ``assets.yaml`` lists them."""

from functools import cache
from pathlib import Path

import msgspec

from models.documents import document
from simulators.city.streets import line_of, street_of, to_degrees
from simulators.lens import Lens
from streams.events import SECOND, Change, Micros, Place, Rule, Source, Zone

HERE = Path(__file__).parent
NETWORK = HERE / "network.net.xml.gz"
DEMAND = HERE / "demand.rou.xml"
LOOP_DETECTORS = HERE / "loops.add.xml"

FRAMES_PER_S = 5
FRAME_PERIOD: Micros = SECOND // FRAMES_PER_S
PACK_PERIOD_S = 5
PACK_PERIOD: Micros = PACK_PERIOD_S * SECOND


class ZoneAsset(msgspec.Struct, frozen=True):
    id: str
    name_vi: str
    name_en: str
    edge: str
    polygon: tuple[tuple[float, float], ...]


class Camera(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name_vi: str
    name_en: str
    ward: str
    edge: str
    """Whose traffic comes towards the camera."""
    position_m: float
    """Of the pole along that edge, from the junction's middle."""
    lens: Lens
    scenery: str
    zones: tuple[ZoneAsset, ...] = ()

    @property
    def place(self) -> Place:
        return _place(self.edge, self.position_m)


class Loop(msgspec.Struct, frozen=True):
    id: str
    name_vi: str
    name_en: str
    edge: str
    lane: str
    position_m: float
    gateway: str
    ward: str

    @property
    def place(self) -> Place:
        return _place(self.edge, self.position_m)


class _Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name_vi: str
    name_en: str
    edge: str
    position_m: float
    gateway: str
    ward: str


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cameras: tuple[Camera, ...]
    loop_sites: tuple[_Site, ...]


class Assets(msgspec.Struct, frozen=True):
    cameras: tuple[Camera, ...]
    loops: tuple[Loop, ...]

    @property
    def gateways(self) -> tuple[str, ...]:
        return tuple(sorted({loop.gateway for loop in self.loops}))

    def camera(self, id: str) -> Camera:
        """Raises KeyError with the ids there are."""
        for camera in self.cameras:
            if camera.id == id:
                return camera
        raise KeyError(f"no camera {id!r}; there are {', '.join(c.id for c in self.cameras)}")


def _place(edge: str, position_m: float) -> Place:
    latitude, longitude = to_degrees(*line_of(edge).at(position_m))
    return Place(latitude, longitude, street_of(edge).id)


@cache
def read() -> Assets:
    listed = msgspec.convert(document((HERE / "assets.yaml").read_text()), _Listed)
    loops = tuple(
        Loop(
            id=f"loop-{site.id}-{lane + 1}",
            name_vi=f"{site.name_vi}, làn {lane + 1}",
            name_en=f"{site.name_en}, lane {lane + 1}",
            edge=site.edge,
            lane=f"{site.edge}_{lane}",
            position_m=site.position_m,
            gateway=site.gateway,
            ward=site.ward,
        )
        for site in listed.loop_sites
        for lane in range(street_of(site.edge).lanes)
    )
    return Assets(listed.cameras, loops)


def changes() -> list[Change]:
    """What announces the city to the stages: its sources, zones and default rules."""
    assets = read()
    found: list[Change] = []
    for camera in assets.cameras:
        found.append(
            Source(
                id=camera.id,
                kind="camera",
                name_vi=camera.name_vi,
                name_en=camera.name_en,
                origin="simulated",
                place=camera.place,
                ward=camera.ward,
                period=FRAME_PERIOD,
            )
        )
        found += [
            Zone(zone.id, camera.id, zone.name_vi, zone.name_en, zone.polygon)
            for zone in camera.zones
        ]
    found += [
        Source(
            id=loop.id,
            kind="induction_loop",
            name_vi=loop.name_vi,
            name_en=loop.name_en,
            origin="simulated",
            place=loop.place,
            ward=loop.ward,
            gateway=loop.gateway,
            period=PACK_PERIOD,
        )
        for loop in assets.loops
    ]
    return found + rules()


def rules() -> list[Rule]:
    """What to watch for in the city; only what differs from the stages' defaults is said."""
    assets = read()
    cameras = tuple(camera.id for camera in assets.cameras)
    zones = tuple(zone.id for camera in assets.cameras for zone in camera.zones)
    loops = tuple(loop.id for loop in assets.loops)
    return [
        Rule("city-stopped-vehicle", "stopped_vehicle", "high", cameras, zones),
        Rule("city-congestion", "congestion", "medium", loops),
        Rule("city-anomaly", "anomaly", "low", loops),
        # A former name: under another it would be a second rule where the city has run before.
        Rule("city-silence", "no_data", "medium", cameras + loops),
    ]
