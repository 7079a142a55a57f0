"""Clients of Kafka come from one factory, so that each is named, bounded and closed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACTORY = ROOT / "streams/kafka/clients.py"
MADE = re.compile(r"\bKafka(?:Producer|Consumer|AdminClient)\(")
FOLDERS = ("deploy", "models", "services", "simulators", "streams")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_client_is_made_beside_the_factory(folder: str) -> None:
    paths = [path for path in sorted((ROOT / folder).rglob("*.py")) if path != FACTORY]
    assert paths
    made = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if MADE.search(line)
    ]
    assert made == []


def test_the_rule_sees_a_client() -> None:
    assert MADE.search("consumer = KafkaConsumer(bootstrap_servers=address)")
    # Of another library: those that Faust drives, which only streams/runtime/faust makes.
    assert not MADE.search("self.producer = AIOKafkaProducer(")
