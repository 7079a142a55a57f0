"""Whoever stands in between is not taken for a camera; each refusal with the control that it works
where the camera says that nobody looks."""

import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from tempfile import gettempdir

import pytest

from services.gateway.capture import Capture, CaptureError
from services.gateway.reach import Reach
from streams.settings import SettingError, Settings, load
from tests.security.test_addresses import answers, leading, recording
from tests.support.cameras import Rtsp, h264, page, web
from tests.support.certificates import Authority
from tests.support.commandline import cityops
from tests.support.reach import EVERYWHERE

ROOT = Path(__file__).parents[2]
FILM = {"/film.ts": answers(recording())}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whose certificates decoders read, which are others on the machine where root starts them."""
    folder = tmp_path_factory.mktemp("authority")
    above = takewhile(lambda each: each != Path(gettempdir()), folder.parents)
    for each in (folder, *above):
        if not each.stat().st_mode & stat.S_IXOTH and each.owner() == folder.owner():
            each.chmod(0o755)
    return Authority(folder)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture
def reach(authority: Authority) -> Reach:
    return EVERYWHERE._replace(authorities=str(authority.file))


def opened(address: str, reach: Reach, verified: bool = True) -> str:
    try:
        capture = Capture(address, reach, verified)
    except CaptureError as error:
        return str(error)
    capture.close()
    return capture.opened.container


@contextmanager
def playing(scheme: str, signed: object) -> Iterator[str]:
    if scheme == "https":
        with web(FILM, by=signed) as address:  # type: ignore[arg-type]
            yield f"{address}/film.ts"
        return
    with Rtsp(h264(15), by=signed) as server:  # type: ignore[arg-type]
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        yield server.address
        server.shutdown()


@pytest.mark.parametrize("scheme", ["https", "rtsps"])
def test_only_a_certificate_that_is_right_is_taken(
    authority: Authority, stranger: Authority, reach: Reach, scheme: str
) -> None:
    form = {"https": "mpegts", "rtsps": "rtsp"}[scheme]
    with playing(scheme, authority.sign("127.0.0.1")) as address:
        assert opened(address, reach) == form
    wrong = {
        "signed by nobody who is trusted": stranger.sign("127.0.0.1"),
        "for another name": authority.sign("camera.example"),
        "or its time is over": authority.sign("127.0.0.1", lasts=timedelta(days=-1)),
    }
    for why, signed in wrong.items():
        with playing(scheme, signed) as address:
            assert why in opened(address, reach)
            assert opened(address, reach, verified=False) == form, "the control"


def test_a_name_is_compared_with_the_name_that_was_given(
    authority: Authority, reach: Reach
) -> None:
    with web(FILM, by=authority.sign("localhost")) as address:
        assert opened(f"{address}/film.ts".replace("127.0.0.1", "localhost"), reach) == "mpegts"
        assert "another name" in opened(f"{address}/film.ts", reach)


def test_a_redirect_is_verified_too(
    authority: Authority, stranger: Authority, reach: Reach
) -> None:
    with web(FILM, by=stranger.sign("127.0.0.1")) as between:
        pages = {"/x": leading(lambda: f"{between}/film.ts")}
        with web(pages, by=authority.sign("127.0.0.1")) as address:
            assert "its certificate" in opened(f"{address}/x", reach)
            assert opened(f"{address}/x", reach, verified=False) == "mpegts", "the control"


def test_no_playlist_is_read_of_a_host_that_is_verified(
    authority: Authority, stranger: Authority, reach: Reach
) -> None:
    """FFmpeg verifies nothing of what a playlist names."""
    with web(FILM, by=stranger.sign("127.0.0.1")) as between:
        text = (
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n"
            f"#EXTINF:1.0,\n{between}/film.ts\n#EXT-X-ENDLIST\n"
        )
        pages = {"/x.m3u8": page(text.encode, "application/vnd.apple.mpegurl")}
        with web(pages, by=authority.sign("127.0.0.1")) as address:
            assert "cannot be opened" in opened(f"{address}/x.m3u8", reach)
            assert opened(f"{address}/x.m3u8", reach, verified=False) == "hls", "the control"


def test_by_default_it_is_what_this_machine_trusts(authority: Authority) -> None:
    assert Path(Reach.of(Settings()).authorities).read_text().count("BEGIN CERTIFICATE") > 50
    with web(FILM, by=authority.sign("127.0.0.1")) as address:
        assert "its certificate" in opened(f"{address}/film.ts", EVERYWHERE)


def test_authorities_that_cannot_be_read_open_nothing(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no such file"):
        load({"CITYOPS_CAMERA_AUTHORITIES": str(tmp_path / "none.pem")})
    gone = EVERYWHERE._replace(authorities=str(tmp_path / "none.pem"))
    with web(FILM, by=authority.sign("127.0.0.1")) as address:
        assert "authorities" in opened(f"{address}/film.ts", gone)


# --- OpenCV, whose wheel has an OpenSSL that nobody mends ---------------------------------------


def test_opencv_opens_no_stream(tmp_path: Path) -> None:
    """Nothing that a camera sends, or somebody names on the command line, is read by it."""
    said = subprocess.run(
        ["git", "grep", "-l", "VideoCapture(", "--", "services", "streams", "models", "simulators",
         "deploy", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    product = [each for each in said if not each.startswith("tests/")]
    assert product == ["models/tried.py"], "a developer's tool"
    asked: list[str] = []
    with web({"/film.ts": lambda request: asked.append(request.path)}) as address:
        listed = tmp_path / "list.m3u8"
        listed.write_text(f"#EXTM3U\n#EXTINF:1,\n{address}/film.ts\n#EXT-X-ENDLIST\n")
        for video in (f"{address}/film.ts", listed):
            out = ("-o", tmp_path / "found.txt", "--model", "street_detector")
            assert cityops("detect", video, *out).exit_code == 1
    assert not asked


def test_what_opens_streams_has_another_library() -> None:
    import av

    libraries = Path(av.__path__[0]).parent / "av.libs"
    names = {path.name.partition("-")[0] for path in libraries.iterdir()}
    assert "libgnutls" in names
    assert not {name for name in names if "ssl" in name}
