"""A short fault campaign; ``make chaos`` does long ones, with faults of the servers too."""

import pytest

from tests.chaos.campaign import Campaign, Fault, differences
from tests.support.servers import Servers

FAULTS = [Fault("SIGKILL", part) for part in ("worker", "writer", "gateway", "alerts", "worker")]


@pytest.mark.slow  # one to four minutes; why so differently is not known yet
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("kafka_bootstrap", "database_server")
def test_parts_that_are_killed_change_no_digest_no_row_and_no_alert(servers: Servers) -> None:
    with Campaign(servers) as campaign:
        calm = campaign.play("calm", [], 1)
        chaos = campaign.play("chaos", FAULTS, 1)
        assert calm.lines == campaign.wanted()
    assert len(calm.lines) > 50
    assert chaos.restarts >= len(FAULTS)
    assert differences(calm, chaos) == []
