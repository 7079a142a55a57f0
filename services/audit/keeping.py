"""Old lines are removed from the start of the log, and what is left says so."""

from services.audit import log
from services.audit.anchors import Anchors, anchor
from services.audit.chain import Head
from services.audit.entry import Entry
from services.audit.log import CUT, SQL, Connection
from streams.events import DAY, Micros, to_datetime


def cut(connection: Connection, anchors: Anchors, now: Micros, days: int) -> int:
    """Removes lines older than so many days, up to the first that is not; gives how many.

    The anchor comes first: lines that are gone without one were removed by somebody else.
    """
    before = now - days * DAY
    with connection.transaction():
        connection.execute(SQL["audit_lock"])
        row = connection.execute(SQL["audit_old"], {"before": to_datetime(before)}).fetchone()
        if row is None or row[0] is None:
            return 0
        first, last = int(row[0]), int(row[1])
        head = Head(log.newest(connection).log, last, bytes(row[2]))
        anchors.add(anchor(head, now, "cut"))
        said = f"lines {first} to {last}, which were older than {days} days"
        line = Entry(time=now, last=now, means="system", action=CUT, subject=head.log, detail=said)
        log.append(connection, [line])
        found = connection.execute(SQL["audit_cut_start"], {"sequence": last}).fetchone()
    anchors.drop_before(before)
    return int(found[0]) if found else 0
