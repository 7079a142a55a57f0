"""``cityops camera add``: any file, stream or address of a picture becomes a camera."""

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.corners import polygon
from services.commandline.output import CommandError, JsonObject, console, emit, notes
from services.commandline.questions import answer, confirmed
from services.commandline.questions import password as asked
from services.commandline.whereabouts import (
    Latitude,
    Longitude,
    NameEn,
    NameVi,
    Owner,
    Parents,
    Segment,
    Ward,
)
from streams.settings import Settings, load
from streams.visible import line

if TYPE_CHECKING:
    from models.manifest import Manifest
    from services.api.client import Client
    from services.gateway.look import Look


def command(
    *,
    id: Annotated[str, typer.Option("--id", help="Letters, digits, '.', '_' and '-'.")],
    source: Annotated[
        str,
        typer.Option(
            help="File where cameras' files may be, or URL such as rtsp://host/path, without a"
            " password; where one belongs in path or query, {user} and {password} stand for them."
        ),
    ],
    user: Annotated[
        str, typer.Option(help="Whom the camera lets in; the password is asked for.")
    ] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password.")
    ] = None,
    verified: Annotated[
        bool,
        typer.Option(
            " /--no-verify",
            show_default=False,
            help="Do not look at its certificate (https, rtmps, rtsps): anybody may be it.",
        ),
    ] = True,
    model: Annotated[
        str, typer.Option(help="Detector, name or name@version; asked for where it is left out.")
    ] = "",
    loop: Annotated[bool, typer.Option("--loop", help="Repeat a recording when it ends.")] = False,
    fps: Annotated[float, typer.Option(help="Maximum frames per second.")] = 5.0,
    name_vi: NameVi = "",
    name_en: NameEn = "",
    lat: Latitude = None,
    lon: Longitude = None,
    segment: Segment = "",
    ward: Ward = "",
    owner: Owner = "",
    parent: Parents = None,
    zone: Annotated[
        list[str] | None,
        typer.Option(
            help="'x,y x,y x,y': a polygon in fractions of the picture; 'x,y x,y': a line from"
            " the first corner to the second; repeatable."
        ),
    ] = None,
    gate: Annotated[
        bool,
        typer.Option(
            " /--no-gate",
            show_default=False,
            help="The detector looks at every picture, also where nothing has changed.",
        ),
    ] = True,
    tours: Annotated[
        bool,
        typer.Option("--tours", help="It turns by itself from view to view: it is never 'moved'."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Add it without a look at it, and ask nothing.")
    ] = False,
    as_json: JsonObject = False,
) -> None:
    """Look at a file or an address and add it as a camera, or change the camera with that id.

    Says what it is and what it will cost; refuses what cannot be decoded. A password is asked for,
    or is a line of standard input, of --password-file, or CITYOPS_CAMERA_PASSWORD; it is sealed,
    and shown nowhere.

    Example: cityops camera add --id quay-3 --source rtsp://10.0.0.5/ch1 --zone '0,.5 1,.5 1,1 0,1'
    """
    settings = load()
    _check(id, source, fps)
    chosen = _model(settings, model)
    address = source if "://" in source or source.isdigit() else str(Path(source).absolute())
    password = _password(settings, address, user, password_file)
    zones = [
        {"id": f"{id}-zone-{number}", "polygon": polygon("zone", text)}
        for number, text in enumerate(zone or [], 1)
    ]
    body = {
        "id": id,
        "address": address,
        "user": user,
        "password": password,
        "verified": verified,
        "model": chosen,
        "loop": loop,
        "fps": fps,
        "recorded": False,
        "alone": not force,
        "name_vi": name_vi,
        "name_en": name_en,
        "latitude": lat,
        "longitude": lon,
        "segment": segment,
        "ward": ward,
        "owner": owner,
        "parents": parent or [],
        "gated": gate,
        "tours": tours,
        "zones": zones,
    }
    seen: dict[str, Any] = {}
    if not force:
        whole, shown = _whole(address, user, password)
        looked = _look(settings, whole, shown, fps=fps, verified=verified)
        chosen = chosen or _asked(settings)
        body |= {"model": chosen, "recorded": looked.origin == "recorded"}
        seen = _described(looked, settings, chosen, fps)
    with connected() as client:
        answer = _posted(client, body)
    if as_json:
        emit({"id": id, **answer, **seen}, as_json=True)
    else:
        console.print(f"camera {id} added; its first frames take a few seconds")


def _check(id: str, source: str, fps: float) -> None:
    """Before anything is looked at."""
    from services.gateway.orders import check_name, rate_fault
    from services.gateway.reach import SCHEMES
    from streams.configuration.address import unprintable
    from streams.configuration.check import InvalidChangeError

    try:
        check_name(id)
    except InvalidChangeError as error:
        raise CommandError(str(error), 2) from None
    if "://" not in source and source.lower().startswith(tuple(f"{each}:" for each in SCHEMES)):
        raise CommandError("--source: an address is written with two slashes: rtsp://host/path", 2)
    if not source.strip():
        raise CommandError("--source is empty: give a file, or an address such as rtsp://host/path")
    if wrong := unprintable(source):
        raise CommandError(f"--source: {wrong}")
    if wrong := rate_fault(fps):
        raise CommandError(wrong)


def _model(settings: Settings, model: str) -> str:
    """``name@version`` of a model that is there; empty stays empty."""
    if not model:
        return ""
    from models.manifest import ModelError
    from streams.models import registry

    models = registry(settings)
    try:
        manifest = models.find(model)
        models.path(manifest)
    except ModelError as error:
        raise CommandError(str(error)) from None
    return manifest.id


