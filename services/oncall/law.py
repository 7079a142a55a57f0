"""Origin is law: what is not live reaches nobody outside, whoever has decided what. Pure.

It is asked last, by the one function that hands a message to a channel
(``services.notifier.gate``), so that no rule, policy or channel can go around it.
"""

from typing import Literal, NamedTuple

from streams.events import Micros, Origin

Reason = Literal["", "public_channel", "no_exercises", "unconfirmed"]


class Verdict(NamedTuple):
    may: bool
    exercise: bool
    """It may, marked as an exercise."""
    reason: Reason = ""


def verdict(
    origin: Origin,
    *,
    test: bool,
    public: bool,
    confirmed: bool,
    exercises_until: Micros | None,
    now: Micros,
) -> Verdict:
    """Whether something of that origin may go to a recipient.

    Args:
        test: somebody tries a private channel out, and says so.
        public: of the channel: who reads it is not known by name.
        confirmed: one person has proposed to tell the public, and another has confirmed it.
        exercises_until: until when its recipient accepts exercises; None: not at all.
        now: by the clock, as people say "for two hours".
    """
    if origin == "live" and not test:
        if public and not confirmed:
            return Verdict(False, False, "unconfirmed")
        return Verdict(True, False)
    if public:
        return Verdict(False, True, "public_channel")
    if test or (exercises_until is not None and now < exercises_until):
        return Verdict(True, True)
    return Verdict(False, True, "no_exercises")
