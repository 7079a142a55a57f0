"""The formats that readings come in: one module each, from a body to rows.

What cannot be read at all is a ``ProblemError``; what is wrong with one row refuses that row.
"""

from collections.abc import Callable, Mapping

from services.receiver.formats import cloudevents, ngsild, senml, simple, table
from services.receiver.rows import Rows
from services.web.problems import ProblemError

READERS: Mapping[str, Callable[[str], Rows]] = {
    simple.TYPE: simple.read,
    table.TYPE: table.read,
    senml.TYPE: senml.read,
    cloudevents.TYPE: cloudevents.read,
    cloudevents.BATCH: cloudevents.read_batch,
    ngsild.TYPE: ngsild.read,
}


def read(
    content_type: str,
    headers: Mapping[str, str],
    text: str,
    names: ngsild.Names | None = None,
) -> Rows:
    """Rows in the order in which they came.

    Args:
        content_type: without its parameters, in lower case.
        headers: by names in lower case; those of CloudEvents in binary mode are among them.
        names: it is a notification of NGSI-LD, also where it calls itself JSON.

    Raises:
        ProblemError: it cannot be read, or its format is not known.
    """
    if names is not None and content_type in (ngsild.TYPE, simple.TYPE):
        return ngsild.read(text, names)
    reader = None if names is not None else READERS.get(content_type)
    if reader is None:
        known = ngsild.TYPE if names is not None else ", ".join(sorted(READERS))
        raise ProblemError(415, "unknown_format", f"Content-Type: give one of {known}")
    if "ce-specversion" in headers:
        return cloudevents.read_binary(headers, content_type, text)
    return reader(text)
