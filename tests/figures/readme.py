"""Generated sections of a text, between ``<!-- figures: NAME -->`` and ``<!-- end -->``."""

import re
from collections.abc import Mapping

SECTION = re.compile(r"(<!-- figures: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rewritten(text: str, sections: Mapping[str, str]) -> str:
    """The text with every section as given.

    Raises:
        ValueError: the text's sections are others than those given.
    """
    marked = [found[2] for found in SECTION.finditer(text)]
    if sorted(marked) != sorted(sections):
        raise ValueError(
            f"it has the sections {', '.join(marked) or 'none'}; each of {', '.join(sections)} "
            "belongs into it once, between <!-- figures: NAME --> and <!-- end -->"
        )
    return SECTION.sub(lambda found: f"{found[1]}\n{sections[found[2]]}\n\n{found[3]}", text)
