"""Which faults a campaign does: chosen by its seed, every kind among them."""

from tests.chaos.campaign import VICTIMS, plan


def test_one_seed_one_plan() -> None:
    assert plan(30, 4) == plan(30, 4)
    assert plan(30, 4) != plan(30, 5)


def test_every_kind_is_there_where_there_are_enough() -> None:
    for seed in range(20):
        assert set(plan(len(VICTIMS), seed)) == set(VICTIMS)
        assert len(plan(30, seed)) == 30


def test_a_short_one_is_short() -> None:
    assert len(plan(2, 1)) == 2
