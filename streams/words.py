"""Words for people, in both languages of the console."""

from typing import NamedTuple

import msgspec


class Words(NamedTuple):
    """One thing said in Vietnamese and in English."""

    vi: str
    en: str


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same as a file says it."""

    vi: str
    en: str

    @property
    def words(self) -> Words:
        return Words(self.vi, self.en)
