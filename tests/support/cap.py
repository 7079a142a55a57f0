"""Messages of the Common Alerting Protocol, judged by the standard's schema."""

from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import xmlschema

from services.notifier.cap import NAMESPACE


@cache
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(Path(__file__).with_name("cap-1.2.xsd"))


class Read:
    """A message that is valid, as whoever receives it reads it; raises where it is not valid."""

    def __init__(self, message: bytes) -> None:
        schema().validate(message.decode())
        self.raw = message.decode()
        self._root = fromstring(message)

    def all(self, path: str, under: Element | None = None) -> list[str]:
        """Texts of what is there, such as ``info/headline``."""
        steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
        return [each.text or "" for each in (self._root if under is None else under).findall(steps)]

    def one(self, path: str) -> str:
        (found,) = self.all(path)
        return found
