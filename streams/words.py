"""Words for people, in both languages of the console."""

from typing import NamedTuple


class Words(NamedTuple):
    """One thing said in Vietnamese and in English."""

    vi: str
    en: str
