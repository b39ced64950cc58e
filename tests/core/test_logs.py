"""What is logged helps, and tells no secret."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

FAIL = """
import sys
from pitboss.core.logs import configure_logs
from pitboss.core.settings import load_settings
import structlog

configure_logs(load_settings({}, log_format=sys.argv[1]))

def sign_in(password):
    raise ValueError("it went wrong")

try:
    sign_in("hunter" + "2")
except ValueError:
    structlog.get_logger("test").exception("failed", api_key="hunter" + "2")
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_logged_failure_says_where_and_shows_no_variable(form):
    """In a process of its own: pytest has its own hands on the logs."""
    command = [sys.executable, "-c", FAIL, form]

    logged = subprocess.run(command, capture_output=True, text=True, check=True).stderr

    assert "ValueError: it went wrong" in logged
    assert "in sign_in" in logged
    assert "hunter2" not in logged


@pytest.mark.slow
@pytest.mark.parametrize(("level", "of_dramatiq"), [("DEBUG", "WARNING"), ("CRITICAL", "CRITICAL")])
def test_libraries_say_no_more_than_was_asked_for(level, of_dramatiq):
    code = (
        "import logging, sys; from pitboss.core.logs import configure_logs;"
        "from pitboss.core.settings import load_settings;"
        "configure_logs(load_settings({}, log_level=sys.argv[1]));"
        "print(logging.getLogger('dramatiq').level)"
    )

    found = subprocess.run([sys.executable, "-c", code, level], capture_output=True, text=True, check=True)

    assert int(found.stdout) == logging.getLevelName(of_dramatiq)
