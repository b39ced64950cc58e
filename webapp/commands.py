"""`pitboss web` and `pitboss openapi`."""

from __future__ import annotations

import json
import signal
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from pitboss.core.cli import Deployment
from pitboss.core.kernel import build_kernel
from pitboss.core.registry import installed
from pitboss.core.settings import load_settings
from pitboss.webapp.app import create_app
from pitboss.webapp.openapi import Document
from pitboss.webapp.process import WebProcess

DOCUMENT = Path(__file__).parent / "openapi.json"


@click.command()
@click.option("--host", help="Address to bind to.")
@click.option("--port", type=int, help="Port; another is chosen when it is taken.")
@click.pass_obj
def web(deployment: Deployment, host: str | None, port: int | None) -> None:
    """Serve API and admin alone, without workers."""
    settings = deployment.settings
    deployment.settings = replace(
        settings, host=host or settings.host, port=settings.port if port is None else port
    )
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    process = WebProcess(deployment())
    process.start()
    for line in process.describe():
        click.echo(line)
    stopping.wait()
    process.stop()


@click.command()
@click.option("--output", type=click.Path(path_type=Path), default=DOCUMENT, help="File to write.")
def openapi(output: Path) -> None:
    """Write the API document of the platform alone, without plugins."""
    output.write_text(as_text(core_document()), "utf-8")
    click.echo(f"wrote {output}")


def core_document() -> dict[str, Any]:
    """Return the document of the platform without plugins, the same on every machine."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({}, data=Path(folder), secret="not-used")  # noqa: S106 - signs nothing
        kernel = build_kernel(settings, candidates=installed(safe_mode=True))
        try:
            document: Document = create_app(kernel).extensions["pitboss_document"]
            return document.whole()
        finally:
            kernel.close()


def as_text(document: dict[str, Any]) -> str:
    """Write a document so that a diff of it can be read."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
