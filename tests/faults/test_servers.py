"""The servers that tests kill: what they need, and how they come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.servers import Postgres


@pytest.mark.slow
def test_a_killed_postgresql_comes_back_whatever_another_run_does(cluster: Postgres, tmp_path: Path) -> None:
    """A run of pytest that begins closes the folder of all runs to other users."""
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest-of-"):
            parent.chmod(0o700)

    for _ in range(2):
        cluster.kill()
        cluster.start()
