"""A feed that behaves as badly as a test tells it to."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Page:
    """One answer."""

    document: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    missing_bytes: int = 0
    """So many bytes are announced and never sent."""
    is_silent: bool = False

    @property
    def content(self) -> bytes:
        return json.dumps(self.document).encode() if self.body is None else self.body


class Feed:
    """A local server; it answers with `pages`, one after the other, and then with the last one again."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.requests: list[tuple[dict[str, list[str]], dict[str, str]]] = []
        self.closing = threading.Event()
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                headers = {name.lower(): value for name, value in self.headers.items()}
                feed.requests.append((parse_qs(urlsplit(self.path).query), headers))
                page = feed.pages[0] if len(feed.pages) == 1 else feed.pages.pop(0)
                if page.is_silent:
                    feed.closing.wait(30)
                    return
                feed.write(self, page)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/feed"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def answer(self, *documents: Any, **said: Any) -> None:
        """Answer with these documents, in order."""
        self.pages = [Page(document, **said) for document in documents]

    @staticmethod
    def write(handler: BaseHTTPRequestHandler, page: Page) -> None:
        handler.send_response(page.status)
        headers = {"content-type": "application/json", **page.headers}
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(page.content) + page.missing_bytes))
        handler.end_headers()
        with suppress(OSError):  # the caller read enough and hung up
            handler.wfile.write(page.content)

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()
