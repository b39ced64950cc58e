"""Servers of our own, to be killed: a PostgreSQL cluster and a Redis, each in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
import redis

START_SECONDS_MAX = 180
LOG_LINES_SHOWN = 3
FAULTS_ENVIRONMENT = "PITBOSS_TEST_FAULTS"


def faults_wanted(in_ci: int) -> int:
    """Return how often a test injects its fault: a few times in CI, as told in the long run."""
    return int(os.environ.get(FAULTS_ENVIRONMENT, in_ci))


def free_port() -> int:
    """Return a TCP port that nobody listens on.

    Below the ephemeral ones: a client that calls a dead server's port may be given that very port as
    its own, connect to itself, and keep the server from coming back.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port between 20000 and 32000")


def wait_until(ready: object, seconds_max: float = START_SECONDS_MAX) -> None:
    """Poll until a callable answers without an error; raise what it raised when time is up."""
    deadline = time.monotonic() + seconds_max
    while True:
        try:
            ready()  # type: ignore[operator]
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def postgres_programs() -> Path | None:
    """Return the folder of initdb and postgres, wherever the distribution keeps it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="pitboss-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class Postgres:
    """A cluster that can be killed with -9 and started again.

    Its folder must be open to every user, as `open_folder` is: PostgreSQL refuses to run as root. Below
    pytest's `tmp_path` it is not, for long: each run of pytest that begins closes that to other users.
    """

    def __init__(self, folder: Path, *initdb_options: str) -> None:
        programs = postgres_programs()
        assert programs is not None, "initdb is not installed"
        self._programs = programs
        folder.mkdir(exist_ok=True)
        self.folder = folder / "cluster"
        self.port = free_port()
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-N", *initdb_options)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-D {self.folder} -p {self.port} -h 127.0.0.1 -k {self.folder}"
        log_path = self.folder.parent / "postgres.log"
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", *options.split()],
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd="/",
                **self._as,  # type: ignore[call-overload]
            )
        try:
            wait_until(lambda: psycopg.connect(self.url, connect_timeout=2).close())
        except psycopg.Error as error:
            error.add_note(f"ended with {self._process.poll()}; {_last_lines(log_path)}")
            raise

    def __enter__(self) -> Postgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def kill(self) -> None:
        """End every process of the cluster at once, as when the machine loses power."""
        assert self._process is not None
        if self._process.poll() is None:
            self._kill_all(self._process)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _kill_all(self, process: subprocess.Popen[bytes]) -> None:
        postmaster = process.pid
        # Stopped first, so that it starts no backend between the look and the kill.
        os.kill(postmaster, signal.SIGSTOP)
        # Each backend is a session of its own, so a signal to the group would miss them.
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        backends = [int(child) for child in children]
        # All stand still before the first dies, so that none ends in good order because another is gone.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in (postmaster, *backends):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        process.wait()
        wait_until(lambda: _assert_ended(backends))

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            capture_output=True,
            cwd="/",
            **self._as,  # type: ignore[call-overload]
        )


def _assert_ended(pids: Iterable[int]) -> None:
    """Raise while a process lives: what is left of it until its parent looks has let go of everything."""
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            assert state in "ZX", f"process {pid} has not ended"


def _last_lines(log: Path) -> str:
    return " / ".join(log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])


class Redis:
    """A Redis that writes down what it holds, and can be killed with -9."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"--port {self.port} --bind 127.0.0.1 --dir {self.folder} --appendonly yes --save"
        self._process = subprocess.Popen(
            ["redis-server", *options.split(), ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

        def ping() -> None:
            with redis.Redis.from_url(self.url) as client:
                client.ping()

        wait_until(ping)

    def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    stop = kill
