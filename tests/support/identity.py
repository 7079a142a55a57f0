"""A real identity provider for tests (node, oidc-provider), and a browser that signs in there."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from deploy.local.errors import StackError
from streams.secrets import write_secret
from tests.support.trust import TRUST

FOLDER = Path(__file__).parent / "provider"
CALLBACK = "/api/session/provider/callback"
_FIELD = re.compile(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"')
_ACTION = re.compile(r'<form[^>]*action="([^"]+)"')
_NEXT = re.compile(r'<a href="([^"]+)">')


class Client(NamedTuple):
    """An application that the provider knows."""

    id: str
    secret: str

    def settings(self, issuer: str, public: str, folder: Path, **changes: Any) -> dict[str, Any]:
        """For an installation that signs people in by it."""
        file = folder / "client-secret"
        write_secret(file, self.secret)
        return {
            "public_url": public,
            "oidc_issuer": issuer,
            "oidc_client_id": self.id,
            "oidc_client_secret_file": str(file),
            "oidc_groups": "leads=supervisor; desk=operator; chiefs=administrator",
            **changes,
        }


class Identity:
    """The provider, as whoever runs it sees it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._people: dict[str, dict[str, Any]] = {}

    def knows(self, login: str, *groups: str, name: str = "") -> None:
        """From now on, of somebody who has signed in before, too."""
        self._people[login] = {"preferred_username": name or login, "groups": list(groups)}
        httpx.put(f"{self.issuer}/people", json=self._people, verify=TRUST).raise_for_status()

    def register(self, public: str) -> Client:
        """An application at that address (RFC 7591)."""
        asked = {"redirect_uris": [public + CALLBACK], "post_logout_redirect_uris": [f"{public}/"]}
        said = httpx.post(f"{self.issuer}/reg", json=asked, verify=TRUST).raise_for_status().json()
        return Client(said["client_id"], said["client_secret"])


@contextmanager
def running() -> Iterator[Identity]:
    """Raises StackError where the provider is not installed."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        raise StackError(f"no identity provider for tests: npm ci in {FOLDER}")
    program = subprocess.Popen(
        [node, "provider.mjs"],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert program.stdout is not None
        assert program.stdin is not None
        yield Identity(program.stdout.readline().strip())
        program.stdin.close()
        program.stdout.close()
        program.wait(10)
    finally:
        program.kill()
        program.wait()


def walk(browser: httpx.Client, start: str, login: str) -> str:
    """Goes where it is sent and fills in what it is shown, as ``login``, until the provider sends
    it away; to which address that is.

    Args:
        start: an address of the provider's.
    """
    answer, host = browser.get(start), urlsplit(start).netloc
    for _ in range(12):
        if answer.is_redirect:
            address = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(address).netloc != host:
                return address
            answer = browser.get(address)
            continue
        assert answer.status_code == 200, answer.text
        action = _ACTION.search(answer.text)
        assert action is not None, answer.text
        fields = {name: unescape(value) for name, value in _FIELD.findall(answer.text)}
        if "login" in answer.text:
            fields |= {"login": login, "password": "any will do"}
        answer = browser.post(urljoin(str(answer.url), unescape(action[1])), data=fields)
    raise AssertionError("the provider does not come to an end")
