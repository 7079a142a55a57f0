"""How channels are set by commands: secrets are typed, and never on the command line."""

import socket
import ssl

import pytest

from services.commands.channel.test import hint
from services.gateway.reach import Reach
from services.notifier.connecting import Connector, unanswered
from streams.networks import networks
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


def test_a_try_that_says_why_it_failed_blames_nobody_else() -> None:
    assert "notifier" in hint({"state": "waiting"})
    assert "notifier" in hint({})
    assert not hint({"state": "sending", "detail": "mail: no answer: too slow; tried 4 times"})
    assert not hint({"state": "failed", "detail": ""})


def test_who_does_not_answer_is_said_in_words() -> None:
    connector = Connector(Reach((), networks("loopback")).order())
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))  # and listens to nobody
        with pytest.raises(OSError, match="refused") as refused:
            connector.connect(*kept.getsockname(), 5.0)
    assert unanswered(refused.value) == "no answer: nothing takes connections there"
    unknown = socket.gaierror(socket.EAI_NONAME, "mail.example.vn: unknown")
    assert unanswered(unknown) == "no answer: its host's name has no address"
    assert unanswered(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")).endswith("or another one")
    assert unanswered(OSError(113, "https://x/s3cret")) == "no answer: OSError"
