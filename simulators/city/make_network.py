"""Makes ``network.net.xml.gz``, ``demand.rou.xml`` and ``loops.add.xml`` of the simulated city.

Needs the ``training`` extra (``eclipse-sumo`` carries ``netconvert``); running the city does not.

    python -m simulators.city.make_network
"""

import gzip
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import quoteattr

from simulators.city.assets import HERE, PACK_PERIOD_S, read
from simulators.city.streets import (
    JUNCTIONS,
    LANE_WIDTH_M,
    MEDIAN_M,
    SIGNALLED,
    STREETS,
    line_of,
    opposite,
    to_metres,
)

SPEED_MPS = 42 / 3.6
LOCAL_PER_H = 1400
"""Local trips, mostly two-wheelers out of alleys, past a camera in each direction at the peak."""
LOCAL_FROM_M, LOCAL_TO_M = 280.0, 170.0
"""They join so far before a camera's pole and leave so far after it."""

DEMAND: tuple[tuple[str, str, str, int], ...] = (
    # from edge, via edge, to edge, vehicles per hour when the city is busiest
    ("hung-vuong.out", "cau-dat.out", "cau-rao.out", 430),
    ("cau-rao.in", "cau-dat.in", "hung-vuong.in", 430),
    ("tran-nguyen-han.out", "to-hieu.out", "dinh-vu.in", 440),
    ("dinh-vu.out", "to-hieu.in", "tran-nguyen-han.in", 440),
    ("hoang-dieu.out", "le-hong-phong.out", "san-bay.in", 500),
    ("san-bay.out", "le-hong-phong.in", "hoang-dieu.in", 500),
    ("ton-duc-thang.out", "nguyen-van-linh-tay.out", "cau-rao.out", 290),
    ("cau-rao.in", "nguyen-van-linh-tay.in", "ton-duc-thang.in", 290),
    ("hung-vuong.out", "dien-bien-phu-dong.out", "hoang-dieu.in", 360),
    ("hoang-dieu.out", "dien-bien-phu-dong.in", "hung-vuong.in", 360),
    ("tran-nguyen-han.out", "lach-tray.out", "cau-rao.out", 290),
    ("cau-rao.in", "lach-tray.in", "tran-nguyen-han.in", 290),
    ("dinh-vu.out", "le-hong-phong.out", "san-bay.in", 320),
    ("san-bay.out", "le-hong-phong.in", "dinh-vu.in", 320),
)

TYPES = (
    # id, SUMO class, length, width, height in m, top speed km/h, acceleration, sigma, minGap
    ("scooter", "motorcycle", 1.85, 0.72, 1.55, 46, 2.6, 0.5, 0.9),
    ("motorbike", "motorcycle", 2.05, 0.78, 1.60, 52, 3.0, 0.5, 0.9),
    ("bicycle", "motorcycle", 1.75, 0.60, 1.60, 20, 1.4, 0.4, 0.8),
    ("sedan", "passenger", 4.5, 1.82, 1.46, 56, 2.4, 0.4, 2.0),
    ("suv", "passenger", 4.7, 1.90, 1.78, 56, 2.3, 0.4, 2.0),
    ("van", "passenger", 5.3, 1.96, 2.25, 52, 2.0, 0.4, 2.2),
    ("city-bus", "bus", 10.2, 2.48, 3.10, 44, 1.3, 0.3, 2.5),
    ("light-truck", "truck", 5.8, 2.05, 2.60, 48, 1.6, 0.3, 2.5),
    ("container", "trailer", 11.0, 2.48, 3.60, 42, 1.1, 0.3, 3.0),
)
MIXES = {
    "city": (0.36, 0.22, 0.02, 0.17, 0.10, 0.03, 0.04, 0.04, 0.02),
    "local": (0.45, 0.29, 0.05, 0.11, 0.06, 0.02, 0.0, 0.02, 0.0),
}


def nodes() -> str:
    rows = []
    for name, (latitude, longitude) in JUNCTIONS.items():
        x, y = to_metres(latitude, longitude)
        kind = "traffic_light" if name in SIGNALLED else "priority"
        rows.append(f'<node id="{name}" x="{x:.2f}" y="{y:.2f}" type="{kind}" radius="9"/>')
    return "<nodes>\n" + "\n".join(rows) + "\n</nodes>\n"


def edges() -> str:
    """Both directions of each street, a median apart."""
    rows = []
    for street in STREETS.values():
        for edge in (f"{street.id}.out", f"{street.id}.in"):
            line = line_of(edge)
            ends = (line.at(0, MEDIAN_M / 2), line.at(line.length_m, MEDIAN_M / 2))
            shape = " ".join(f"{x:.2f},{y:.2f}" for x, y in ends)
            start, end = street.start, street.end
            if edge.endswith(".in"):
                start, end = end, start
            rows.append(
                f'<edge id="{edge}" from="{start}" to="{end}" shape="{shape}" '
                f'numLanes="{street.lanes}" speed="{SPEED_MPS:.2f}" width="{LANE_WIDTH_M}" '
                f'spreadType="right" name={quoteattr(street.name)}/>'
            )
    return "<edges>\n" + "\n".join(rows) + "\n</edges>\n"


