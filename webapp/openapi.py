"""The OpenAPI document: operation ids, security and problem answers on every operation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from threading import Lock
from typing import Any

import flask_smorest
import marshmallow as ma
import msgspec
from apispec.ext.marshmallow import MarshmallowPlugin, resolver
from apispec.ext.marshmallow.common import resolve_schema_cls
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask, Response

import pitboss
from pitboss.core.errors import PluginError
from pitboss.core.http.access import Access
from pitboss.core.http.fields import Amount, decimal_schema, money_schema
from pitboss.core.idempotency import KEPT_HOURS, KEY_CHARACTERS_MAX
from pitboss.webapp import problem
from pitboss.webapp.gate import SAFE, Gate, Rule

METHODS = ("get", "put", "post", "patch", "delete")
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The access token of a sign-in."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}
PARAMETERS = {
    "IdempotencyKey": {
        "in": "header",
        "name": "Idempotency-Key",
        "description": f"Done once: the first answer is replayed for {KEPT_HOURS} hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARACTERS_MAX, "pattern": "^[!-~]+$"},
    },
    "Tenant": {
        "in": "header",
        "name": "X-Tenant",
        "description": "The code of the tenant, where no credential names it.",
        "schema": {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,38}[a-z0-9]$"},
    },
}
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_REFERENCE = re.compile(r"#/components/(\w+)/([^\"]+)")


class ProblemSchema(ma.Schema):
    """RFC 9457."""

    type = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    status = ma.fields.Int(required=True)
    detail = ma.fields.Str()
    instance = ma.fields.Str()
    request_id = ma.fields.Str()
    reasons = ma.fields.List(ma.fields.Str())
    details = ma.fields.Dict(keys=ma.fields.Str())
    errors = ma.fields.List(ma.fields.Dict(keys=ma.fields.Str(), values=ma.fields.Str()))


class Converter(OpenAPIConverter):
    """Describe exact decimals as they are sent: as text, of which the bounds of a number are none."""

    def field2range(self, field: ma.fields.Field[Any], ret: dict[str, Any]) -> dict[str, Any]:
        return {} if isinstance(field, ma.fields.Decimal) else super().field2range(field, ret)


class Words(MarshmallowPlugin):
    """Describe marshmallow schemas with that converter."""

    Converter = Converter


class Api(flask_smorest.Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest, with our problem documents."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        app.config.update(API_TITLE="Pitboss", API_VERSION=pitboss.__version__, OPENAPI_VERSION="3.1.0")
        plugin = Words(schema_name_resolver=schema_name)
        super().__init__(app, spec_kwargs={"marshmallow_plugin": plugin})
        self.register_field(Amount, "string", "decimal")
        self.ma_plugin.converter.add_attribute_function(money_schema)
        self.ma_plugin.converter.add_attribute_function(decimal_schema)
        self._structs: list[Any] = []
        self._undescribed: list[Any] = []

    def _register_responses(self) -> None:
        # One for each status there is: ours are problem documents, all of one shape.
        pass

    def handle_http_exception(self, error: Exception) -> Response:
        return problem.answer(error)

    def register_blueprint(self, blp: Any, **options: Any) -> None:
        """Serve a blueprint; it is described when someone asks for the document, which few processes do."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._undescribed.append(blp)
        self._structs.extend(getattr(blp, "structs", ()))

    def describe(self) -> None:
        """Describe the blueprints that are not in the document yet."""
        while self._undescribed:
            blp = self._undescribed.pop(0)
            blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
            self.spec.tag({"name": blp.name, "description": blp.description})

    def plain(self) -> dict[str, Any]:
        """Return what flask-smorest and msgspec know of the views."""
        self.spec.components.schema("Problem", schema=ProblemSchema)
        self.describe()
        document: dict[str, Any] = self.spec.to_dict()
        _, structs = msgspec.json.schema_components(
            list(dict.fromkeys(self._structs)), ref_template="#/components/schemas/{name}"
        )
        document.setdefault("components", {}).setdefault("schemas", {}).update(structs)
        return document


def schema_name(schema: Any) -> str:
    """Return a schema's name in the document; a plugin's carries its owner, as two may use one word."""
    name = str(resolver(schema))
    folders = resolve_schema_cls(schema).__module__.split(".")
    owner = folders[2] if folders[:2] == ["pitboss", "plugins"] else folders[0]
    return name if owner == "pitboss" else "".join(map(str.capitalize, owner.split("_"))) + name


