"""What this machine lacks, all of it at once, and installing it where we may.

``python3 deploy/local/requirements.py`` (``--venv-only`` for development without servers,
``--console`` for what builds the console, ``--browser`` and ``--firefox`` for what only tests run)
runs before the virtual environment exists: nothing but the standard library is imported here.
"""

import ctypes
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

PYTHON = (3, 11)
JAVA = 17
NODE = 18
ELSEWHERE = (
    "the local stack runs on Debian 12 or 13 and Ubuntu from 24.04, on x86-64; elsewhere: "
    "docker compose up -d (its first lines say how to go on)"
)


class Requirement(NamedTuple):
    """Something that must be there, and the package that brings it."""

    what: str
    package: str
    there: Callable[[], bool]


def needs(
    environment: Mapping[str, str] = os.environ, *, venv_only: bool = False
) -> list[Requirement]:
    """Everything that a stack with these settings needs of the machine."""
    found = [Requirement("Python's venv module", "python3-venv", _has_venv), *compiler_needs()]
    if venv_only:
        return found
    libraries = (
        ("libGL.so.1", "libgl1"),
        ("libgthread-2.0.so.0", "libglib2.0-0"),
        ("libX11.so.6", "libx11-6"),
        ("libXext.so.6", "libxext6"),
        ("libXrender.so.1", "libxrender1"),
        ("libatomic.so.1", "libatomic1"),
        ("libexpat.so.1", "libexpat1"),
    )
    for library, package in libraries:
        found.append(Requirement(f"{library} (for OpenCV and SUMO)", package, _loader(library)))
    # The settings module reads the environment everywhere else; here it cannot be imported yet.
    if not environment.get("CITYOPS_KAFKA_BOOTSTRAP"):
        found.append(Requirement(f"Java {JAVA} or newer", "default-jre-headless", _has_java))
        found.append(Requirement("Maven", "maven", lambda: shutil.which("mvn") is not None))
    if not environment.get("CITYOPS_DATABASE_URL"):
        keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
        found.append(Requirement("Debian's archive key", "debian-archive-keyring", keyring.exists))
    return found + console_needs()


def compiler_needs() -> list[Requirement]:
    """What compiles ``streams/cameras/_frame.pyx`` when the packages are installed."""
    return [
        Requirement("a C compiler", "gcc", lambda: shutil.which("gcc") is not None),
        Requirement("the C library's headers", "libc6-dev", _has_c_headers),
        Requirement("Python's headers", "python3-dev", _has_python_headers),
    ]


def console_needs() -> list[Requirement]:
    """What builds the web console."""
    return [
        Requirement(f"Node.js {NODE} or newer", "nodejs", _has_node),
        Requirement("npm", "npm", lambda: shutil.which("npm") is not None),
    ]


HEADLESS = "chromium-headless-shell"
WINDOWLESS = Requirement(
    "Chromium without windows", HEADLESS, lambda: shutil.which(HEADLESS) is not None
)
"""What the tests of the console run in, where it is packaged: it takes less of the processor."""
BROWSER = Requirement("Chromium", "chromium", lambda: shutil.which("chromium") is not None)
"""What they run in elsewhere, and notifications everywhere; without it they are skipped."""

FIREFOX = Requirement("Firefox", "firefox-esr", lambda: firefox() is not None)
"""What the console is tried in once more, by ``make firefox``; without it that test is skipped."""

MOSQUITTO = Path("/usr/sbin/mosquitto")
MQTT = Requirement("Mosquitto", "mosquitto", MOSQUITTO.exists)
"""The broker of the tests of readings by MQTT."""


def chromium() -> str | None:
    """The program, where there is one; rather that without windows."""
    return shutil.which(HEADLESS) or shutil.which("chromium")


