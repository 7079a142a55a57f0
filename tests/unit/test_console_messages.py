"""Both languages of the console say everything, with the same blanks to fill in."""

import json
import re
from pathlib import Path
from typing import get_args

from deploy.local import users
from services.api.audited import RULES
from services.api.routes.commands import Action

SOURCE = Path(__file__).parents[2] / "services" / "console" / "src"
MESSAGES = {
    language: json.loads((SOURCE / "messages" / f"{language}.json").read_text())
    for language in ("vi", "en")
}


def test_the_same_keys_in_the_same_order() -> None:
    assert list(MESSAGES["vi"]) == list(MESSAGES["en"])
    assert len(MESSAGES["vi"]) > 100


def test_every_message_says_something_with_the_same_blanks() -> None:
    for key, vietnamese in MESSAGES["vi"].items():
        english = MESSAGES["en"][key]
        assert vietnamese.strip(), key
        assert english.strip(), key
        assert sorted(re.findall(r"\{\w+\}", vietnamese)) == sorted(
            re.findall(r"\{\w+\}", english)
        ), key


def test_english_has_a_singular_for_each_number_of_things() -> None:
    """As in ``{n} {n|alert|alerts}``: who reads "1 alerts" doubts the number too."""
    counts = "n|of|all|places|paths|zones|readings|sources|seconds"
    plain = re.compile(rf"\{{({counts})\}} (?!s\b|is\b)[a-z]+s\b")
    assert plain.search("{n} alerts at {name}"), "control"
    found = {key for key, text in MESSAGES["en"].items() if plain.search(text)}
    assert found == {"password.rule"}, "it is never one"


def test_no_message_is_left_over() -> None:
    """Each key stands in the source, as a whole or as the end of a template (``state.${…}``)."""
    source = "\n".join(path.read_text() for path in SOURCE.rglob("*.ts*"))
    families = set(re.findall(r"[`\"']([a-z.]+\.)\$\{", source))
    unused = [
        key
        for key in MESSAGES["vi"]
        if f'"{key}"' not in source and not any(key.startswith(family) for family in families)
    ]
    assert unused == []


def test_every_act_of_the_audit_log_has_words() -> None:
    own = {"audit:start", "audit:stop", "audit:cut", "audit:lose", "session:use"}
    known = own | {rule.action for rule in RULES.values()} | set(get_args(Action))
    words = {key.removeprefix("audit.do.") for key in MESSAGES["vi"] if "audit.do." in key}
    assert words == known - {"command:give"}


def test_every_part_that_is_heard_has_words() -> None:
    beating = set(users.PARTS) - {"kafka"}
    assert {
        key.removeprefix("part.") for key in MESSAGES["vi"] if key.startswith("part.")
    } == beating
