"""The city's road network as GeoJSON (RFC 7946), for maps that have no tiles.

``python -m simulators.city.geojson FILE`` is a step of building the console.
"""

import json
import sys
from pathlib import Path
from typing import Any

import sumolib

from simulators.city.assets import NETWORK
from simulators.city.streets import Point, street_of, to_degrees

DECIMALS = 6


def collection() -> dict[str, Any]:
    """Edges as lines (``street``, ``name``, ``lanes``) and junctions as polygons."""
    network = sumolib.net.readNet(str(NETWORK))
    edges = sorted(network.getEdges(withInternal=False), key=lambda edge: edge.getID())
    features = [
        {
            "type": "Feature",
            "id": edge.getID(),
            "properties": {
                "street": street_of(edge.getID()).id,
                "name": street_of(edge.getID()).name,
                "lanes": edge.getLaneNumber(),
            },
            "geometry": {"type": "LineString", "coordinates": _line(edge.getShape())},
        }
        for edge in edges
    ]
    for node in sorted(network.getNodes(), key=lambda node: node.getID()):
        ring = _line(node.getShape())
        if len(ring) >= 3:
            geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
            features.append(
                {"type": "Feature", "id": node.getID(), "properties": {}, "geometry": geometry}
            )
    return {"type": "FeatureCollection", "features": features}


def _line(shape: list[Point]) -> list[list[float]]:
    """Longitude before latitude, as GeoJSON has it."""
    places = [to_degrees(x, y) for x, y in shape]
    return [
        [round(longitude, DECIMALS), round(latitude, DECIMALS)] for latitude, longitude in places
    ]


def main(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(collection(), ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
