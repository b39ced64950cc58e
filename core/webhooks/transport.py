"""Post to an address that an operator wrote down, without becoming anyone's tool.

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
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pitboss.core.errors import InvalidInput

URL_LENGTH_MAX = 2000
PORTS = (443, 8443)
STEP_SECONDS_MAX = 5.0
"""For connecting, and for each piece of the answer."""
TOTAL_SECONDS_MAX = 15.0
RESPONSE_BYTES_MAX = 2048
"""As much of the answer is read and kept."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address."""

    scheme: str
    host: str
    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt went."""

    status: int | None
    duration_ms: int
    error: str | None = None
    response: str = ""

    @property
    def is_success(self) -> bool:
        return self.error is None


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


def post(url: str, headers: Mapping[str, str], body: bytes, *, allow_private: bool = False) -> Answer:
    """Send one request and return how it went; what the network does is no exception."""
    began = time.monotonic()

    def took() -> int:
        return round((time.monotonic() - began) * 1000)

    try:
        target = check_url(url, allow_private=allow_private)
        address = _resolve(target, allow_private=allow_private)
        status, text = _exchange(target, address, headers, body)
    except (OSError, http.client.HTTPException, InvalidInput) as error:
        return Answer(None, took(), f"{type(error).__name__}: {error}"[:500])
    if 300 <= status < 400:
        return Answer(status, took(), f"answered {status}: redirects are not followed", text)
    if not 200 <= status < 300:
        return Answer(status, took(), f"answered {status}", text)
    return Answer(status, took(), None, text)


def _resolve(target: Target, *, allow_private: bool) -> str:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]).partition("%")[0] for info in found]
    for address in addresses:
        if not allow_private and not is_public(ipaddress.ip_address(address)):
            raise InvalidInput(f"{target.host} resolves to {address}, which is not a public address")
    return addresses[0]


def _exchange(target: Target, address: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    connection = _Pinned(target, address)
    # A server that sends a byte a second never exceeds a step; this ends it all the same.
    watchdog = threading.Timer(TOTAL_SECONDS_MAX, connection.abort)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request("POST", target.path, body, dict(headers))
        answer = connection.getresponse()
        text = answer.read(RESPONSE_BYTES_MAX).decode("utf-8", "replace")
        return answer.status, text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    finally:
        watchdog.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever its name resolves to by now."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=STEP_SECONDS_MAX)
        self._is_tls = target.scheme == "https"
        self._address = address
        # The port that a Host header leaves out.
        self.default_port = 443 if self._is_tls else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), STEP_SECONDS_MAX)
        if self._is_tls:
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def abort(self) -> None:
        """Break the connection off, from another thread."""
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
