"""A TCP proxy that cuts connections after the server was told to commit, before the client hears of it."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

COMMIT = b"COMMIT\0"
CHUNK_BYTES = 65_536


class CuttingProxy:
    """Forward to a server; cut every n-th commit once it is on its way."""

    def __init__(self, port: int, *, cut_every: int) -> None:
        self._target = ("127.0.0.1", port)
        self._cut_every = cut_every
        self._commits = 0
        self.cuts = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> CuttingProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
                threading.Thread(target=self._to_client, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError), client, server:
            while data := client.recv(CHUNK_BYTES):
                if COMMIT in data and self._is_cut():
                    # No answer can come back any more, yet the server still reads what is sent.
                    client.shutdown(socket.SHUT_RDWR)
                    server.sendall(data)
                    server.shutdown(socket.SHUT_WR)
                    return
                server.sendall(data)

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(CHUNK_BYTES):
                client.sendall(data)

    def _is_cut(self) -> bool:
        with self._lock:
            self._commits += 1
            is_cut = self._commits % self._cut_every == 0
            self.cuts += is_cut
        return is_cut
