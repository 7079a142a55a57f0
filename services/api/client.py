"""How programs on this machine, the command line too, ask the API.

In whose name: by the token of the setting; else as who has signed in by ``cityops signin``, with
this account of the operating system; else with the machine's own token, which is nobody's.
"""

import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self
from uuid import uuid4

import httpx

from services.api import signed_in
from services.api.signed_in import AGENT
from streams.settings import Settings
from streams.tls import trusting

TIMEOUT_SECONDS = 15.0
SILENT_SECONDS = 15.0
"""The live stream gives a sign of life every five seconds."""
EXPORT_SECONDS = 90.0
"""For the first of it: the service makes it whole, and gives up after a minute."""
TRIES = 3
PAUSE_SECONDS = 1.0


class ClientError(Exception):
    """The service is not there, or said no; the message is one line that says what to do."""

    def __init__(
        self, message: str, *, away: bool = False, status: int = 0, reason: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason
        """Of the answer; 0: there was none that says more."""
        self.away = away
        """The service could not be reached; asking again may help."""


class Event(NamedTuple):
    """Of the live stream."""

    id: str
    name: str
    data: str


class Client:
    """A connection to the service that the settings name.

    Args:
        token: empty: nobody's.

    Raises:
        ClientError: there is no token yet.
    """

    def __init__(
        self,
        settings: Settings,
        transport: httpx.BaseTransport | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        token: str | None = None,
    ) -> None:
        self.address = settings.api
        if token is None:
            token = _token(settings)
        self._http = httpx.Client(
            base_url=settings.api,
            headers={"User-Agent": f"{AGENT}/{version('cityops')}"}
            | ({"Authorization": f"Bearer {token}"} if token else {}),
            timeout=timeout_seconds,
            transport=transport,
            # In the clear nobody is trusted, and to read whom a machine trusts takes a while.
            verify=trusting(settings) or settings.api.startswith("https:"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """JSON of a GET; parameters that are None or empty are left out.

        Raises:
            ClientError
        """
        given = {name: value for name, value in parameters.items() if value not in (None, "", [])}
        return self._json("GET", path, params=given)

    def text(self, path: str, **parameters: Any) -> str:
        """What a GET answers that is no JSON; parameters and errors as of ``get``."""
        given = {name: value for name, value in parameters.items() if value not in (None, "", [])}
        return self._answer("GET", path, params=given).text

    def page(self, path: str) -> str:
        """What a POST answers that is a page for people; errors as of ``post``."""
        return self._answer("POST", path).text

    def post(self, path: str, body: Any = None) -> Any:
        """JSON of a POST; a change is made once or not at all, and never asked for twice.

        Raises:
            ClientError
        """
        return self._json("POST", path, json=body)

    def put(self, path: str, body: Any = None) -> Any:
        """JSON of a PUT, None where there is none.

        Raises:
            ClientError
        """
        return self._json("PUT", path, json=body)

    def delete(self, path: str, **parameters: Any) -> Any:
        """JSON of a DELETE, None where there is none; parameters that are None are left out.

        Raises:
            ClientError
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._json("DELETE", path, params=given)

    def pages(self, path: str, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The rows of every page of a list, whose rows are under ``name``."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, **parameters)
            yield from page[name]
            cursor = page["next"]
            if cursor is None:
                return

    def download(
        self, path: str, file: BinaryIO, told: Callable[[int, int], None], **parameters: Any
    ) -> int:
        """Writes an export to a file, as it comes; parameters as of ``get``.

        Args:
            told: called with the bytes that are there, and of all.

        Returns:
            How many rows it has.

        Raises:
            ClientError: the file has nothing of use.
        """
        given = {name: value for name, value in parameters.items() if value not in (None, "", [])}
        timeout = httpx.Timeout(self._http.timeout.connect, read=EXPORT_SECONDS)
        try:
            with self._http.stream("GET", path, params=given, timeout=timeout) as response:
                if response.status_code >= 400:
                    response.read()
                    raise _refused(response)
                whole = int(response.headers.get("Content-Length", 0))
                for chunk in response.iter_bytes():
                    file.write(chunk)
                    told(response.num_bytes_downloaded, whole)
                return int(response.headers["X-Rows"])
        except httpx.HTTPError as error:
            raise self._away(error) from None
        except (KeyError, ValueError):
            raise ClientError(f"what {self.address} sent is no export") from None

    def act(self, alert: str, action: str, comment: str = "", **more: Any) -> dict[str, Any]:
        """Does something to an alert; asked again after a lost answer, done once.

        Args:
            action: as the route has it.
            more: what else it takes.

        Raises:
            ClientError
        """
        body = {"command_id": str(uuid4()), "comment": comment} | more
        done: dict[str, Any] = self.once(f"/api/alerts/{alert}/{action}", body)
        return done

    def once(self, path: str, body: dict[str, Any]) -> Any:
        """JSON of a POST whose body has a `command_id`: done once, however often it is asked for.

        Raises:
            ClientError
        """
        for attempt in range(TRIES):
            try:
                return self._json("POST", path, json=body)
            except ClientError as error:
                if not error.away or attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def events(self, after: int) -> Iterator[Event]:
        """The live stream after a sequence, for ever; reconnects where it broke off.

        Raises:
            ClientError: the service is gone for longer than a few seconds, or refuses.
        """
        last, failures = str(after), 0
        while True:
            try:
                for event in self._stream(last):
                    failures = 0
                    last = event.id or last
                    yield event
            except httpx.HTTPError as error:
                failures += 1
                if failures > TRIES * 5:
                    raise self._away(error) from None
            time.sleep(PAUSE_SECONDS)

    def _stream(self, last: str) -> Iterator[Event]:
        headers = {"Last-Event-ID": last, "Accept": "text/event-stream"}
        timeout = httpx.Timeout(TIMEOUT_SECONDS, read=SILENT_SECONDS)
        with self._http.stream("GET", "/api/events", headers=headers, timeout=timeout) as response:
            if response.status_code != 200:
                response.read()
                if response.status_code != 503:
                    raise _refused(response)
                raise httpx.ReadError("the database is away")
            yield from parse(response.iter_lines())

    def _json(self, method: str, path: str, **how: Any) -> Any:
        response = self._answer(method, path, **how)
        return response.json() if response.content else None

    def _answer(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **how)
        except httpx.InvalidURL as error:
            raise ClientError(f"there is nothing at {path!r} ({error})") from None
        except httpx.HTTPError as error:
            raise self._away(error) from None
        if response.status_code >= 400:
            raise _refused(response)
        return response

    def _away(self, error: Exception) -> ClientError:
        what = f"the alerts service does not answer at {self.address} ({type(error).__name__})"
        return ClientError(f"{what}: run 'make up', or see 'cityops status'", away=True)


def parse(lines: Iterator[str]) -> Iterator[Event]:
    """Server-Sent Events from the lines of a response."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in fields:
                name = fields.get("event", "message")
                yield Event(fields.get("id", ""), name, fields["data"])
            fields = {}
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        fields[field] = (
            f"{fields[field]}\n{value}" if field == "data" and field in fields else value
        )


def _refused(response: httpx.Response) -> ClientError:
    try:
        said = response.json()
        detail, reason = str(said["detail"]), str(said.get("reason", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        detail, reason = f"the alerts service answered {response.status_code}", ""
    if response.status_code == 401 and reason in ("", "not_signed_in"):
        return ClientError(
            "the alerts service does not know this token: 'cityops signin NAME' if you had signed"
            " in, else set CITYOPS_TOKEN, or run 'make up'",
            status=401,
        )
    status = response.status_code
    return ClientError(detail, away=status == 503, status=status, reason=reason)


def _token(settings: Settings) -> str:
    if given := settings.token or signed_in.token(settings):
        return given
    try:
        return settings.secret("token").read_text().strip()
    except FileNotFoundError:
        raise ClientError("the alerts service has never run here: run 'make up' first") from None
    except PermissionError:
        path = settings.secret("token")
        how = "sign in by 'cityops signin NAME', or use the account that ran 'make up'"
        raise ClientError(f"{path} cannot be read: {how}") from None
