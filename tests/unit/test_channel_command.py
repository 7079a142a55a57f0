"""How channels are set by commands: secrets are typed, and never on the command line."""

import pytest

from tests.support.commandline import cityops


@pytest.mark.parametrize(
    ("type", "given"), [("webhook", "url=https://example.vn/s3cret"), ("smtp", "password=s3cret")]
)
def test_a_secret_on_the_command_line_is_refused_and_said_how_it_is_given(
    type: str, given: str
) -> None:
    result = cityops("channel", "add", "h", "--type", type, "--set", given)
    assert result.exit_code == 2
    assert "it is a secret" in result.stderr
    assert "standard input" in result.stderr
    assert "s3cret" not in result.output
