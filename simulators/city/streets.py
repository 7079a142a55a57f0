"""Where the simulated city's junctions and streets lie; the network is made from this.

Junctions lie where their namesakes in Hải Phòng lie, within a few hundred metres. Blocks are
straight, so that a camera's picture needs one ground plane and one direction. An *edge* is one
direction of a street: ``lach-tray.out`` runs from the street's start to its end, ``.in`` back.
"""

import math
from typing import NamedTuple

LATITUDE, LONGITUDE = 20.850, 106.685
"""Where the network's metres begin; x to the east, y to the north."""
METRES_PER_LATITUDE = 110_700.0
METRES_PER_LONGITUDE = 111_320.0 * math.cos(math.radians(LATITUDE))
LANE_WIDTH_M = 3.3
MEDIAN_M = 2.0

Point = tuple[float, float]

JUNCTIONS: dict[str, Point] = {
    "nga-tu-dien-bien-phu": (20.8612, 106.6688),
    "nha-hat-lon": (20.8592, 106.6832),
    "cong-cang": (20.8652, 106.6920),
    "me-linh": (20.8532, 106.6862),
    "cau-niem": (20.8478, 106.6700),
    "quan-mau": (20.8398, 106.6945),
    "an-duong": (20.8408, 106.6720),
    "nga-sau": (20.8560, 106.7010),
    "le-hong-phong-nam": (20.8420, 106.7090),
    "hung-vuong": (20.8640, 106.6580),
    "hoang-dieu": (20.8690, 106.7010),
    "tran-nguyen-han": (20.8440, 106.6590),
    "ton-duc-thang": (20.8395, 106.6600),
    "pham-van-dong": (20.8298, 106.7000),
    "san-bay-cat-bi": (20.8330, 106.7165),
    "dinh-vu": (20.8575, 106.7135),
}
"""Latitude, longitude."""
SIGNALLED = frozenset(list(JUNCTIONS)[:9])


class Street(NamedTuple):
    """A straight block between two junctions, ``lanes`` in each direction."""

    id: str
    name: str
    start: str
    end: str
    lanes: int


STREETS = {
    street.id: street
    for street in (
        Street("dien-bien-phu", "Điện Biên Phủ", "nga-tu-dien-bien-phu", "nha-hat-lon", 2),
        Street("dien-bien-phu-dong", "Điện Biên Phủ (đông)", "nha-hat-lon", "cong-cang", 2),
        Street("cau-dat", "Cầu Đất", "nha-hat-lon", "me-linh", 2),
        Street("to-hieu", "Tô Hiệu", "cau-niem", "me-linh", 2),
        Street("lach-tray", "Lạch Tray", "me-linh", "quan-mau", 3),
        Street("cau-rao", "Cầu Rào", "quan-mau", "pham-van-dong", 3),
        Street("nguyen-van-linh-tay", "Nguyễn Văn Linh (tây)", "an-duong", "quan-mau", 2),
        Street("nguyen-van-linh", "Nguyễn Văn Linh", "quan-mau", "le-hong-phong-nam", 2),
        Street("le-hong-phong", "Lê Hồng Phong", "nga-sau", "le-hong-phong-nam", 3),
        Street("luong-khanh-thien", "Lương Khánh Thiện", "me-linh", "nga-sau", 2),
        Street("da-nang", "Đà Nẵng", "cong-cang", "nga-sau", 2),
        Street("bach-dang", "Bạch Đằng", "nga-tu-dien-bien-phu", "cau-niem", 2),
        Street("nguyen-cong-hoa", "Nguyễn Công Hòa", "cau-niem", "an-duong", 2),
        Street("hung-vuong", "Hùng Vương", "hung-vuong", "nga-tu-dien-bien-phu", 2),
        Street("hoang-dieu", "Hoàng Diệu", "hoang-dieu", "cong-cang", 2),
        Street("tran-nguyen-han", "Trần Nguyên Hãn", "tran-nguyen-han", "cau-niem", 2),
        Street("ton-duc-thang", "Tôn Đức Thắng", "ton-duc-thang", "an-duong", 2),
        Street("san-bay", "Lê Hồng Phong (sân bay)", "san-bay-cat-bi", "le-hong-phong-nam", 2),
        Street("dinh-vu", "Đình Vũ", "dinh-vu", "nga-sau", 2),
    )
}


def to_metres(latitude: float, longitude: float) -> Point:
    """East and north of the city's origin, in metres (local tangent plane)."""
    return (
        (longitude - LONGITUDE) * METRES_PER_LONGITUDE,
        (latitude - LATITUDE) * METRES_PER_LATITUDE,
    )


def to_degrees(x: float, y: float) -> Point:
    """Latitude and longitude, to 1e-6 degree (0.1 m)."""
    return (
        round(LATITUDE + y / METRES_PER_LATITUDE, 6),
        round(LONGITUDE + x / METRES_PER_LONGITUDE, 6),
    )


class Line(NamedTuple):
    """The middle of a street's median, along one direction of traffic."""

    start: Point
    heading: Point
    """Unit vector of the traffic."""
    length_m: float

    @property
    def right(self) -> Point:
        return self.heading[1], -self.heading[0]

    def at(self, along_m: float, right_m: float = 0.0) -> Point:
        (x, y), (a, b), (c, d) = self.start, self.heading, self.right
        return x + a * along_m + c * right_m, y + b * along_m + d * right_m


def street_of(edge: str) -> Street:
    """Raises KeyError where there is no such street."""
    return STREETS[edge.rsplit(".", 1)[0]]


def opposite(edge: str) -> str:
    return edge[:-3] + ".out" if edge.endswith(".in") else edge[:-4] + ".in"


def line_of(edge: str) -> Line:
    street = street_of(edge)
    ends = to_metres(*JUNCTIONS[street.start]), to_metres(*JUNCTIONS[street.end])
    (ax, ay), (bx, by) = ends if edge.endswith(".out") else ends[::-1]
    length = math.hypot(bx - ax, by - ay)
    return Line((ax, ay), ((bx - ax) / length, (by - ay) / length), length)
