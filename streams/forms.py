"""The forms in which logs are stored in the database, so that each is read as what it is.

A form is a number beside each row: 1, and one more for each change after which an earlier release
would read the row as something else. A field that is appended with a default is no such change.
"""

from streams.settings import SettingError

CONTROL_LOG = 3
"""2: masks, and what engineers say of scenery. 3: whether consequences are explained. Other changes
have the form 1."""
ALERT_TRANSITIONS = 5
"""2: that an incident is unknown, or proven again. 3: a repeat that asks for nothing. 4: that an
incident is a consequence, or is none any more; a repeat that is held; and what shelves, suppresses,
assigns, links, opens again or asks again. 5: that an alert is part of another, or is no more. What
else happens has the form 1."""
SUPPRESSION_TRANSITIONS = 1


class NewerFormError(SettingError):
    """A row was stored by a later release; says of which log and form."""


def insist(log: str, form: int, known: int) -> None:
    """Raises NewerFormError where a row of ``log`` has a form that this release does not know."""
    if not 1 <= form <= known:
        raise NewerFormError(
            f"{log} holds a row of form {form}, and this release reads up to {known}:"
            " run the release that wrote it, or a later one"
        )
