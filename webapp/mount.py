"""Mount blueprints: ours as they are, a plugin's only after a rehearsal showed that it keeps to itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask

from pitboss.core.contracts import Owned, Routes
from pitboss.core.errors import PluginError
from pitboss.core.http.json import StrictJSON
from pitboss.core.kernel import Kernel
from pitboss.webapp.gate import Gate, Mount, rule_of
from pitboss.webapp.openapi import Api

API_ROOT = "/api/v1"
ADMIN_ROOT = "/admin"
_TABLES = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "url_value_preprocessors",
    "url_default_functions",
    "template_context_processors",
)


def mount_core(api: Api, gate: Gate, blueprint: Blueprint) -> None:
    """Mount a blueprint of our own under /api/v1."""
    gate.mounts[blueprint.name] = Mount("core", "api", getattr(blueprint, "access", None))
    api.register_blueprint(blueprint, url_prefix=f"{API_ROOT}{blueprint.url_prefix or ''}")


def mount_plugins(app: Flask, api: Api, gate: Gate, kernel: Kernel) -> None:
    """Mount every plugin's routes; set aside the plugins whose routes break the contract."""
    reserved = {rule.rule.split("/")[3] for rule in app.url_map.iter_rules(None) if _is_api(rule)}
    for owner in list(kernel.registry.manifests):
        routes = [o for o in kernel.registry.all("register_routes") if o.owner == owner]
        try:
            _rehearse(owner, routes, app, reserved)
        except Exception as error:  # noqa: BLE001 - isolation boundary: one plugin's routes
            reason = str(error) if isinstance(error, PluginError) else f"routes: {error!r}"
            kernel.registry.set_aside(owner, reason)
            continue
        for owned in routes:
            _mount(owned, app, api, gate.mounts)


def _is_api(rule: Any) -> bool:
    return bool(rule.rule.startswith(f"{API_ROOT}/"))


def _mount(owned: Owned[Routes], app: Flask, api: Api, mounts: dict[str, Mount]) -> None:
    blueprint, area = owned.item.blueprint, owned.item.area
    mounts[blueprint.name] = mount_of(owned)
    prefix = prefix_of(owned)
    if area == "api" and hasattr(blueprint, "register_views_in_doc"):
        api.register_blueprint(blueprint, url_prefix=prefix)
    else:
        app.register_blueprint(blueprint, url_prefix=prefix)


def mount_of(owned: Owned[Routes]) -> Mount:
    """Return what the gate needs to know of a plugin's blueprint."""
    access = getattr(owned.item.blueprint, "access", None)
    return Mount(owned.owner, owned.item.area, access, owned.item.permission)


def prefix_of(owned: Owned[Routes]) -> str:
    """Return where a plugin's blueprint stands."""
    root = API_ROOT if owned.item.area == "api" else ADMIN_ROOT
    return f"{root}/{owned.owner}{owned.item.blueprint.url_prefix or ''}"


# -- the rehearsal: on an application that is thrown away ---------------------------------------


def _rehearse(owner: str, routes: list[Owned[Routes]], app: Flask, reserved: set[str]) -> None:
    if not routes:
        return
    if owner in reserved:
        raise PluginError(f"plugin {owner!r}: /api/v1/{owner} is a path of the platform: rename it")
    stage = Flask("rehearsal", instance_path=app.instance_path, static_folder=None)
    stage.json = StrictJSON(stage)
    api = Api(stage)
    for owned in routes:
        name = owned.item.blueprint.name
        if name != owner and not name.startswith(f"{owner}_"):
            raise PluginError(
                f"plugin {owner!r}: its blueprint {name!r} must be named {owner!r} or '{owner}_...'"
            )
        before = _app_wide(stage)
        _mount(owned, stage, api, {})
        _check_keeps_to_itself(owner, owned, stage, before)
    api.describe()


def _check_keeps_to_itself(owner: str, owned: Owned[Routes], stage: Flask, before: dict[str, Any]) -> None:
    after = _app_wide(stage)
    leaks = [key for key in before if before[key] != after[key]]
    if leaks:
        raise PluginError(
            f"plugin {owner!r}: its blueprint {owned.item.blueprint.name!r} changes the whole "
            f"application ({', '.join(leaks)}); use the blueprint's own hooks"
        )
    name = owned.item.blueprint.name
    if stage.url_value_preprocessors.get(name):
        raise PluginError(
            f"plugin {owner!r}: its blueprint {name!r} has a url_value_preprocessor, which would run before "
            "anyone asked whether the tenant has the plugin switched on: use before_request"
        )
    prefix = prefix_of(owned)
    for rule, view in _new_rules(stage, owned.item.blueprint.name):
        if not f"{rule.rule}/".startswith(f"{prefix}/"):
            raise PluginError(f"plugin {owner!r}: the route {rule.rule!r} is outside {prefix!r}")
        if not rule.endpoint.endswith(".static"):
            rule_of(view, rule.methods, mount_of(owned), f"plugin {owner!r}: {rule.rule}")


def _new_rules(stage: Flask, name: str) -> Iterator[tuple[Any, Any]]:
    for rule in stage.url_map.iter_rules():
        if rule.endpoint.split(".")[0] == name or "." not in rule.endpoint:
            yield rule, stage.view_functions[rule.endpoint]


def _app_wide(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = {table: list(getattr(app, table).get(None, ())) for table in _TABLES}
    found["error_handler_spec"] = [
        (code, error) for code, handlers in app.error_handler_spec.get(None, {}).items() for error in handlers
    ]
    environment = app.jinja_env
    found["jinja"] = [sorted(environment.filters), sorted(environment.globals), sorted(environment.tests)]
    found["teardown"] = list(app.teardown_appcontext_funcs)
    found["wsgi_app"] = app.wsgi_app
    found["config"] = sorted(app.config)
    return found
