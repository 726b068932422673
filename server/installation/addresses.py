"""By what names and addresses other machines reach this one."""

import contextlib
import ipaddress
import re
import socket
from collections.abc import Iterable
from pathlib import Path

_NOWHERE = ("192.0.2.1", 9)
"""RFC 5737: an address that routes like any other and is nobody's."""
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


def machine_names() -> frozenset[str]:
    """What clients may call this machine: localhost, its host name, its addresses. May take seconds: it asks DNS."""
    host = socket.gethostname()
    named = {"localhost", "127.0.0.1", "::1", *_addresses(host)}
    with contextlib.suppress(ValueError):
        named.add(dns_name(host))
    return frozenset(named)


def media_addresses() -> list[str]:
    """IP addresses that browsers are told to send sound to: the LAN's, the likeliest first, then the loopback."""
    found = [name for name in reachable(_addresses(socket.gethostname())) if ip_of(name) is not None]
    return [*found, "127.0.0.1"]


def dns_name(name: str) -> str:
    """A host name as certificates hold it: lower case, IDNA. Raises ValueError for what is none."""
    try:
        ascii_name = name.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise ValueError(f"no host name: {name!r}") from error
    if not ascii_name or not all(_LABEL.fullmatch(label) for label in ascii_name.split(".")):
        raise ValueError(f"no host name: {name!r}")
    return ascii_name


def ip_of(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a name is, if it is one."""
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a peer or a name is this machine itself."""
    if host == "localhost":
        return True
    address = ip_of(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and (mapped or address).is_loopback


def reachable(names: Iterable[str]) -> list[str]:
    """Those of `names` that seats can use, the likeliest first: addresses of the LAN, then host names."""
    routed = _routed()
    return sorted((name for name in names if not is_loopback(name)), key=lambda name: _rank(name, routed))


def host_in_url(host: str) -> str:
    """IPv6 addresses stand in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def _rank(name: str, routed: str) -> tuple[int, str]:
    address = ip_of(name)
    if address is None:
        return 4, name
    if name == routed:
        return 0, name
    if address.version == 4:
        # 172.16/12 is mostly a container's bridge.
        return (2 if name.startswith("172.") else 1), name
    return 3, name


def _routed() -> str:
    """The address that the default route leaves by; nothing is sent. Empty without such a route."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_NOWHERE)
        return str(probe.getsockname()[0])
    return ""


def _addresses(host: str) -> set[str]:
    """Addresses of this machine, as far as the system tells; link-local ones can't be typed into a browser."""
    found: set[str] = set()
    with contextlib.suppress(OSError):  # a host name that nobody knows is common on a LAN
        found |= {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    # On Linux the host name is often bound to the loopback only; the kernel knows better.
    for line in _lines("/proc/net/if_inet6"):
        raw = line.split()[0]
        found.add(":".join(raw[at : at + 4] for at in range(0, 32, 4)))
    found |= set(re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", "\n".join(_lines("/proc/net/fib_trie"))))
    addresses = {ipaddress.ip_address(address.split("%")[0]) for address in found}
    return {str(address) for address in addresses if not address.is_link_local}


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="ascii").splitlines()
    except OSError:
        return []
