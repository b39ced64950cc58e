"""`pitboss up`: the whole platform in one process, ready to look at."""

from __future__ import annotations

import signal
import threading
from dataclasses import replace

import click

from pitboss.core.cli import Deployment
from pitboss.core.demo import Login, load_demo
from pitboss.core.errors import ConfigError
from pitboss.core.garbage import spare_what_is_built
from pitboss.core.kernel import Kernel
from pitboss.core.processes import processes_of

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option("--host", help="Address to bind to.")
@click.option("--port", type=int, help="Port; another is chosen when it is taken.")
@click.option("--demo/--no-demo", default=True, help="Load demo data and print its logins.")
@click.pass_obj
def up(deployment: Deployment, host: str | None, port: int | None, demo: bool) -> None:
    """Prepare the database, then start web, worker and scheduler in this process."""
    settings = deployment.settings
    deployment.settings = settings = replace(
        settings, host=host or settings.host, port=settings.port if port is None else port
    )
    if demo and settings.host not in _LOOPBACK:
        raise ConfigError(
            f"demo logins are not served on {settings.host}: bind to 127.0.0.1 or pass --no-demo"
        )
    kernel = deployment()
    logins = prepare(kernel, demo=demo)
    run(kernel, logins)


def prepare(kernel: Kernel, *, demo: bool) -> list[Login]:
    """Bring database and tenants up to date; with demo data, return who can sign in."""
    kernel.migrator.upgrade()
    kernel.apply_tenant_files()
    return load_demo(kernel) if demo else []


def run(kernel: Kernel, logins: list[Login]) -> None:
    """Start every process, say where it is, and wait for the signal to stop."""
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    started = []
    try:
        for process in processes_of(kernel):
            process.start()
            started.append(process)
        spare_what_is_built()
        _greet(kernel, [line for process in started for line in process.describe()], logins)
        stopping.wait()
        click.echo("\nstopping: finishing what is under way ...")
    finally:
        for process in reversed(started):
            process.stop()


def _greet(kernel: Kernel, lines: list[str], logins: list[Login]) -> None:
    click.echo("\nPitboss is running. Ctrl-C stops it.\n")
    for line in lines:
        click.echo(f"  {line}")
    if logins:
        click.echo("\n  Demo logins:")
    for login in logins:
        click.echo(f"    {login.what:12} tenant {login.tenant:10} {login.email:28} {login.password}")
    for broken in kernel.registry.broken:
        click.echo(f"\n  Set aside: {broken.name}: {broken.reason}")
    click.echo("")