def firefox() -> str | None:
    """The program, where there is one."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def _has_venv() -> bool:
    return find_spec("venv") is not None and find_spec("ensurepip") is not None


def _has_c_headers() -> bool:
    if shutil.which("gcc") is None:
        return False
    asked = ["gcc", "-E", "-include", "stdlib.h", "-x", "c", os.devnull]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _has_python_headers() -> bool:
    return Path(sysconfig.get_path("include"), "Python.h").exists()


def _loader(library: str) -> Callable[[], bool]:
    def loads() -> bool:
        try:
            ctypes.CDLL(library)
        except OSError:
            return False
        return True

    return loads


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home, "bin/java")) if home else shutil.which("java")
    if program is None or not Path(program).exists():
        return False
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return java_version(said.stderr) >= JAVA


def _has_node() -> bool:
    program = shutil.which("node")
    if program is None:
        return False
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)", said.stdout)
    return match is not None and int(match[1]) >= NODE


def java_version(said: str) -> int:
    """The major version in what ``java -version`` prints; 0 where there is none."""
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match[1]) if match else 0


def supported(machine: str, release: Mapping[str, str]) -> bool:
    """Whether packages of Debian 13 can be had and run here; ``release``: of os-release."""
    if machine != "x86_64":
        return False
    name, version = release.get("ID", ""), release.get("VERSION_ID", "99")
    oldest = {"debian": 12.0, "ubuntu": 24.04}
    # Debian's testing has no version; those derived from both say so in ID_LIKE.
    derived = {"debian", "ubuntu"} & set(release.get("ID_LIKE", "").split())
    return float(version) >= oldest[name] if name in oldest else bool(derived)


def command(packages: list[str]) -> str:
    """The one command that installs what is missing."""
    return f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"


def install(missing: list[Requirement]) -> None:
    """Installs as root; raises CalledProcessError where apt fails."""
    packages = sorted({need.package for need in missing})
    print(f"installing {', '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["sh", "-c", command(packages)], check=True, env=environment)


def _here() -> bool:
    try:
        return supported(platform.machine(), platform.freedesktop_os_release())
    except OSError:
        return False


def _is_debian() -> bool:
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def _bring_for_tests(*wanted: Requirement) -> None:
    """Installs as root what only tests need; that something is missing is no failure here."""
    missing = [need for need in wanted if not need.there()]
    if missing and _here() and os.geteuid() == 0:
        try:
            install(missing)
        except subprocess.CalledProcessError as error:
            print(f"apt-get failed with {error.returncode}, see above", file=sys.stderr)
    without = {
        WINDOWLESS: "the tests of the console run in one that takes longer",
        BROWSER: "the tests of the console are skipped",
        FIREFOX: "the test of the console in it is skipped",
        MQTT: "the tests of readings by MQTT fail",
    }
    for need in wanted:
        if not need.there():
            print(f"no {need.what}: {without[need]}", file=sys.stderr)


def main(arguments: list[str]) -> int:
    """Exit status: 0 when nothing is missing (any more)."""
    if sys.version_info < PYTHON:  # an older one runs this file to be told so
        print("error: Python 3.11 or newer is needed: make PYTHON=python3.11 ...", file=sys.stderr)
        return 1
    if "--browser" in arguments:
        if _is_debian():
            _bring_for_tests(WINDOWLESS)
        _bring_for_tests(BROWSER, MQTT)
        return 0
    if "--firefox" in arguments:
        _bring_for_tests(FIREFOX)
        return 0
    console_only = "--console" in arguments
    venv_only = "--venv-only" in arguments or console_only
    wanted = console_needs() if console_only else needs(venv_only=venv_only)
    missing = [need for need in wanted if not need.there()]
    own_servers = not all(
        os.environ.get(name) for name in ("CITYOPS_KAFKA_BOOTSTRAP", "CITYOPS_DATABASE_URL")
    )
    here = _here()
    if not here and own_servers and not venv_only:
        print(f"error: {ELSEWHERE}", file=sys.stderr)
        return 1
    if missing and here and os.geteuid() == 0:
        try:
            install(missing)
        except subprocess.CalledProcessError as error:
            print(f"error: apt-get failed with {error.returncode}, see above", file=sys.stderr)
            return 1
        missing = [need for need in missing if not need.there()]
    if missing:
        print("error: this machine lacks:", file=sys.stderr)
        for need in missing:
            print(f"  {need.what}", file=sys.stderr)
        if here:
            packages = sorted({need.package for need in missing})
            print(f"install it with: sudo sh -c '{command(packages)}'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
