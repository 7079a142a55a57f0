"""A source of which nothing is heard."""

import numpy as np
from numpy.typing import NDArray

from streams import hearing
from streams.events import Rule
from streams.kinds.kind import LONGEST, Kind, Parameter, Watches, always
from streams.kinds.scenario import CALM, Measured, Objects, Scenario
from streams.sensors.unusable import UNUSABLE
from streams.words import Words

MISSED_FRAMES = 5
"""A camera has no data when at least this many of its frames are missing."""
MOST_PERIODS = 1e6


def patience(
    kind: Kind, rule: Rule, period: NDArray[np.int64], *, pictures: bool
) -> NDArray[np.int64]:
    """See ``streams.kinds.kind.Patience``: some periods, and never less than a least time."""
    least = kind.span(rule, "least_seconds")
    many = MISSED_FRAMES if pictures else kind.within(rule, "periods", MOST_PERIODS)
    return hearing.patience(period, many, least=least, most=LONGEST)


KIND = Kind(
    id="no_data",
    formerly=("silence",),
    name=Words("Nguồn mất tín hiệu", "No data"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Observed",
    watches=Watches.SOURCE,
    down=always,
    explained=always,
    patience=patience,
    parameters={
        "periods": Parameter(
            3.0,
            "",
            Words("cảm biến: bao nhiêu chu kỳ", "sensors: periods of the source without a reading"),
            least=1,
            most=1000,
        ),
        "least_seconds": Parameter(
            60.0,
            "s",
            # A minute, so that a source that is started again wakes nobody.
            Words("ít nhất bao lâu", "the least time without anything"),
            least=1,
            formerly=("silence_seconds",),
        ),
    },
    why=Words(
        "Không nhận được gì từ nguồn này ít nhất {least_seconds} s.",
        "Nothing was heard of this source for at least {least_seconds} s.",
    ),
    why_of={
        UNUSABLE: Words(
            "Nguồn vẫn gửi, nhưng không có giá trị nào dùng được ít nhất {least_seconds} s.",
            "This source sends, but nothing usable for at least {least_seconds} s.",
        )
    },
    cause=Words(
        "Mất điện, đứt mạng hoặc hỏng thiết bị.", "No power, no network or a broken device."
    ),
    cause_of={
        UNUSABLE: Words(
            "Cảm biến hỏng, bẩn hoặc sai đơn vị; dây bị đứt; bộ chuyển đổi gửi mã lỗi.",
            "A sensor that is broken, dirty or set to another unit; a loose wire; a converter"
            " that sends error codes.",
        )
    },
    consequence=Words("Không ai thấy sự cố ở đó.", "Nobody sees what happens there."),
    response=Words(
        "Kiểm tra các nguồn cùng tủ, cùng tuyến; báo kỹ thuật.",
        "Check what shares its cabinet and uplink; tell the technicians.",
    ),
    response_of={
        UNUSABLE: Words(
            "Xem giá trị nào bị từ chối và vì sao (cityops status --accounts); kiểm tra cảm biến"
            " và cấu hình; báo kỹ thuật.",
            "See which values are refused and why (cityops status --accounts); check the sensor"
            " and how it is set; tell the technicians.",
        )
    },
    raises=Scenario(120, (Objects("car", moves=(0.01, 0.0)),), heard_until=20),
    quiet=Scenario(120, measured=(Measured(120, CALM),)),
)
