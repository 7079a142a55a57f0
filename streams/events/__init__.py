"""Every message type, with its encode and decode.

On the wire an event is a CloudEvents 1.0 message in Kafka's binary mode: attributes are ``ce_*``
headers, the payload is the value. A frame's value is its JPEG; everything else is a msgspec
Struct in msgpack (arrays, so fields are appended, never reordered).

Times are integer microseconds since the epoch, UTC (``Micros``); RFC 3339 in headers.
"""

from streams.events.accounts import FATES, Accounts, Booked, Fate
from streams.events.bad_message import REASONS, UNTRUSTED, BadMessage, Reason
from streams.events.cases import CaseHour, CaseHours
from streams.events.codec import (
    MAX_VALUE_BYTES,
    TYPES,
    Event,
    Headers,
    Mark,
    decode,
    encode,
    subject,
)
from streams.events.control import (
    NOWHERE,
    ActiveModel,
    Change,
    Configurable,
    ControlChange,
    Mask,
    Place,
    Removed,
    Rests,
    Rule,
    SceneryVerdict,
    Shape,
    Source,
    Tick,
    Topology,
    Zone,
)
from streams.events.counts import Counts
from streams.events.dead_letter import dead_letter
from streams.events.delivered import DELIVERY, Delivered, SourceHours
from streams.events.detections import (
    PIXEL_QUANTUM,
    SCORE_QUANTUM,
    VERDICTS,
    Detections,
    Moved,
    Verdict,
)
from streams.events.frames import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, Frame, FrameRef, new_frame
from streams.events.incidents import Box, Evidence, Incident
from streams.events.indicators import (
    INDICATOR_STATES,
    Indicated,
    IndicatorState,
    Level,
    Summed,
    Sums,
)
from streams.events.readings import (
    BAD,
    FAULTS,
    LATE,
    NOT_SAID,
    OVERDUE,
    REPEATED,
    Correction,
    Readings,
    Scored,
)
from streams.events.scenery import Scenery, SceneryGroup
from streams.events.sight import BLINDNESS, Blindness, Sight
from streams.events.system import Checkpoint, DeadLetter, Heard, Heartbeat, Watermark
from streams.events.time import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Micros,
    from_datetime,
    from_rfc3339,
    to_datetime,
    to_rfc3339,
)
from streams.events.vocabulary import SEVERITIES, Origin, Severity

__all__ = [
    "BAD",
    "BLINDNESS",
    "DAY",
    "DELIVERY",
    "FATES",
    "FAULTS",
    "HOUR",
    "INDICATOR_STATES",
    "LATE",
    "MAX_PICTURE_BYTES",
    "MAX_PICTURE_PIXELS",
    "MAX_VALUE_BYTES",
    "MINUTE",
    "NOT_SAID",
    "NOWHERE",
    "OVERDUE",
    "PIXEL_QUANTUM",
    "REASONS",
    "REPEATED",
    "SCORE_QUANTUM",
    "SECOND",
    "SEVERITIES",
    "TYPES",
    "UNTRUSTED",
    "VERDICTS",
    "Accounts",
    "ActiveModel",
    "BadMessage",
    "Blindness",
    "Booked",
    "Box",
    "CaseHour",
    "CaseHours",
    "Change",
    "Checkpoint",
    "Configurable",
    "ControlChange",
    "Correction",
    "Counts",
    "DeadLetter",
    "Delivered",
    "Detections",
    "Event",
    "Evidence",
    "Fate",
    "Frame",
    "FrameRef",
    "Headers",
    "Heard",
    "Heartbeat",
    "Incident",
    "Indicated",
    "IndicatorState",
    "Level",
    "Mark",
    "Mask",
    "Micros",
    "Moved",
    "Origin",
    "Place",
    "Readings",
    "Reason",
    "Removed",
    "Rests",
    "Rule",
    "Scenery",
    "SceneryGroup",
    "SceneryVerdict",
    "Scored",
    "Severity",
    "Shape",
    "Sight",
    "Source",
    "SourceHours",
    "Summed",
    "Sums",
    "Tick",
    "Topology",
    "Verdict",
    "Watermark",
    "Zone",
    "dead_letter",
    "decode",
    "encode",
    "from_datetime",
    "from_rfc3339",
    "new_frame",
    "subject",
    "to_datetime",
    "to_rfc3339",
]
