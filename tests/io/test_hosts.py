"""Where hosts are: as IANA's registers of special addresses have them, and this machine's own names."""

import socket

import pytest

from cscwidgets.io.hosts import is_inside, is_this_machine


# https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry: "globally reachable".
@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
        ),
        *("::1", "[::1]", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "[::ffff:192.168.0.1]"),
        *("localhost", "2130706433", "0x7f.1"),  # the last two are other ways to write 127.0.0.1
    ],
)
def test_loopback_private_and_link_local_addresses_are_inside(host):
    assert is_inside(host)


@pytest.mark.parametrize("host", ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "no-such-host.invalid"])
def test_others_are_not(host):
    assert not is_inside(host)


def test_this_machine_is_known_by_its_names_and_addresses():
    assert is_this_machine("localhost")
    assert is_this_machine(socket.gethostname())
    assert not is_this_machine("192.0.2.1")
    assert not is_this_machine("no-such-host.invalid")
