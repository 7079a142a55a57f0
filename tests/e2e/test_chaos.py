"""A short fault campaign; ``make chaos`` does long ones, with faults of the servers too."""

import pytest

from tests.chaos.campaign import Campaign, Fault, differences
from tests.support.servers import Servers

FAULTS = [Fault("SIGKILL", part) for part in ("worker", "writer", "gateway", "alerts", "worker")]


@pytest.mark.timeout(600)  # a minute and a half where the processor is not shared
@pytest.mark.usefixtures("kafka_bootstrap", "database_server")
def test_parts_that_are_killed_change_no_digest_no_row_and_no_alert(servers: Servers) -> None:
    with Campaign(servers) as campaign:
        calm = campaign.play("calm", [], 1)
        chaos = campaign.play("chaos", FAULTS, 1)
        assert calm.lines == campaign.wanted()
    assert len(calm.lines) > 50
    assert chaos.restarts >= len(FAULTS)
    assert differences(calm, chaos) == []
