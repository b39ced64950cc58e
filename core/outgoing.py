"""Speak HTTP to an address that an operator wrote down, without becoming anyone's tool.

The name is resolved once, every address it has must be public, and the connection goes to that very
address: a name that changes its mind between check and use gains nothing. Redirects are not followed,
and time and answer are bounded.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pitboss.core.errors import InvalidInput

URL_LENGTH_MAX = 2000
PORTS = (443, 8443)
FAILURES: Final = (OSError, http.client.HTTPException, InvalidInput)
"""What `exchange` raises when the network, the other side or the address is at fault."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long an exchange may take, and how much of the answer is read."""

    step_seconds: float
    """For connecting, and for each piece of the answer."""
    total_seconds: float
    response_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the other side answered; the names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool
    """There was more than the limit: the rest was not read."""
    is_truncated: bool
    """It ended before the length that it had announced."""


def check_url(url: str, *, allow_private: bool = False) -> Target:
    """Return what an address names, or say what is wrong with it; resolves nothing."""
    if len(url) > URL_LENGTH_MAX or any(c <= " " or c in "\\\x7f" for c in url):
        raise InvalidInput(f"url: at most {URL_LENGTH_MAX} characters without spaces, not {url[:80]!r}")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError as error:
        raise InvalidInput(f"url: {url[:80]!r} is no address: {error}") from error
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise InvalidInput(f"url: {url[:80]!r} must begin with https://")
    if not host or parts.username is not None or parts.password is not None:
        raise InvalidInput(f"url: {url[:80]!r} must name a host, and no user or password")
    if port not in PORTS and not allow_private:
        raise InvalidInput(f"url: port {port} is not allowed: use one of {PORTS}")
    literal = _literal(host)
    if literal is not None and not allow_private and not is_public(literal):
        raise InvalidInput(f"url: {host} is not a public address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def is_public(address: Address) -> bool:
    """Tell whether an address is on the public internet, and so are those that it wraps."""
    wrapped = _wrapped(address)
    if wrapped is not None:
        return is_public(wrapped)
    is_special = address.is_multicast or address.is_reserved or address.is_unspecified
    is_site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not is_special and not is_site_local


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    limits: Limits,
    allow_private: bool = False,
) -> Response:
    """Send one request and return its answer, of whatever status; raises one of FAILURES."""
    target = check_url(url, allow_private=allow_private)
    address = _resolve(target, allow_private=allow_private)
    connection = _Pinned(target, address, limits.step_seconds)
    # A server that sends a byte a second never exceeds a step; this ends it all the same.
    watchdog = threading.Timer(limits.total_seconds, connection.abort)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request(method, target.path, body, dict(headers))
        response = _read(connection.getresponse(), limits.response_bytes)
    finally:
        watchdog.cancel()
        connection.close()
    if connection.is_aborted:
        # An answer without a length would look whole.
        raise TimeoutError(f"no whole answer within {limits.total_seconds} seconds")
    return response


def _read(answer: http.client.HTTPResponse, bytes_max: int) -> Response:
    announced = answer.length
    body = answer.read(bytes_max)
    return Response(
        status=answer.status,
        headers={name.lower(): value for name, value in answer.getheaders()},
        body=body,
        is_cut=len(body) == bytes_max and bool(answer.read(1)),
        is_truncated=announced is not None and len(body) < min(announced, bytes_max),
    )


def _resolve(target: Target, *, allow_private: bool) -> str:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]).partition("%")[0] for info in found]
    for address in addresses:
        if not allow_private and not is_public(ipaddress.ip_address(address)):
            raise InvalidInput(f"{target.host} resolves to {address}, which is not a public address")
    return addresses[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever its name resolves to by now."""

    def __init__(self, target: Target, address: str, step_seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=step_seconds)
        self.is_aborted = False
        self._step_seconds = step_seconds
        self._is_tls = target.scheme == "https"
        self._address = address
        # The port that a Host header leaves out.
        self.default_port = 443 if self._is_tls else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self._step_seconds)
        if self._is_tls:
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def abort(self) -> None:
        """Break the connection off, from another thread."""
        self.is_aborted = True
        if self.sock is not None:
            # The plain socket's own method: the one of TLS would first wait to say goodbye.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _wrapped(address: Address) -> Address | None:
    """Return the IPv4 address inside a mapped, 6to4, Teredo or NAT64 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo
