"""Which role each group of an identity provider has here, as a setting says it."""

import unicodedata


def groups(text: str) -> tuple[tuple[str, str], ...]:
    """Group and role, the first to count first.

    Args:
        text: ``/staff/leads=supervisor; cn=desk,ou=people=operator``: a role stands after the last
            ``=`` of its part, so that a group's name may have such.

    Raises:
        ValueError: the part that is no group and role.
    """
    found = []
    normal = unicodedata.normalize("NFC", text)
    for part in filter(None, map(str.strip, normal.split(";"))):
        group, _, role = (each.strip() for each in part.rpartition("="))
        if not group or not role:
            raise ValueError(part)
        found.append((group, role))
    return tuple(found)


def second_factors(text: str) -> tuple[tuple[str, str], ...]:
    """Claim and value by which a provider says that it has asked for a second factor.

    Args:
        text: ``amr:mfa amr:otp acr:urn:example:gold``

    Raises:
        ValueError: the word that is neither of ``amr`` nor of ``acr``.
    """
    found = []
    for word in text.split():
        claim, _, value = word.partition(":")
        if claim not in ("acr", "amr") or not value:
            raise ValueError(word)
        found.append((claim, value))
    return tuple(found)
