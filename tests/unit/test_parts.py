"""What the settings make of the list of parts."""

from deploy.local.backoff import LONGEST_SECONDS, Backoff
from deploy.local.parts import parts
from streams.settings import Settings


def _names(settings: Settings) -> list[str]:
    return [part.name for part in parts(settings)]


def test_the_whole_stack_in_the_order_of_starting() -> None:
    names = _names(Settings(detect_workers=2, stream_workers=1))
    assert names == [
        *("guard", "kafka", "database", "prepare", "gateway", "detect-1", "detect-2"),
        *("streams-1", "writer", "alerts", "receiver", "notifier", "city"),
    ]


def test_everything_starts_after_what_it_rests_on() -> None:
    seen: set[str] = set()
    for part in parts(Settings()):
        assert seen.issuperset(part.after)
        seen.add(part.name)


def test_servers_that_already_run_are_not_run_again() -> None:
    names = _names(Settings(kafka_bootstrap="kafka:9092", database_url="postgresql://there/city"))
    assert "kafka" not in names
    assert "database" not in names
    assert "prepare" in names


def test_a_city_that_is_attached_needs_no_simulated_one() -> None:
    assert "city" not in _names(Settings(simulate=False))


def test_readings_come_by_mqtt_where_a_broker_is_named() -> None:
    assert "mqtt" not in _names(Settings())
    assert "mqtt" in _names(Settings(mqtt_broker="mqtt://127.0.0.1"))
    assert "poller" not in _names(Settings())
    assert "poller" in _names(Settings(polled_addresses="polled.yaml"))


def test_the_seed_reaches_the_city() -> None:
    (city,) = (part for part in parts(Settings(seed=42)) if part.name == "city")
    assert city.command[-3:] == ("--seed", "42", "--held")


def test_the_first_restart_comes_at_once_and_later_ones_ever_more_slowly() -> None:
    backoff = Backoff()
    waits = [backoff.next(0.0) for _ in range(12)]
    assert waits[:4] == [0.0, 0.2, 0.4, 0.8]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_SECONDS


def test_a_process_that_held_is_restarted_at_once_again() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.next(0.0)
    assert backoff.next(3600.0) == 0.0
