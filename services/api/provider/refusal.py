"""Why somebody is not let in by the provider, in a word that the console has a sentence for."""

from typing import Literal

Reason = Literal[
    "provider_away",
    "provider_busy",
    "provider_denied",
    "wrong_state",
    "state_expired",
    "state_used",
    "wrong_issuer",
    "code_refused",
    "wrong_token",
    "no_role",
    "factor_required",
    "no_name",
    "name_taken",
    "disabled",
]


class NotByProviderError(Exception):
    """The message is one line for the service's log, and holds no secret."""

    def __init__(self, reason: Reason, message: str, subject: str = "") -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.subject = subject
        """Who it is, where the provider has vouched for that."""
