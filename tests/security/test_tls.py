"""The console and API by TLS: what old or half a client gets, and what everybody else does."""

import http.client
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from services.api.users import first_start
from services.web import connections, secure
from services.web.guard import MAX_BODY, Guard
from services.web.headers import SafeHeaders
from services.web.secure import Certificate
from services.web.server import Server, server_of
from streams.database import connect
from streams.settings import SettingError, Settings, load
from streams.tls import trusting
from tests.support.serving import serving, with_free_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes certificates")


def make_certificate(folder: Path, name: str = "cityops.example") -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    kept = ["-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate]
    subprocess.run([*new, *kept], check=True, capture_output=True)
    return certificate, key


def named(certificate: Path) -> str:
    asked = ["openssl", "x509", "-in", str(certificate), "-noout", "-subject"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def app_alone() -> FastAPI:
    app = FastAPI()

    @app.get("/api/who")
    def who(request: Request) -> dict[str, object]:
        address = request.client.host if request.client else None
        return {"address": address, "version": request.scope["http_version"]}

    @app.post("/api/rules")
    async def rules(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.get("/endless")
    def endless() -> Response:
        return StreamingResponse(b"x" * 2**14 for _ in range(10_000))

    app.add_middleware(Guard)
    app.add_middleware(SafeHeaders, hsts_seconds=100)
    return app


@contextmanager
def secured(settings: Settings) -> Iterator[tuple[Settings, Server]]:
    settings = with_free_port(settings)
    server = server_of(app_alone(), settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield settings, server
    finally:
        server.end()
        thread.join(30)
    assert not thread.is_alive()


@pytest.fixture
def tls(tmp_path: Path) -> Settings:
    certificate, key = make_certificate(tmp_path)
    return Settings(state_dir=tmp_path, tls_certificate=str(certificate), tls_key=str(key))


def curl(*arguments: str) -> str:
    command = ["curl", "--silent", "--show-error", "--insecure", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_browsers_get_http_2_and_older_programs_http_1(tls: Settings) -> None:
    with secured(tls) as (settings, _):
        for asked, got in (("--http2", "2"), ("--http1.1", "1.1")):
            found = curl(asked, "--include", f"{settings.api}/api/who")
            head, _, body = (
                found.partition("\n\n") if "\n\n" in found else found.partition("\r\n\r\n")
            )
            assert head.startswith(f"HTTP/{got} 200")
            assert '"address":"127.0.0.1"' in body
            assert "strict-transport-security: max-age=100" in head.lower()
            assert "server:" not in head.lower()


def test_the_clients_of_this_machine_trust_what_the_settings_name(
    tls: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stranger = msgspec.structs.replace(tls, tls_certificate=str(make_certificate(other)[0]))
    with secured(tls) as (settings, _):
        context = trusting(settings)
        assert context is not None
        assert httpx.get(f"{settings.api}/api/who", verify=context).status_code == 200
        suspicious = trusting(stranger)
        assert suspicious is not None
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{settings.api}/api/who", verify=suspicious)


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_nothing_older_than_tls_1_2_is_spoken(tls: Settings, version: str) -> None:
    with secured(tls) as (settings, _):

        def shaken(*how: str) -> str:
            where = f"127.0.0.1:{settings.http_port}"
            command = ["openssl", "s_client", *how, "-cipher", "ALL:@SECLEVEL=0", "-connect", where]
            found = subprocess.run(
                command, input="", capture_output=True, text=True, timeout=30, check=False
            )
            return found.stdout

        assert "Cipher is (NONE)" in shaken(version)
        assert "Cipher is ECDHE" in shaken("-tls1_2")


def test_a_renewed_certificate_is_taken_and_a_wrong_one_is_not(
    tls: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secure, "LOOK_SECONDS", 0.05)
    folder = Path(tls.tls_key).parent

    def shown(port: int) -> str:
        shown = folder / "shown.pem"
        shown.write_text(ssl.get_server_certificate(("127.0.0.1", port)))
        return named(shown)

    with secured(tls) as (settings, _), httpx.Client(verify=False) as client:
        client.get(f"{settings.api}/api/who")
        assert "cityops.example" in shown(settings.http_port)
        make_certificate(folder, "renewed.example")
        eventually(lambda: "renewed.example" in shown(settings.http_port))
        assert client.get(f"{settings.api}/api/who").status_code == 200
        Path(settings.tls_key).write_text("no key")
        time.sleep(0.3)
        assert "renewed.example" in shown(settings.http_port)


def test_a_pair_that_does_not_fit_is_said_at_the_start(tls: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _, key = make_certificate(other)
    with pytest.raises(ssl.SSLError):
        Certificate(Path(tls.tls_certificate), key)
    with pytest.raises(OSError, match="nowhere"):
        Certificate(Path("nowhere"), key)


def test_a_certificate_without_its_key_is_no_setting() -> None:
    with pytest.raises(SettingError, match="CITYOPS_TLS_KEY"):
        load({"CITYOPS_TLS_CERTIFICATE": "x"})
    with pytest.raises(SettingError, match=r"'nginx' is no address"):
        load({"CITYOPS_TRUSTED_PROXIES": "127.0.0.1, nginx"})


def test_who_does_not_shake_hands_or_ask_is_not_waited_for(
    tls: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secure, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(secure, "KEEP_ALIVE_SECONDS", 0.5)
    with secured(tls) as (settings, server):
        with socket.create_connection(("127.0.0.1", settings.http_port)) as silent:
            silent.settimeout(20)
            assert silent.recv(1) == b""
        context = ssl._create_unverified_context()
        for protocols in (["h2"], ["http/1.1"]):
            context.set_alpn_protocols(protocols)
            with (
                socket.create_connection(("127.0.0.1", settings.http_port)) as line,
                context.wrap_socket(line) as shaken,
            ):
                shaken.settimeout(20)
                shaken.sendall(b"GET /api/who HTTP/1.1\r\nX" if protocols == ["http/1.1"] else b"P")
                while shaken.recv(2**14):
                    pass
        eventually(lambda: not server.server_state.connections)


@pytest.mark.parametrize("version", ["--http2", "--http1.1"])
def test_who_does_not_read_is_not_waited_for(
    tls: Settings, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (secure, connections):
        monkeypatch.setattr(module, "READ_SECONDS", 0.5)
    with secured(tls) as (settings, server):
        command = ["curl", "--silent", "--insecure", version, f"{settings.api}/endless"]
        reader = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            eventually(lambda: len(server.server_state.connections) == 1)
            eventually(lambda: not server.server_state.connections)
        finally:
            reader.kill()
            reader.wait()
            assert reader.stdout
            reader.stdout.close()


def test_one_address_does_not_keep_the_others_out(
    tls: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_OF_ADDRESS", 2)
    context = ssl._create_unverified_context()

    def ask(host: str) -> http.client.HTTPSConnection:
        found = http.client.HTTPSConnection(
            "127.0.0.1", settings.http_port, context=context, source_address=(host, 0), timeout=20
        )
        found.request("GET", "/api/who")
        return found

    with secured(tls) as (settings, _):
        held = [ask("127.0.0.1") for _ in range(2)]
        with pytest.raises((OSError, http.client.HTTPException)):
            ask("127.0.0.1").getresponse()
        other = ask("127.0.0.2")
        assert other.getresponse().status == 200
        for each in (*held, other):
            each.close()


@pytest.mark.parametrize("version", ["--http2", "--http1.1"])
def test_a_large_body_is_refused_and_the_service_goes_on(
    tls: Settings, tmp_path: Path, version: str
) -> None:
    large = tmp_path / "large"
    large.write_bytes(b" " * (MAX_BODY + 1))
    answer = ("--output", str(tmp_path / "answer"), "--write-out", "%{http_code}")
    said = ("Authorization: Bearer x", "Content-Type: application/json")
    sent = (*(word for line in said for word in ("--header", line)), "--data-binary")
    with secured(tls) as (settings, _):
        where = f"{settings.api}/api/rules"
        assert curl(version, *answer, *sent, f"@{large}", where) == "413"
        assert curl(version, *sent, "{}", where) == '{"bytes":2}'


def test_the_whole_service_by_http_2(settings: Settings, tmp_path: Path) -> None:
    """Signing in sets a cookie for TLS only, and the live stream streams."""
    certificate, key = make_certificate(tmp_path)
    own = msgspec.structs.replace(
        with_free_port(settings), tls_certificate=str(certificate), tls_key=str(key)
    )
    with connect(own, "test", autocommit=True) as connection:
        first_start(connection, own)
    password = own.secret("admin-password").read_text().strip()
    token = own.secret("token").read_text().strip()
    with serving(own):
        body = f'{{"name": "admin", "password": "{password}"}}'
        json = ("--header", "Content-Type: application/json", "--data", body)
        head = curl("--http2", "--include", *json, f"{own.api}/api/session")
        assert head.startswith("HTTP/2 200")
        cookie = next(line for line in head.splitlines() if line.startswith("set-cookie:"))
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        bearer = ("--header", f"Authorization: Bearer {token}")
        command = ["curl", "-sNk", "--http2", *bearer, f"{own.api}/api/events"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stream:
            assert stream.stdout
            lines = (line.strip() for line in stream.stdout)
            assert next(line for line in lines if line.startswith("event:")) == "event: hello"
            assert next(line for line in lines if line == "event: alive")
            stream.kill()


def test_control_in_the_clear_there_is_no_http_2(settings: Settings) -> None:
    with serving(with_free_port(settings)) as app:
        where = f"{app.state.settings.api}/openapi.json"
        assert curl("--http2", "--include", where).startswith("HTTP/1.1")
