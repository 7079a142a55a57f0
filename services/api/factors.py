"""Second factors: six digits that a telephone computes from a secret and the time (TOTP, RFC 6238).

A code is used once, and is good for half a minute before and after. Who has lost the telephone has
recovery codes, each good for once; who has lost those has the password reset, which removes it.
"""

import hmac
import time

import pyotp

from services.alerts.store import Connection
from services.api.queries import SQL
from services.api.users import RefusedError
from streams.sealing import Seal, SealError
from streams.secrets import hash_of
from streams.settings import Settings

ISSUER = "CityOps"
STEP_SECONDS = 30
AROUND = 1
"""Steps before and after: clocks differ, and people type slowly."""
RECOVERY_CODES = 10
_KEY = "second-factors"


def asked(connection: Connection, name: str) -> bool:
    """Whether somebody signs in with a code, too."""
    row = connection.execute(SQL["factor_get"], {"user_name": name}).fetchone()
    return bool(row and row[1])


def begin(connection: Connection, settings: Settings, name: str) -> tuple[str, str]:
    """A new secret, and its address for a telephone; nothing asks for it before ``confirm``.

    Raises:
        RefusedError: there is a second factor already.
    """
    secret = pyotp.random_base32()
    sealed = Seal(settings, _KEY).close(secret)
    done = connection.execute(SQL["factor_begin"], {"user_name": name, "secret": sealed})
    if not done.rowcount:
        raise RefusedError("has_factor", "there is a second factor already: remove it first")
    return secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def confirm(connection: Connection, settings: Settings, name: str, code: str) -> list[str] | None:
    """The recovery codes, said this once; None: the code is wrong."""
    with connection.transaction():
        if asked(connection, name) or not _fits(connection, settings, name, code):
            return None
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = [hash_of(_plain(each)) for each in codes]
        connection.execute(SQL["factor_confirm"], {"user_name": name, "recovery": hashes})
    return codes


def matches(connection: Connection, settings: Settings, name: str, code: str) -> bool:
    """Whether it is a code of somebody, or a recovery code; which it is no more then."""
    if _fits(connection, settings, name, code):
        return True
    given = {"user_name": name, "code": hash_of(_plain(code))}
    return connection.execute(SQL["factor_recover"], given).rowcount > 0


def drop(connection: Connection, name: str) -> bool:
    """False: there was none."""
    return connection.execute(SQL["factor_drop"], {"user_name": name}).rowcount > 0


def _fits(connection: Connection, settings: Settings, name: str, code: str) -> bool:
    row = connection.execute(SQL["factor_get"], {"user_name": name}).fetchone()
    if row is None:
        return False
    try:
        secret = Seal(settings, _KEY).open(row[0])
    except SealError:
        return False  # the database comes from another machine
    computed, now = pyotp.TOTP(secret), int(time.time()) // STEP_SECONDS
    for step in range(now - AROUND, now + AROUND + 1):
        if hmac.compare_digest(computed.at(step * STEP_SECONDS), code.replace(" ", "")):
            used = {"user_name": name, "step": step}
            return connection.execute(SQL["factor_step"], used).rowcount > 0
    return False


def _recovery_code() -> str:
    """80 bits, such as ``k3w2-…``."""
    text = pyotp.random_base32(32)[:16].lower()
    return "-".join(text[n : n + 4] for n in range(0, 16, 4))


def _plain(code: str) -> str:
    return code.replace("-", "").replace(" ", "").lower()
