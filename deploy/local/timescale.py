"""PostgreSQL with TimescaleDB without Docker: Debian's packages in a private, movable prefix."""

import os
import pwd
import secrets
import shutil
import time
from pathlib import Path

import psutil

from deploy.local import debian
from deploy.local.commands import run
from deploy.local.errors import StackError
from deploy.local.folders import as_user, place, software
from streams.secrets import write_secret
from streams.settings import Settings

VERSION = "17"
OWNER = "cityops"
"""Role that administers the server, and the database's name."""
PACKAGES = (
    "postgresql-17",
    "postgresql-client-17",
    "postgresql-17-timescaledb",
    "libaudit1",
    "libc6",
    "libcap-ng0",
    "libcap2",
    "libcom-err2",
    "libgcc-s1",
    "libgcrypt20",
    "libgpg-error0",
    "libgssapi-krb5-2",
    "libicu76",
    "libk5crypto3",
    "libkeyutils1",
    "libkrb5-3",
    "libkrb5support0",
    "libldap2",
    "liblz4-1",
    "liblzma5",
    "libnuma1",
    "libpam0g",
    "libpq5",
    "libreadline8t64",
    "libsasl2-2",
    "libssl3t64",
    "libstdc++6",
    "libsystemd0",
    "libtinfo6",
    "libuuid1",
    "libxml2",
    "libxslt1.1",
    "libxxhash0",
    "libzstd1",
    "zlib1g",
)
"""The server and every library it links, so that the machine's own glibc does not matter."""
SETTINGS = {
    "shared_preload_libraries": "timescaledb",
    "timescaledb.telemetry_level": "off",
    # libLLVM is left out of the prefix.
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    # A socket's path may have 107 bytes, a clone's folder may have more; TCP does.
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    # A hypertable locks a chunk each; the default of 64 is too few for a year of days.
    "max_locks_per_transaction": "256",
    "max_wal_size": "1GB",
}
WRAPPER = """#!/bin/sh
prefix=${{0%/*}}/../../../../..
exec "$prefix/usr/lib64/ld-linux-x86-64.so.2" --library-path "$prefix/usr/lib/x86_64-linux-gnu" \\
  --argv0 "$0" "$prefix/usr/lib/postgresql/{version}/bin.real/{program}" "$@"
"""
EXIT_SECONDS = 30.0
"""How long the processes of a killed server may take to notice."""


def prefix(settings: Settings) -> Path:
    return software(settings) / f"timescaledb-{VERSION}"


def data(settings: Settings) -> Path:
    return settings.state_dir.absolute() / "database"


def program(settings: Settings, name: str) -> Path:
    """A program of PostgreSQL, e.g. ``psql``."""
    return prefix(settings).resolve() / "usr/lib/postgresql" / VERSION / "bin" / name


def fetch(settings: Settings) -> None:
    """Downloads and unpacks the server, unless it is there.

    Raises:
        StackError: it cannot be downloaded or its signature does not hold.
    """
    if prefix(settings).is_dir():
        return
    target = place(prefix(settings), server_user(settings))
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    debian.unpack(settings, PACKAGES, unfinished)
    for unneeded in ("doc", "man", "locale"):
        shutil.rmtree(unfinished / "usr/share" / unneeded, ignore_errors=True)
    _wrap(unfinished)
    unfinished.chmod(0o755)
    unfinished.rename(target)


def _wrap(root: Path) -> None:
    """Each program is started by the prefix's own loader with the prefix's own libraries."""
    folder = root / "usr/lib/postgresql" / VERSION
    (folder / "bin").rename(folder / "bin.real")
    (folder / "bin").mkdir()
    for real in sorted((folder / "bin.real").iterdir()):
        wrapper = folder / "bin" / real.name
        wrapper.write_text(WRAPPER.format(version=VERSION, program=real.name))
        wrapper.chmod(0o755)
    (folder / "bin").chmod(0o755)


def server_user(settings: Settings) -> pwd.struct_passwd | None:
    """Whom the server runs as: PostgreSQL refuses root; anyone else runs it themselves."""
    if os.geteuid() != 0:
        return None
    folder = data(settings)
    if folder.exists() and folder.stat().st_uid != 0:
        return pwd.getpwuid(folder.stat().st_uid)
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def command(settings: Settings) -> list[str]:
    """The server's command line, its data folder made and what a killed one left behind cleared.

    Raises:
        StackError: the data folder cannot be made, or an old server does not go away.
    """
    user = server_user(settings)
    folder = place(data(settings), user)
    if not (folder / "PG_VERSION").exists():
        _initialise(settings, folder, user)
    if not settings.secret("database").exists():
        raise StackError(
            f"{settings.secret('database')} is gone, and with it the password of the database: "
            "put it back, or start afresh with 'cityops reset'"
        )
    _clear(folder)
    options = {**SETTINGS, "port": str(settings.database_port)}
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return [*as_user(user), str(program(settings, "postgres")), "-D", str(folder), *flags]


def _initialise(settings: Settings, folder: Path, user: pwd.struct_passwd | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    password = secrets.token_urlsafe(24)
    handed = folder.with_name(f"{folder.name}.password")
    write_secret(handed, password)
    if user is not None:
        for path in (folder, handed):
            os.chown(path, user.pw_uid, user.pw_gid)
    flags = [f"--username={OWNER}", f"--pwfile={handed}", "--auth=scram-sha-256"]
    encoding = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
    try:
        initdb = program(settings, "initdb")
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
        whole = [*as_user(user), str(initdb), "-D", str(folder), *flags, *encoding]
        run("making the database's folder", whole, env=environment)
    except StackError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        handed.unlink()
    write_secret(settings.secret("database"), password)


def _clear(folder: Path) -> None:
    """Waits for the processes of a killed server, which hold its shared memory, then unlocks.

    The lock file is removed because its process id may by now be another program's.
    """
    deadline = time.monotonic() + EXIT_SECONDS
    while left := _processes_in(folder):
        if time.monotonic() > deadline:
            raise StackError(f"an old database server still runs (process {left[0]}): end it first")
        time.sleep(0.05)
    (folder / "postmaster.pid").unlink(missing_ok=True)


def _processes_in(folder: Path) -> list[int]:
    """Every process of a PostgreSQL server has its data folder as working directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name().startswith(("postgres", "ld-linux")) and process.cwd() == str(folder):
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