class Document:
    """The document of an application, and of what one tenant can call of it."""

    def __init__(self, app: Flask, api: Api, gate: Gate) -> None:
        self._api = api
        self._rules = _rules_by_path(app, gate)
        self._whole: dict[str, Any] | None = None
        self._lock = Lock()

    def whole(self) -> dict[str, Any]:
        """Return the document of everything that is installed."""
        with self._lock:
            if self._whole is None:
                self._whole = self._finished(self._api.plain())
            return self._whole

    def access(self, path: str, method: str) -> Access:
        """Return who may call an operation."""
        return self._rules[path].access[method.upper()]

    def of(self, enabled: frozenset[str]) -> dict[str, Any]:
        """Return the document of what the tenants with these plugins can call."""
        whole = self.whole()
        paths = {p: item for p, item in whole["paths"].items() if self._rules[p].owner in enabled}
        tags = {tag for item in paths.values() for o in item.values() for tag in o["tags"]}
        found = {**whole, "paths": paths, "tags": [t for t in whole["tags"] if t["name"] in tags]}
        return found | {"components": _used_components(found)}

    def _finished(self, document: dict[str, Any]) -> dict[str, Any]:
        document["info"]["description"] = "Errors are problem documents (RFC 9457)."
        document["servers"] = [{"url": "/"}]
        document["tags"] = sorted(document.get("tags", []), key=lambda tag: str(tag["name"]))
        document["paths"] = dict(sorted(document["paths"].items()))
        components = document["components"]
        components["securitySchemes"] = SECURITY
        components["parameters"] = components.get("parameters", {}) | PARAMETERS
        components["responses"] = {"Problem": _problem_response()}
        for path, item in document["paths"].items():
            shared = item.pop("parameters", [])
            for method, operation in item.items():
                operation["parameters"] = shared + operation.get("parameters", [])
                _finish(path, method, operation, self._rules[path])
        _refuse_doubles(document)
        document["components"] = _used_components(document)
        return document


def operation_id(method: str, path: str) -> str:
    """Return the stable name that client generators give an operation.

    >>> operation_id("get", "/api/v1/plugins/{plugin}/settings")
    'get_plugins_by_plugin_settings'
    """
    short = path.removeprefix("/api/v1").replace("{", "by_").replace("}", "")
    return re.sub(r"\W+", "_", f"{method}_{short}").replace("__", "_").strip("_")


def _finish(path: str, method: str, operation: dict[str, Any], rule: Rule) -> None:
    access = rule.access[method.upper()]
    operation["operationId"] = operation_id(method, path)
    operation["security"] = [] if access.who == "public" else [{"bearer": []}, {"apiKey": []}]
    if access.permissions:
        operation["x-permissions"] = sorted(access.permissions)
    if access.who == "public":
        operation["parameters"].append({"$ref": "#/components/parameters/Tenant"})
    if method.upper() not in SAFE:
        operation["parameters"].append(_key_parameter(is_required=method.upper() in rule.keyed))
    kept = {s: r for s, r in operation.get("responses", {}).items() if not _is_ours(s, r)}
    operation["responses"] = kept | {"default": {"$ref": "#/components/responses/Problem"}}
    if not operation["parameters"]:
        del operation["parameters"]


def _key_parameter(*, is_required: bool) -> dict[str, Any]:
    if is_required:
        return PARAMETERS["IdempotencyKey"] | {"required": True}
    return {"$ref": "#/components/parameters/IdempotencyKey"}


def _is_ours(status: str, response: dict[str, Any]) -> bool:
    """Tell whether a response is one of flask-smorest's own error answers."""
    return status == "default" or "$ref" in response


def _problem_response() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": "What went wrong.", "content": {problem.CONTENT_TYPE: {"schema": schema}}}


def _rules_by_path(app: Flask, gate: Gate) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for rule in app.url_map.iter_rules():
        path, known = _ARGUMENT.sub(r"{\1}", rule.rule), gate.rules[rule.endpoint]
        if path in found:
            known = found[path].joined(known)
        found[path] = known
    return found


def _refuse_doubles(document: dict[str, Any]) -> None:
    ids = Counter(o["operationId"] for item in document["paths"].values() for o in item.values())
    for name, count in ids.items():
        if count > 1:
            raise PluginError(f"two operations are called {name!r} in the API document: rename a path")


def _used_components(document: dict[str, Any]) -> dict[str, Any]:
    """Return the components that paths refer to, directly or through one another."""
    components = document["components"]
    used: dict[str, set[str]] = {}
    waiting = list(_references(document["paths"]))
    while waiting:
        kind, name = waiting.pop()
        if name not in used.setdefault(kind, set()):
            used[kind].add(name)
            waiting.extend(_references(components[kind][name]))
    kept = {
        kind: {name: entries[name] for name in sorted(entries) if name in used.get(kind, ())}
        for kind, entries in sorted(components.items())
        if kind != "securitySchemes"
    }
    return {kind: entries for kind, entries in kept.items() if entries} | {"securitySchemes": SECURITY}


def _references(tree: Any) -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        match = _REFERENCE.fullmatch(str(tree.get("$ref", "")))
        if match is not None:
            yield match[1], match[2]
        for value in tree.values():
            yield from _references(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _references(value)
