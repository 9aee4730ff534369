"""Reach an address on the internet, and no other: the guard of all that asks a server elsewhere.

Who names an address must not get at what only this machine can reach, so a host is resolved once,
checked, and connected to by the address that was checked.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

# The internet's own IPv6 addresses: no gateway or tunnel to IPv4 but 6to4, which holds it in
# 2002::/16.
UNICAST = ipaddress.ip_network("2000::/3")
# What counts as the internet's and is not: protocols, a cloud's own host, and documentation.
NO_HOSTS = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "168.63.129.16/32", "3fff::/20")))


class AddressInside(Exception):  # noqa: N818 - it says where the address is
    """The host of an address is in a private network."""


class Deadline:
    """Ends a connection after a time, whatever it is at.

    A socket's own timeout begins anew with each byte.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._timer: threading.Timer | None = None

    @property
    def left(self) -> float:
        """Return the seconds that are left, and never none at all, which would mean not to wait."""
        return max(0.01, self._ends - time.monotonic())

    @property
    def over(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() >= self._ends

    def on(self, sock: socket.socket) -> socket.socket:
        """Set it on a socket that was just connected, and return the socket."""
        # TLS takes the socket itself away, but ending a copy ends the connection as well.
        self._copy = sock.dup()
        self._timer = threading.Timer(self.left, self._cut)
        self._timer.daemon = True
        self._timer.start()
        return sock

    def _cut(self) -> None:
        with suppress(OSError):
            self._copy.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Forget it."""
        if self._timer is not None:
            self._timer.cancel()
            self._copy.close()
            self._timer = None


def address_of(url: str, *, inside: bool = False) -> str:
    """Return the IP address of a URL's host.

    Raises `AddressInside` for one in a private network, unless `inside`, and OSError or ValueError
    for a host that nobody knows.
    """
    split: Any = urlsplit(url)
    entries = socket.getaddrinfo(split.hostname, split.port or 443, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in entries]
    if not inside and not all(_is_outside(address) for address in addresses):
        raise AddressInside(url)
    return addresses[0]


def connection_to(url: str, address: str, deadline: Deadline) -> HTTPConnection:
    """Return a connection to a URL's host at an IP address, which ends with the deadline.

    The address that was checked is the one that is reached: a name may point elsewhere a moment
    later.
    """
    split = urlsplit(url)
    kind = HTTPSConnection if split.scheme == "https" else HTTPConnection
    connection: HTTPConnection = kind(split.hostname or "", split.port, timeout=deadline.left)
    connection._create_connection = lambda to, *more: deadline.on(  # type: ignore[attr-defined]
        socket.create_connection((address, to[1]), *more)
    )
    return connection


def target_of(url: str) -> str:
    """Return what a request for a URL asks its host for."""
    split = urlsplit(url)
    path = split.path or "/"
    return f"{path}?{split.query}" if split.query else path


def _is_outside(address: str) -> bool:
    """Tell whether an address is one host's on the internet.

    An IPv6 address that wraps an IPv4 address is not, as that may lead inside.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in UNICAST or ip.sixtofour is not None):
        return False
    if any(ip in network for network in NO_HOSTS):
        return False
    return ip.is_global and not ip.is_multicast
