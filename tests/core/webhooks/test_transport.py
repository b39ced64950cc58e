"""A webhook reaches the public internet and nothing else, and cannot hold a worker up."""

from __future__ import annotations

import ipaddress
import socket
import threading

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.core.outgoing import Limits, check_url, exchange, is_public
from pitboss.core.webhooks import transport
from pitboss.core.webhooks.transport import RESPONSE_BYTES_MAX, post


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1",
        "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_told(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_is_told(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/", "must begin with https"),
        ("ftp://example.org/", "must begin with https"),
        ("file:///etc/passwd", "must begin with https"),
        ("//example.org/", "must begin with https"),
        ("https://", "must name a host"),
        ("https://user:pass@example.org/", "no user or password"),
        ("https://example.org:22/", "port 22 is not allowed"),
        ("https://example.org:99999/", "is no address"),
        ("https://127.0.0.1/", "not a public address"),
        ("https://[::1]/", "not a public address"),
        ("https://[::ffff:10.0.0.1]/", "not a public address"),
        ("https://169.254.169.254/latest/meta-data", "not a public address"),
        ("https://example.org/\r\nHost: x", "without spaces"),
        ("https://example.org\\@127.0.0.1/", "without spaces"),
        ("https://example.org/" + "x" * 2000, "at most 2000"),
        ("https://" + "a" * 64 + ".org/", "is no address"),
    ],
)
def test_an_address_that_will_not_do_is_refused(url, reason):
    with pytest.raises(InvalidInput, match=reason):
        check_url(url)


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "100.64.0.1", "::ffff:127.0.0.1"])
def test_a_name_that_resolves_inwards_is_refused(monkeypatch, address):
    answers = [(0, 0, 0, "", ("1.1.1.1", 443)), (0, 0, 0, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: answers)

    answer = post("https://example.org/", {}, b"")

    assert answer.status is None
    assert "which is not a public address" in answer.error


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "localhost"])
def test_other_spellings_of_the_loopback_are_refused(host):
    assert "not a public address" in post(f"https://{host}/", {}, b"").error


def test_a_redirect_is_not_followed(receiver):
    receiver.status, receiver.headers = 302, {"location": receiver.url}

    answer = post(receiver.url, {}, b"{}", allow_private=True)

    assert answer.error == "answered 302: redirects are not followed"
    assert len(receiver.requests) == 1


def test_only_the_beginning_of_an_answer_is_read(receiver):
    receiver.body = b"x\x00" * 10_000_000

    answer = post(receiver.url, {}, b"{}", allow_private=True)

    assert answer.is_success
    assert len(answer.response) == RESPONSE_BYTES_MAX
    assert "\x00" not in answer.response


def test_a_server_that_says_nothing_is_given_up(receiver, monkeypatch):
    monkeypatch.setattr(transport, "STEP_SECONDS_MAX", 0.05)
    receiver.stall.clear()

    answer = post(receiver.url, {}, b"{}", allow_private=True)

    assert (answer.status, answer.error) == (None, "TimeoutError: timed out")


def test_a_server_that_drips_is_given_up(monkeypatch):
    monkeypatch.setattr(transport, "TOTAL_SECONDS_MAX", 0.2)
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        peer, _ = listener.accept()
        with peer:
            try:
                while not stop.wait(0.01):
                    peer.sendall(b"HTTP/1.1 200 OK"[:1])
            except OSError:
                pass

    thread = threading.Thread(target=drip)
    thread.start()
    answer = post(f"http://127.0.0.1:{listener.getsockname()[1]}/", {}, b"", allow_private=True)
    stop.set()
    thread.join(10)
    listener.close()

    assert not answer.is_success


def test_no_server_is_a_failure_and_no_exception():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    answer = post(f"http://127.0.0.1:{port}/", {}, b"", allow_private=True)

    assert "ConnectionRefusedError" in answer.error


def test_a_certificate_is_checked(receiver):
    answer = post(receiver.url.replace("http:", "https:"), {}, b"", allow_private=True)

    assert "SSLError" in answer.error


LIMITS = Limits(step_seconds=5, total_seconds=5, response_bytes=10)


@pytest.mark.parametrize(
    ("sent", "length", "is_cut", "is_truncated"),
    [(b"0123456789", 10, False, False), (b"0123456789x", 11, True, False), (b"01234", 9, False, True)],
)
def test_an_answer_tells_whether_it_is_whole(sent, length, is_cut, is_truncated):
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"HTTP/1.1 200 OK\r\nETag: v1\r\nContent-Length: %d\r\n\r\n%s" % (length, sent))

    thread = threading.Thread(target=answer)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    found = exchange("GET", url, headers={}, limits=LIMITS, allow_private=True)
    thread.join(10)
    listener.close()

    assert (found.body, found.is_cut, found.is_truncated) == (sent[:10], is_cut, is_truncated)
    assert found.headers["etag"] == "v1"
