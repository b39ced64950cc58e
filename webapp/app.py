"""Build the web application: the only place where its parts meet."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from pitboss.core.garbage import building
from pitboss.core.http.json import StrictJSON
from pitboss.core.kernel import Kernel
from pitboss.webapp import api as api_modules
from pitboss.webapp import docs, health, play, problem
from pitboss.webapp.application import Application
from pitboss.webapp.gate import Gate, Mount
from pitboss.webapp.headers import Headers, Wsgi
from pitboss.webapp.mount import mount_core, mount_plugins
from pitboss.webapp.openapi import Api, Document
from pitboss.webapp.stream import Streams

HERE = Path(__file__).parent


@building()
def create_app(kernel: Kernel) -> Flask:
    """Return the application of a kernel: core API, admin, demo site, and the routes of every plugin."""
    app = _bare_app(kernel)
    app.extensions["pitboss"] = kernel
    gate = Gate(app)
    api = Api(app)
    app.extensions["pitboss_gate"] = gate
    problem.register(app)
    _mount_site(app, gate)
    _mount_ours(api, gate)
    _mount_admin(app, gate)
    mount_plugins(app, api, gate, kernel)
    gate.seal()
    app.extensions["pitboss_document"] = Document(app, api, gate)
    app.wsgi_app = Headers(_behind_proxies(app, kernel), kernel.settings)  # type: ignore[method-assign]  # Flask's own way
    serve(app, kernel)
    return app


def serve(app: Flask, kernel: Kernel) -> None:
    """Let an application answer for a kernel: its own, or another with the same plugins and settings.

    To build an application takes a third of a second: tests, which have a database each, share one.
    """
    app.extensions["pitboss"] = kernel
    app.extensions["pitboss_gate"].serve(kernel)
    app.extensions["pitboss_streams"] = Streams(kernel, kernel.settings.sse_connections_max)


def _bare_app(kernel: Kernel) -> Flask:
    data = kernel.settings.data.expanduser()
    app = Application("pitboss.webapp", root_path=str(HERE), instance_path=str(data / "instance"))
    app.json = StrictJSON(app)
    app.config["MAX_CONTENT_LENGTH"] = kernel.settings.request_bytes_max
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    return app


def _behind_proxies(app: Flask, kernel: Kernel) -> Wsgi:
    count = kernel.settings.trusted_proxies
    if not count:
        return app.wsgi_app
    return ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count)


def _mount_site(app: Flask, gate: Gate) -> None:
    gate.mounts[docs.blueprint.name] = Mount("core", "api")
    gate.mounts[health.blueprint.name] = Mount("core", "site")
    gate.mounts[play.blueprint.name] = Mount("core", "api")
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(play.blueprint)


def _mount_ours(api: Api, gate: Gate) -> None:
    """Mount the `blueprint` of every module in webapp/api."""
    for module in sorted(m.name for m in pkgutil.iter_modules(api_modules.__path__)):
        blueprint = import_module(f"{api_modules.__name__}.{module}").blueprint
        mount_core(api, gate, blueprint)


def _mount_admin(app: Flask, gate: Gate) -> None:
    if not (HERE / "admin" / "__init__.py").exists():
        return
    import_module("pitboss.webapp.admin").register(app)
    for name, blueprint in app.blueprints.items():
        gate.mounts.setdefault(name, Mount("core", "admin", getattr(blueprint, "access", None)))
