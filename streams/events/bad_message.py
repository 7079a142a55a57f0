"""What a message that cannot be used is raised as."""


class BadMessage(Exception):
    """What cannot be decoded or validated; goes to the dead-letter topic with ``reason``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
