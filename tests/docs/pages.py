"""Run a page of the documentation: its commands in a shell, its files written as it says."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

COMMAND_SECONDS_MAX = 300
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"# (file|add to): (\S+)\n(.*)", re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the language and the text of each fenced block."""
    yield from _BLOCK.findall(page.read_text("utf-8"))


@dataclass
class Workshop:
    """A folder with a `.venv`, as `./dev up` leaves one; what is installed there stays there."""

    folder: Path
    state: list[str] = field(default_factory=list)
    """The commands so far that change the shell itself."""

    def __post_init__(self) -> None:
        venv.create(self.folder / ".venv", symlinks=True, with_pip=False)
        mine = self.folder / ".venv"
        [packages] = mine.glob("lib/python*/site-packages")
        # Whatever this environment has is there; what is installed goes to the new one alone.
        (packages / "parent.pth").write_text(
            f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
        )
        script = mine / "bin/pitboss"
        script.write_text(f"#!{mine / 'bin/python'}\nfrom pitboss.core.cli import main\n\nmain()\n")
        script.chmod(0o755)

    def run(self, command: str) -> str:
        """Run a line in a shell that remembers `cd` and activation; return what it printed."""
        if command.startswith((". ", "cd ")):
            self.state.append(command)
        lines = "\n".join(["set -e", *self.state, "" if command in self.state else command])
        done = subprocess.run(
            ["bash", "-c", lines],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"
        return done.stdout

    def write(self, text: str) -> None:
        """Write a block to the file that its first line names, in the folder where the shell is."""
        match = _TARGET.match(text)
        assert match, f"a block of Python says where it goes in its first line: {text[:60]!r}"
        verb, path, body = match.groups()
        file = Path(self.run("pwd").strip(), path)
        file.write_text(body if verb == "file" else file.read_text() + "\n" + body.lstrip("\n"))

    def console(self, text: str) -> None:
        """Run the commands of a block; each line that shows an answer must be in what was printed."""
        printed = ""
        for line in text.splitlines():
            if line.startswith("$ "):
                printed = self.run(line.removeprefix("$ "))
            else:
                assert line in printed, f"{line!r} is not in:\n{printed}"

    def _environment(self) -> dict[str, str]:
        keep = {n: v for n, v in os.environ.items() if not n.startswith(("PITBOSS_", "PYTHON", "PYTEST_"))}
        keep.pop("DATABASE_URL", None)
        keep.pop("REDIS_URL", None)
        # Nothing is downloaded: what the page needs is here.
        offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "off"}
        return keep | offline | {"HOME": str(self.folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
