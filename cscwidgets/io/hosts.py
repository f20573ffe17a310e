"""Where a host is: this machine, a network of its own, or the internet."""

from __future__ import annotations

import ipaddress
import socket

__all__ = ["is_inside", "is_this_machine"]


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine, by any of its names or addresses.

    Examples
    --------
    >>> is_this_machine("127.0.0.1"), is_this_machine("192.0.2.1")
    (True, False)
    """
    found = _addresses(host)
    return bool(found) and all(_is_own(family, address) for family, address in found)


def is_inside(host: str) -> bool:
    """Whether a host, or one of the addresses that a name has, is none of the internet: loopback, private, link-local.

    What cannot be found is not; it cannot be reached either.

    Examples
    --------
    >>> is_inside("169.254.169.254"), is_inside("[::ffff:10.0.0.1]"), is_inside("1.1.1.1")
    (True, True, False)
    """
    return any(_is_local(str(address[0])) for _, address in _addresses(host))


def _addresses(host: str) -> list[tuple[int, tuple[object, ...]]]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [(family, address) for family, *_, address in found]


def _is_local(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return not ((ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip).is_global


def _is_own(family: int, address: tuple[object, ...]) -> bool:
    # Only an address of one of its own interfaces can be bound; nothing listens.
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(address)
        except OSError:
            return False
    return True
