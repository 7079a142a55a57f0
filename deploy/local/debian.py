"""Packages of another Debian release in a folder of ours; the system stays as it is.

apt gets a private state whose one source is Debian 13, checked with Debian's archive key.
No root is needed, and nothing is installed: packages are downloaded, verified and unpacked.
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.commands import run
from deploy.local.errors import StackError
from streams.settings import Settings

RELEASE = "trixie"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def mirror(settings: Settings) -> str:
    """The setting, else the Debian mirror of the machine's own apt.

    Raises:
        StackError: apt names none, as on Ubuntu, and the setting is empty.
    """
    if settings.debian_mirror:
        return settings.debian_mirror
    targets = run(
        "asking apt for its mirrors",
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)"],
    )
    # Security updates have the label "Debian-Security"; they do not carry whole releases.
    found = sorted({line.split()[0] for line in targets.splitlines() if line.endswith(" Debian")})
    if not found:
        raise StackError(
            "apt's own mirror is not Debian's: set CITYOPS_DEBIAN_MIRROR to one of"
            " https://www.debian.org/mirror/list"
        )
    return found[0]


def unpack(settings: Settings, packages: Sequence[str], prefix: Path) -> None:
    """Downloads, verifies and unpacks packages into ``prefix``.

    Raises:
        StackError: the mirror cannot be reached, or its signature does not hold.
    """
    if not KEYRING.exists():
        raise StackError("Debian's archive key is missing: apt-get install debian-archive-keyring")
    source = mirror(settings)
    with TemporaryDirectory(dir=prefix.parent, prefix="apt-") as folder:
        apt = _private_apt(Path(folder), source)
        try:
            run("reading the package lists", [*apt, "update"])
            run("downloading TimescaleDB", [*apt, "download", *packages], cwd=Path(folder))
        except StackError as error:
            raise StackError(
                f"{error} (mirror {source}; CITYOPS_DEBIAN_MIRROR names another)"
            ) from None
        for package in sorted(Path(folder).glob("*.deb")):
            run(f"unpacking {package.name}", ["dpkg-deb", "-x", package, prefix])


def _private_apt(folder: Path, source: str) -> list[str]:
    for name in ("lists/partial", "cache/archives/partial", "empty"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING} arch=amd64] {source} {RELEASE} main\n")
    options = {
        "Dir::State": folder,
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": folder / "empty",
        "Dir::Etc::preferencesparts": folder / "empty",
        "APT::Architecture": "amd64",
        "APT::Architectures": "amd64",
        "APT::Sandbox::User": "",
        # Without this apt takes a mirror that does not answer for a warning.
        "APT::Update::Error-Mode": "any",
        "Acquire::Retries": "3",
        "Acquire::Languages": "none",
    }
    return ["apt-get", "-q", *(part for k, v in options.items() for part in ("-o", f"{k}={v}"))]
