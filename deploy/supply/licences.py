"""Under which terms others' parts may be used here, as SPDX expressions.

The product is Apache-2.0. What asks more than to be named stands in ``WITH_REASON``: a part that is
neither there nor permissive fails ``make check``, and somebody decides.
"""

from license_expression import ExpressionError, LicenseSymbol, get_spdx_licensing

PERMISSIVE = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Modification", "BSL-1.0",
    "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "PostgreSQL", "PSF-2.0", "Python-2.0", "Unlicense",
    "Zlib",
})  # fmt: skip
"""They ask to be named, and no more."""

WITH_REASON = {
    "certifi": "MPL-2.0: used as it is; its own files stay under it",
    "pathspec": "MPL-2.0: used as it is, by developers only",
    "hypothesis": "MPL-2.0: used as it is, by tests only",
    "axe-core": "MPL-2.0: used as it is, by tests only",
    "crc32c": "LGPL-2.1-or-later: a library of its own that anybody may replace",
    "psycopg": "LGPL-3.0-only: a library of its own that anybody may replace",
    "psycopg-binary": "LGPL-3.0-only: a library of its own that anybody may replace",
    "psycopg-pool": "LGPL-3.0-only: a library of its own that anybody may replace",
    "libsumo": "EPL-2.0 is chosen: used as it is, by the simulators only",
    "sumo-data": "EPL-2.0 is chosen: used as it is, by the simulators only",
    "sumolib": "EPL-2.0 is chosen: used as it is, by the simulators only",
    "traci": "EPL-2.0 is chosen: used as it is, by the simulators only",
}
"""Parts that ask for more, and why that is kept."""

SPELLED = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd-derived (repoze)": "BSD-3-Clause-Modification",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "the mit license (mit)": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
"""What packages write that is not SPDX."""

SPDX = get_spdx_licensing()


def spdx(text: str) -> str:
    """The SPDX expression of what a package says of its licence; empty: nobody knows it."""
    written = SPELLED.get(text.strip().lower(), text.strip())
    if not written:
        return ""
    try:
        found = SPDX.parse(written, validate=True)
    except ExpressionError:
        return written if written in PERMISSIVE else ""
    return "" if found is None else str(found)


def permitted(name: str, expression: str) -> bool:
    """Whether a part may be used: one way through its terms is permissive, or a reason is kept."""
    if name in WITH_REASON:
        return bool(expression)
    if not expression:
        return False
    if expression in PERMISSIVE:
        return True
    parsed = SPDX.parse(expression)
    granted = {symbol: SPDX.TRUE for symbol in parsed.symbols if _is_permissive(symbol)}
    refused = {symbol: SPDX.FALSE for symbol in parsed.symbols if symbol not in granted}
    return bool(parsed.subs(granted | refused, simplify=True) == SPDX.TRUE)


def _is_permissive(symbol: LicenseSymbol) -> bool:
    return str(symbol) in PERMISSIVE
