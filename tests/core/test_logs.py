"""What is logged helps, and tells no secret."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

FAIL = """
from pitboss.core.logs import configure_logs
from pitboss.core.settings import load_settings
import structlog

def sign_in(password):
    raise ValueError("it went wrong")

for form in ("console", "json"):
    configure_logs(load_settings({}, log_format=form))
    try:
        sign_in("hunter" + "2")
    except ValueError:
        structlog.stdlib.get_logger(form).exception("failed", api_key="hunter" + "2")
"""


def test_a_logged_failure_says_where_and_shows_no_variable():
    """In a process of its own: pytest has its own hands on the logs."""
    logged = subprocess.run([sys.executable, "-c", FAIL], capture_output=True, text=True, check=True).stderr

    assert logged.count("in sign_in") == 2
    assert logged.count("ValueError: it went wrong") == 2
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
