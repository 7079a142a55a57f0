"""What a command asks whoever gives it: answers are lines of standard input, of a bounded length.

Nothing else reads standard input (``tests/contract/test_questions.py``): what never ends a line, as
``/dev/zero``, or never ends, as ``yes``, is refused in one line.
"""

import sys

from services.commandline.output import CommandError, notes

MOST = 4096
"""Characters of a line."""
TRIES = 3
"""So often a question is asked where the answer is neither yes nor no."""


def entered() -> str | None:
    """The next line, without its end; None: none comes any more.

    Raises:
        CommandError: it is longer than ``MOST``, or no text.
    """
    try:
        line = sys.stdin.readline(MOST + len("\r\n")) if sys.stdin else ""
    except UnicodeDecodeError:
        raise CommandError("standard input is no text") from None
    except OSError as error:
        raise CommandError(f"standard input cannot be read: {error.strerror}") from None
    if len(line.rstrip("\r\n")) > MOST:
        raise CommandError(f"a line of standard input has more than {MOST} characters")
    return line.rstrip("\r\n") if line else None


def typed() -> bool:
    """Whether somebody types what is read."""
    return bool(sys.stdin) and sys.stdin.isatty()


def answer(question: str, default: str = "") -> str | None:
    """What is answered, or ``default`` where that is nothing; None: nobody answers.

    Raises:
        CommandError: as ``entered``.
    """
    shown = f"{question} [{default}]:" if default else f"{question}:"
    # What nobody types ends no line: then what was asked is one of its own.
    notes.print(shown, end=" " if typed() else "\n", highlight=False, soft_wrap=True)
    found = entered()
    if found is None and typed():
        notes.print()
    return found if found is None else found.strip() or default


def confirmed(question: str) -> bool:
    """Whether somebody says yes; who says nothing, or nothing that is clear, does not.

    Raises:
        CommandError: as ``entered``.
    """
    for _ in range(TRIES):
        found = answer(f"{question} [y/N]")
        if found is None or found.lower() in ("", "n", "no"):
            return False
        if found.lower() in ("y", "yes"):
            return True
    return False


def password(prompt: str) -> str:
    """Typed without being seen, or the next line of standard input where that is no terminal.

    Raises:
        CommandError: there is none, or it is longer than ``MOST``.
    """
    from getpass import getpass

    try:
        # A terminal, which getpass reads, ends lines itself after so many characters.
        found = getpass(f"{prompt}: ") if typed() else entered()
    except EOFError:
        found = None
    if not found:
        raise CommandError(f"no {prompt}: type it, or give it as a line of standard input")
    return found
