"""The image's steps make what its commands need, tried in a clean folder."""

import json
from pathlib import Path

import pytest

from deploy.database import migrate
from models.registry import Registry
from services import history
from tests.support.image import Image

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/docker/Dockerfile").read_text()
PROBE = """
import json
from importlib.metadata import version

import cv2, libsumo, onnxruntime  # what they link is there
from deploy.database import migrate
from services import history
from services.alerts import store
from services.api import static
from simulators import scenario
from simulators.city.assets import NETWORK
from streams.settings import load

print(json.dumps({
    "version": version("cityops"),
    "code": static.__file__,
    "page": (static.BUILT / "index.html").read_text(),
    "assets": sorted(path.name for path in (static.BUILT / "assets").iterdir()),
    "migrations": [found.name for found in migrate.read(community=True)],
    "questions": sorted(history.QUERIES),
    "network": NETWORK.is_file(),
    "scenario": scenario.load("stopped_vehicle").name,
    "state": str(load().state_dir),
}))
"""


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_what_the_steps_make_works_away_from_the_clone(tmp_path: Path) -> None:
    image = Image(ROOT, DOCKERFILE, tmp_path)
    app = image.here / "app"

    assert "cityops alerts list" in image.run(*image.entrypoint, "--help")

    models = json.loads(image.run("cityops", "models", "list", "--json"))
    assert {model["id"] for model in models} == {known.id for known in Registry().catalogue()}
    ours = [model for model in models if not model["address"]]
    assert {model["state"] for model in ours} == {"ready"}
    assert all(Path(model["path"]).is_relative_to(app) for model in ours)

    found = json.loads(image.run("python", "-c", PROBE))
    assert Path(found["code"]).is_relative_to(app)
    assert found["migrations"] == [known.name for known in migrate.read(community=True)]
    assert found["questions"] == sorted(history.QUERIES)
    assert found["network"]
    assert found["scenario"] == "stopped_vehicle"
    assert found["state"] == str(image.here / "var/lib/cityops")
    named = [name for name in found["assets"] if f"/assets/{name}" in found["page"]]
    assert {Path(name).suffix for name in named} == {".js", ".css"}
    assert any(name.endswith(".geojson") for name in found["assets"])

    # The user it runs as is neither the owner nor of the owner's group.
    closed = [path for path in app.rglob("*") if not path.stat().st_mode & 0o004]
    assert not closed
    assert not list(app.rglob("node_modules"))
