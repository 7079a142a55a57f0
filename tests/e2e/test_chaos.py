"""A short fault campaign; ``make chaos`` does long ones, with faults of the servers too."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.chaos.campaign import BROKEN, SPOILT, Campaign, Fault, differences, spoilt, too_long
from tests.support.servers import Servers
from tests.support.waiting import crowding

FAULTS = [
    # Decoders first, while there are any; a gateway that begins anew has its films whole again.
    *(Fault(what, "decoder") for what in ("SIGSTOP", BROKEN, "SIGKILL")),
    *(Fault("SIGKILL", part) for part in ("worker", "writer", "alerts", "gateway", "worker")),
]


@pytest.mark.slow
@pytest.mark.timeout(600)  # a minute and a half where the processor is not shared
@pytest.mark.usefixtures("kafka_bootstrap", "database_server")
def test_what_is_killed_or_hangs_changes_no_digest_no_row_and_no_alert(servers: Servers) -> None:
    with Campaign(servers) as campaign:
        with ThreadPoolExecutor(2) as beside:
            undisturbed = beside.submit(campaign.play, "calm", [], 1)
            disturbed = beside.submit(campaign.play, "chaos", FAULTS, 1)
        calm, chaos = undisturbed.result(), disturbed.result()
        assert calm.lines == campaign.wanted()
    assert len(calm.lines) > 50
    assert chaos.restarts >= sum(fault.victim != "decoder" for fault in FAULTS)
    assert not chaos.spared
    assert differences(calm, chaos, spoilt(FAULTS)) == []
    assert too_long(chaos, crowding()) == []
    # Broken bytes have cost their camera pictures, which the comparison sees.
    assert chaos.missed[SPOILT].pictures
    assert differences(calm, chaos)
