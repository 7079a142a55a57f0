"""What a combination of incidents is: a part of the files ``combinations.yaml``, as it is written.

Whether what it names is there, ``combinations`` says.
"""

from functools import cache
from pathlib import Path

import msgspec

from models.files import SMALL, read_file
from streams import extensions
from streams.events import MINUTE, Micros, Severity
from streams.feeds.file import Wrong, document
from streams.settings import SettingError
from streams.words import Name

OURS = Path(__file__).with_name("combinations.yaml")


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the incidents that it takes."""

    kind: str
    metric: str = ""
    """That its evidence shows; empty: any."""


class Combination(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the file."""

    name: Name
    severity: Severity
    of: tuple[Sign, ...]
    within_minutes: float
    """From the beginning of the first to that of the last."""
    within_m: float = 0.0
    """Of what came last; 0: of one source."""

    @property
    def within(self) -> Micros:
        return round(self.within_minutes * MINUTE)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    combinations: dict[str, Combination]


class CombinationError(SettingError):
    """A file says something that cannot be; the message names the file and the place."""


@cache
def written() -> dict[str, Combination]:
    """By id, those of the installation first.

    Raises:
        SettingError: a file cannot be used.
    """
    found: dict[str, Combination] = {}
    for path in extensions.tables("kinds", OURS):
        try:
            text = read_file(path, SMALL).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CombinationError(f"{path}: {error}") from None
        found |= {name: one for name, one in parsed(text, str(path)).items() if name not in found}
    return found


def parsed(text: str, where: str) -> dict[str, Combination]:
    """What a file says.

    Raises:
        CombinationError: it is no YAML, says something twice, lacks a field, or has one too many or
            of the wrong type.
    """
    try:
        return msgspec.convert(document(text), _File).combinations
    except (ValueError, Wrong) as error:
        raise CombinationError(f"{where}: {error}") from None
