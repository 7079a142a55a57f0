"""Clients of Kafka come from one factory, so that each is named, bounded and closed."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACTORY = ROOT / "streams/kafka/clients.py"
MADE = re.compile(r"\bKafka(?:Producer|Consumer|AdminClient)\(")
DRIVEN = {
    "AIOKafkaProducer": "client_id",
    "AIOKafkaConsumer": "client_id",
    "App": "broker_client_id",
}
"""What Faust drives, which only ``streams/runtime/faust`` makes, and the option that names it."""
CALLED = re.compile(rf"\b(?:{'|'.join(DRIVEN)})\b")
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


def unnamed(text: str) -> list[int]:
    """Lines of a module that make a client of aiokafka, or Faust's app, without a name."""
    if not CALLED.search(text):  # most modules need not be taken apart
        return []
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and (option := DRIVEN.get(ast.unparse(node.func).rpartition(".")[2]))
        and not any(
            given.arg == option and ast.unparse(given.value).startswith("client_id(")
            for given in node.keywords
        )
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_clients_of_faust_are_named_as_the_others(folder: str) -> None:
    for path in sorted((ROOT / folder).rglob("*.py")):
        assert unnamed(path.read_text("utf-8")) == [], path


def test_the_rule_sees_an_unnamed_client() -> None:
    for client, option in DRIVEN.items():
        assert unnamed(f"{client}(broker=address)") == [1]
        assert unnamed(f"lib.{client}({option}='another')") == [1]
        assert unnamed(f"{client}({option}=client_id(settings, name))") == []


def test_the_rule_sees_a_client() -> None:
    assert MADE.search("consumer = KafkaConsumer(bootstrap_servers=address)")
    # Of another library: those that Faust drives, which only streams/runtime/faust makes.
    assert not MADE.search("self.producer = AIOKafkaProducer(")
