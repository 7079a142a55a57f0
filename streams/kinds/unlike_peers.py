"""One of several sources that measure alike differs from the others, which agree."""

import numpy as np
from numpy.typing import NDArray

from models.measured import nothing
from streams.events import Rule
from streams.kinds.high_value import FARTHEST, HELD, WHICH, held
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import CALM, Measured, Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.windows import Views, grain
from streams.words import Words

ALIKE, BETWEEN, DIFFERS = 1, 2, 3
"""What a reading is; 0: nobody can tell, as too few peers speak or they do not agree."""


def compare(
    kind: Kind, rule: Rule, values: NDArray[np.float64], place: NDArray[np.intp]
) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    """The middle of all is moved by none of them; how far apart they are, neither."""
    said, expected = np.zeros(len(place), np.uint16), nothing((len(place), 2))
    others = len(values) - 1
    if others < round(kind.within(rule, "least_peers", 1e6)):
        return said, expected
    middle = float(np.median(values))
    away = np.abs(values - middle)
    least, factor = kind.value(rule, "difference"), kind.within(rule, "factor", 1e6)
    far = max(least, factor * float(np.median(away)))
    # As windows keep them, 5.3 lies a little more than 0.3 from 5, which is not further than that.
    # Of each by itself: one that says millions makes nothing of what another says coarser.
    off = grain(np.stack((values, np.full_like(values, middle)), axis=-1))
    off *= 1.0 if far == least else 1.0 + factor
    own, off_own = away[place], off[place]
    agree = int((away < far + off).sum()) - (own < far + off_own)
    told = agree >= kind.within(rule, "agree_share", 100.0) / 100 * others
    near = kind.within(rule, "clear_share", 100.0) / 100 * far
    alike = np.where(own < near + off_own, ALIKE, BETWEEN)
    said[told] = np.where(own >= far + off_own, DIFFERS, alike)[told]
    expected[told] = middle - far, middle + far
    return said, expected


def unlike_peers(kind: Kind, rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:  # noqa: ARG001
    """``scores``: what ``compare`` says."""
    return Judgement(scores == DIFFERS, scores == ALIKE, *held(kind, rule), scores != 0)


KIND = Kind(
    id="unlike_peers",
    name=Words("Khác các nguồn cùng loại", "Unlike its peers"),
    category="environment",
    cap_category="Other",
    certainty="Likely",
    watches=Watches.READINGS,
    judge_readings=unlike_peers,
    compares=compare,
    parameters={
        "difference": Parameter(
            100.0,
            "",
            Words("lệch ít hơn thì không tính", "so far from the middle at least"),
            least=1e-9,
            most=FARTHEST,
        ),
        "factor": Parameter(
            5.0,
            "",
            Words(
                "và hơn bao nhiêu lần độ lệch thường giữa chúng",
                "and so many times as far as is usual between them",
            ),
            most=1000,
        ),
        "least_peers": Parameter(
            4.0,
            "",
            Words(
                "cần ít nhất bao nhiêu nguồn khác có số liệu", "so many others must speak at least"
            ),
            least=2,
            most=10_000,
            whole=True,
        ),
        "agree_share": Parameter(
            80.0,
            "%",
            Words("bao nhiêu phần các nguồn khác phải giống nhau", "of the others must agree"),
            least=50,
            most=100,
        ),
        "clear_share": Parameter(
            80.0,
            "%",
            Words("lệch dưới phần này của giới hạn thì hết", "under this part of it it ends"),
            least=1,
            most=100,
        ),
        "metric": WHICH,
        **HELD,
    },
    why=Words(
        "Giá trị lệch khỏi mức giữa của các nguồn cùng loại hơn {difference}, trong khi ít nhất"
        " {agree_share} % các nguồn khác giống nhau.",
        "It is further than {difference} from the middle of its peers, of which {agree_share} %"
        " or more agree.",
    ),
    cause=Words(
        "Cảm biến lệch hoặc hỏng, hoặc chuyện chỉ xảy ra ở đó.",
        "A sensor that drifts or is broken, or something that happens only there.",
    ),
    consequence=Words(
        "Giá trị sai được tin, hoặc sự cố cục bộ bị bỏ qua.",
        "A wrong value is believed, or what happens in one place is missed.",
    ),
    response=Words(
        "So với các nguồn cùng loại trên bản đồ; nếu cảm biến sai, báo kỹ thuật.",
        "Compare with its peers on the map; if the sensor is wrong, tell the technicians.",
    ),
    raises=Scenario(
        120,
        measured=(Measured(120, (("flow", 300.0), ("occupancy", 12.0), ("speed", 45.0))),),
        peers=5,
        peers_say=CALM,
    ),
    quiet=Scenario(120, measured=(Measured(120, CALM),), peers=5, peers_say=CALM),
)