def demand() -> str:
    """Vehicle types and flows; ``simulation.setScale`` thins them by the hour."""
    rows = []
    for mix, shares in MIXES.items():
        rows.append(f'<vTypeDistribution id="{mix}">')
        rows += [_vehicle_type(mix, row, share) for row, share in zip(TYPES, shares, strict=True)]
        rows.append("</vTypeDistribution>")
    for number, (start, via, end, flow) in enumerate(DEMAND):
        rows.append(
            f'<flow id="f{number:02d}" type="city" from="{start}" via="{via}" to="{end}" begin="0" '
            f'end="100000000" period="exp({flow / 3600:.5f})" departLane="best" '
            f'departSpeed="desired" departPos="base"/>'
        )
    for camera in read().cameras:
        length = line_of(camera.edge).length_m
        for edge, pole in (
            (camera.edge, camera.position_m),
            (opposite(camera.edge), length - camera.position_m),
        ):
            joins, leaves = max(pole - LOCAL_FROM_M, 40), min(pole + LOCAL_TO_M, length - 60)
            rows.append(
                f'<flow id="l-{edge}" type="local" from="{edge}" to="{edge}" begin="0" '
                f'end="100000000" period="exp({LOCAL_PER_H / 3600:.5f})" departLane="free" '
                f'departSpeed="desired" departPos="{joins:.1f}" arrivalPos="{leaves:.1f}"/>'
            )
    return "<routes>\n" + "\n".join(rows) + "\n</routes>\n"


def _vehicle_type(mix: str, row: tuple[str, str, float, float, float, int, float, float, float],
                  share: float) -> str:  # fmt: skip
    base, kind, length, width, height, speed, accel, sigma, gap = row
    two_wheeler = kind == "motorcycle"
    name = base if mix == "city" else f"{base}.{mix}"
    return (
        f'<vType id="{name}" vClass="{kind}" probability="{share}" length="{length}" '
        f'width="{width}" height="{height}" maxSpeed="{speed / 3.6:.2f}" accel="{accel}" '
        f'decel="4.5" sigma="{sigma}" minGap="{gap}" speedFactor="normc(0.95,0.1,0.7,1.2)" '
        f'minGapLat="{0.3 if two_wheeler else 0.5}" maxSpeedLat="{1.2 if two_wheeler else 1.0}" '
        f'latAlignment="{"arbitrary" if two_wheeler else "center"}" '
        f'lcSublane="{2.0 if two_wheeler else 1.0}" lcSpeedGain="2.0" lcAssertive="1.3" '
        f'lcPushy="{0.4 if two_wheeler else 0}" jmTimegapMinor="0.8"/>'
    )


def loops() -> str:
    rows = [
        f'<inductionLoop id="{loop.id}" lane="{loop.lane}" pos="{loop.position_m}" '
        f'period="{PACK_PERIOD_S}" file="NUL"/>'
        for loop in read().loops
    ]
    return "<additional>\n" + "\n".join(rows) + "\n</additional>\n"


def netconvert() -> str:
    """Path of the program; raises SystemExit with what to install where it is missing."""
    wheel = find_spec("sumo")
    if wheel and wheel.submodule_search_locations:
        return str(Path(wheel.submodule_search_locations[0]) / "bin" / "netconvert")
    found = shutil.which("netconvert")
    if not found:
        raise SystemExit("netconvert is missing: pip install 'cityops[training]'")
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "nodes.xml").write_text(nodes())
        (work / "edges.xml").write_text(edges())
        subprocess.run(
            [netconvert(), "-n", work / "nodes.xml", "-e", work / "edges.xml", "-o",
             work / "net.xml", "--offset.disable-normalization", "--no-turnarounds",
             "--tls.default-type", "actuated", "--output.street-names",
             "--junctions.join", "false", "--xml-validation", "never", "--no-warnings"],
            check=True,
        )  # fmt: skip
        net = (work / "net.xml").read_bytes()
    # The comment names folders of the machine that ran this.
    head, rest = net.split(b"<!--", 1)
    net = head.rstrip() + b"\n" + rest.split(b"-->", 1)[1].lstrip()
    (HERE / "network.net.xml.gz").write_bytes(gzip.compress(net, 9, mtime=0))
    (HERE / "demand.rou.xml").write_text(demand())
    (HERE / "loops.add.xml").write_text(loops())


if __name__ == "__main__":
    main()
