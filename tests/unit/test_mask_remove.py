"""``cityops camera mask remove`` takes a mask by its id, and by its camera's before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.commands.camera.mask import remove
from tests.support.commandline import cityops

MASKS = ({"id": "caption", "source": "quay-3"}, {"id": "sky", "source": "quay-4"})


class Client:
    def __init__(self) -> None:
        self.removed: list[str] = []

    def get(self, _: str, camera: list[str] | None = None) -> list[dict[str, str]]:
        return [one for one in MASKS if camera is None or one["source"] in camera]

    def delete(self, path: str) -> None:
        self.removed.append(path)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    made = Client()

    @contextmanager
    def connected() -> Iterator[Any]:
        yield made

    monkeypatch.setattr(remove, "connected", connected)
    return made


@pytest.mark.parametrize("words", [("caption",), ("quay-3", "caption")])
def test_a_mask_is_removed(client: Client, words: tuple[str, ...]) -> None:
    result = cityops("camera", "mask", "remove", *words)
    assert (result.exit_code, result.stdout) == (0, "mask caption removed\n")
    assert client.removed == ["/api/masks/caption"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("quay-4", "caption"), "quay-4 has no mask 'caption': see"),
        (("caption", "quay-3"), "caption has no mask 'quay-3': see"),
        (("quay-3",), "quay-3 is a camera: say which of its masks, caption"),
        (("nothing",), "there is no mask 'nothing': see"),
        (("quay-3", "caption", "sky"), "one mask at a time"),
    ],
)
def test_no_other_is(client: Client, words: tuple[str, ...], said: str) -> None:
    result = cityops("camera", "mask", "remove", *words)
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith(f"error: {said}")
    assert not client.removed
