"""The web application over a test kernel, called in process."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pitboss.core.kernel import Kernel
from pitboss.webapp.app import create_app


@pytest.fixture
def app(kernel: Kernel) -> Flask:
    """The application."""
    return create_app(kernel)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without credentials."""
    return app.test_client()
