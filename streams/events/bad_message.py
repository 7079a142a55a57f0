"""What a message that cannot be used is raised as."""

from typing import Literal, get_args

Reason = Literal[
    "absurd_tick",
    "absurd_time",
    "alert_failed",
    "checksum",
    "forged",
    "missing_header",
    "model_missing",
    "model_refused",
    "no_tick",
    "not_allowed",
    "overload",
    "oversized",
    "picture_too_large",
    "stage_failed",
    "truncated",
    "undecodable",
    "unknown_metric",
    "unknown_source",
    "unsigned",
    "wrong_partition",
    "wrong_type",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
UNTRUSTED: tuple[Reason, ...] = ("unsigned", "forged", "not_allowed")
"""Reasons that say nothing of the source which a message names: nobody knows who wrote it."""


class BadMessage(Exception):
    """What cannot be decoded or validated; goes to the dead-letter topic with ``reason``."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
