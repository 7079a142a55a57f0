"""The detector of a real camera for which nobody has named one: the best whose file is there."""

from pathlib import Path

from models.registry import Registry
from streams.models import FOOTAGE, for_footage


def test_the_best_that_is_there_is_taken(tmp_path: Path) -> None:
    models = Registry([tmp_path])
    assert for_footage(models) == ""
    places = {name: models.places(models.find(name))[0] for name in FOOTAGE}
    for name in reversed(FOOTAGE):
        places[name].parent.mkdir(exist_ok=True)
        places[name].touch()
        # Models may share a file: then the better one is there too.
        best = next(each for each in FOOTAGE if places[each] == places[name])
        assert for_footage(models) == models.find(best).id
