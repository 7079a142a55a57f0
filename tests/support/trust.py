"""Which certificates a request of the tests trusts: read once."""

import ssl

TRUST = ssl.create_default_context()
"""httpx makes one for each request that is given none: 30 ms of processor, and much is asked again
and again."""
