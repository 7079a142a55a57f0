"""What the image is made of is there, gets in, and is nothing more than that."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from deploy.local import requirements
from streams.settings import PREFIX, load
from tests.support import compose
from tests.support.image import Ignored, Image, copy, stages

ROOT = Path(__file__).parents[2]
STAGES = {stage.name: stage for stage in stages((ROOT / "deploy/docker/Dockerfile").read_text())}
LAST = STAGES[""]
IGNORED = Ignored((ROOT / ".dockerignore").read_text())
PACKAGES = ("deploy", "models", "services", "simulators", "streams")

TOY = """
FROM scratch AS ground
RUN apt-get is left out
WORKDIR /app
RUN echo grown > ground.txt
FROM ground AS first
WORKDIR /app
COPY seed.txt ./
RUN printf '%s/app grew' "" > tree.txt \\
    && echo /app/tree.txt > where.txt
FROM ground
COPY --from=first /app /app
ENV CITYOPS_STATE_DIR=/var/lib/cityops
WORKDIR /app
ENTRYPOINT ["cat"]
"""


def test_every_source_is_there_and_gets_in() -> None:
    steps = [copy(text) for stage in STAGES.values() for text in stage.of("COPY")]
    assert steps
    for step in steps:
        if step.stage:
            assert step.stage in STAGES
            continue
        for source in step.sources:
            assert list(IGNORED.kept(ROOT, source)), source


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_the_code_gets_in(package: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files", package], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert listed
    assert not [path for path in listed if IGNORED(path)]
    assert f"{package} {package}" in STAGES["python"].of("COPY")


@pytest.mark.parametrize(
    "path",
    [
        *(".git/config", ".venv/bin/python", ".cityops/secrets/token", ".env", "tests/conftest.py"),
        *("services/console/node_modules/ol/ol.js", "services/console/dist/index.html"),
        *("streams/__pycache__/events.cpython-311.pyc", "__pycache__/x.pyc"),
    ],
)
def test_what_is_secret_or_made_here_stays_out(path: str) -> None:
    assert IGNORED(path)


def test_base_images_are_pinned() -> None:
    bases = {stage.base for stage in STAGES.values() if stage.base not in STAGES}
    assert {base.partition(":")[0] for base in bases} == {"python", "node"}
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases), bases


def test_the_libraries_are_there_wherever_python_runs() -> None:
    (system,) = STAGES["base"].of("RUN")
    (packages,) = re.findall(r"--no-install-recommends (.+?) &&", system)
    given = {"CITYOPS_KAFKA_BOOTSTRAP": "kafka:9092", "CITYOPS_DATABASE_URL": "postgresql://there"}
    built = requirements.console_needs() + requirements.compiler_needs()
    other = {need.package for need in built} | {"python3-venv"}
    assert set(packages.split()) == {need.package for need in requirements.needs(given)} - other
    assert STAGES["python"].base == LAST.base == "base"


def test_a_compiler_is_where_the_packages_are_installed_and_not_where_they_run() -> None:
    headers = {"python3-dev"}  # the base image brings its own
    compilers = {need.package for need in requirements.compiler_needs()} - headers
    installed = " ".join(STAGES["python"].of("RUN")).split()
    assert compilers <= set(installed)
    assert not compilers & set(" ".join([*STAGES["base"].of("RUN"), *LAST.of("RUN")]).split())


def test_it_runs_as_a_user_who_owns_nothing_but_the_state() -> None:
    (user,) = LAST.of("USER")
    assert user.isdigit()
    assert int(user) > 0
    (made,) = (text for text in LAST.of("RUN") if text.startswith("useradd"))
    assert f"--uid {user} " in made
    environment = dict(re.findall(r"(\w+)=(\S+)", " ".join(LAST.of("ENV"))))
    settings = load({name: text for name, text in environment.items() if name.startswith(PREFIX)})
    owned = [word for word in made.split() if word.startswith(str(settings.state_dir))]
    assert owned[0] == str(settings.state_dir)
    assert settings.data_dir.is_absolute()
    assert compose.FILE["x-part"]["volumes"] == [f"state:{settings.state_dir}"]
    # A new volume takes its owner from the folder that it is mounted on.
    assert owned == list(compose.mounted(compose.services()["doors"]).values())
    assert [json.loads(text) for text in LAST.of("ENTRYPOINT")] == [["cityops"]]


def _toy(tmp_path: Path, dockerfile: str, ignore: str = "*\n!seed.txt") -> Image:
    context, folder = tmp_path / "context", tmp_path / "image"
    context.mkdir(parents=True)
    folder.mkdir()
    (context / "seed.txt").write_text("seed")
    (context / ".dockerignore").write_text(ignore)
    return Image(context, dockerfile, folder)


def test_steps_are_run_stage_after_stage_in_folders(tmp_path: Path) -> None:
    image = _toy(tmp_path, TOY)
    assert (
        image.run(*image.entrypoint, "ground.txt", "seed.txt", "tree.txt") == "grown\nseed/app grew"
    )
    assert Path(image.run("cat", "where.txt").strip()).read_text() == "/app grew"
    assert image.environment["CITYOPS_STATE_DIR"] == str(image.here / "var/lib/cityops")
    assert [path.name for path in (tmp_path / "image").iterdir()] == ["here"]


def test_a_step_that_fails_and_a_source_that_is_kept_out_are_noticed(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        _toy(tmp_path / "a", TOY.replace("RUN printf", "RUN exit 3; printf"))
    with pytest.raises(FileNotFoundError, match=r"seed\.txt"):
        _toy(tmp_path / "b", TOY, ignore="*")
