"""Networks as settings name them: addresses, networks, and words for those that everybody has."""

from ipaddress import ip_network

WORDS = {
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "loopback": ("127.0.0.0/8", "::1/128"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    "public": ("0.0.0.0/0", "::/0"),
}


def networks(text: str) -> tuple[str, ...]:
    """Each in its usual form; raises ValueError, whose message is the part that is none."""
    found: list[str] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        if part in WORDS:
            found += WORDS[part]
            continue
        try:
            found.append(str(ip_network(part, strict=False)))
        except ValueError:
            raise ValueError(part) from None
    return tuple(found)