def _asked(settings: Settings) -> str:
    """Which detector, of those that are here and know more than drawings."""
    from models.manifest import ModelError
    from streams.models import for_footage, registry

    models, there = registry(settings), []
    for manifest in models.catalogue():
        if manifest.task == "detection" and not _drawn(manifest):
            with suppress(ModelError):
                models.path(manifest)
                there.append(manifest.id)
    if not there:
        raise CommandError(
            "no detector for real pictures is here: run 'cityops models fetch yolox_nano_street',"
            " or name one with --model; --force adds it with the active one"
        )
    best = for_footage(models) or there[0]
    choice = answer(f"Detector ({', '.join(there)})", best)
    if choice is None:
        raise CommandError(
            f"name a detector with --model: {', '.join(there)}; --force adds it with the active one"
        )
    return _model(settings, choice)


def _drawn(manifest: "Manifest") -> bool:
    """Whether it learnt from the simulated city's drawings, whose streets are all it knows."""
    return "simulators/" in manifest.training_data


def _password(settings: Settings, address: str, user: str, file: Path | None) -> str:
    """Raises CommandError where one stands in the address, or where there is none to be had."""
    from streams.configuration.address import carries_secret, fault, wants_password

    if wrong := fault(address):
        raise CommandError(f"the address: {wrong}")
    if carries_secret(address):
        raise CommandError(
            "a password on the command line stays in the list of processes and the shell's history:"
            " give --user NAME, or write {password} where it stands; it is then asked for, or taken"
            " from --password-file FILE or CITYOPS_CAMERA_PASSWORD"
        )
    if file is not None:
        from models.files import SMALL, read_file

        try:
            found = read_file(file, SMALL).decode().partition("\n")[0].rstrip("\r")
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} cannot be read: it is no text") from None
        if not found:
            raise CommandError(f"{file}: its first line is empty, and no password")
        return found
    if settings.camera_password:
        return settings.camera_password
    return asked("password of the camera") if user or wants_password(address) else ""


def _whole(address: str, user: str, password: str) -> tuple[str, str]:
    """The address with credentials, and as it may be shown."""
    from streams.configuration.address import with_credentials, without_credentials

    try:
        return with_credentials(address, user, password), without_credentials(address)
    except ValueError as error:
        raise CommandError(f"the address: {error}") from None


def _look(settings: Settings, address: str, shown: str, *, fps: float, verified: bool) -> "Look":
    from deploy.local import state, users
    from services.gateway.capture import Address, CaptureError
    from services.gateway.look import look
    from services.gateway.reach import Reach

    reach = Reach.of(settings)
    if wrong := reach.fault(address):  # as the API will say too: there is nothing to force
        raise CommandError(f"{shown}: {wrong}")
    notes.print(f"looking at {shown} …", highlight=False)
    try:
        looked = look(address, fps, reach, verified)
    except CaptureError as error:
        raise CommandError(f"{shown}: {error}; --force adds it anyway") from None
    asked = Address(address).is_file and state.current(settings) is not None
    if asked and not users.may_read(settings, "gateway", Path(address)):
        raise CommandError(
            f"{shown}: the gateway, which runs as another user than root, may not read it:"
            " open the file, and the folders that it is in, to others; --force adds it anyway"
        )
    return looked


def _described(looked: "Look", settings: Settings, model: str, fps: float) -> dict[str, Any]:
    """What was seen, for programs; people are told."""
    from models.loader import load_detector
    from models.manifest import ModelError
    from streams.models import registry

    opened = looked.opened
    height, width = looked.picture.shape[:2]
    rate = min(fps, opened.rate or fps)
    try:
        detector = load_detector(registry(settings), model)
        detector.detect(looked.picture)  # the first takes longer
        began = time.thread_time()
        detector.detect(looked.picture)
        detecting = (time.thread_time() - began) * rate
    except ModelError as error:
        raise CommandError(str(error)) from None
    mebibytes = looked.jpeg_bytes * rate / 2**20
    notes.print(
        f"{looked.words}\n"
        f"at {rate:.3g} frames/s it costs about {looked.processor:.2g} of a processor to decode,"
        f" {detecting:.2g} to detect with {model}, and {mebibytes:.2g} MiB/s of frames",
        highlight=False,
    )
    if _drawn(detector.manifest):
        notes.print(f"{model} learnt from drawings: on real pictures it finds little")
    return {
        "codec": opened.codec,
        "width": width,
        "height": height,
        "rate": opened.rate or None,
        "seconds": opened.seconds or None,
        "origin": looked.origin,
        "model": model,
        "damaged": looked.damaged,
        "processor_decoding": round(looked.processor, 3),
        "processor_detecting": round(detecting, 3),
        "bytes_per_second": round(looked.jpeg_bytes * rate),
    }


def _posted(client: "Client", body: dict[str, Any]) -> dict[str, Any]:
    """Asks where another camera has the address."""
    from services.api.client import ClientError

    try:
        answer: dict[str, Any] = client.post("/api/cameras", body)
    except ClientError as error:
        if error.status != 409:
            raise
        if not confirmed(f"{line(str(error))}. Add it all the same?"):
            raise CommandError(f"{error}; --force adds it anyway") from None
        answer = client.post("/api/cameras", body | {"alone": False})
    return answer
