"""Operators of the tenant, and their roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf

from pitboss.core.http import Blueprint, answers_secret, check_match, current, requires, send_etag
from pitboss.core.identity import operators, roles
from pitboss.core.identity.tables import Operator, Status
from pitboss.webapp.api.players import ReasonedSchema

blueprint = Blueprint("operators", __name__, description="Operators and roles")

EMAIL_CHARACTERS_MAX = 254
NAME_CHARACTERS_MAX = 40
TITLE_CHARACTERS_MAX = 80


class RoleNamesSchema(ma.Schema):
    """The roles that an operator has."""

    roles = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=NAME_CHARACTERS_MAX)),
        required=True,
        validate=Length(max=roles.PERMISSIONS_MAX),
        metadata={"example": ["support"]},
    )


class OperatorSchema(RoleNamesSchema):
    """An operator."""

    id = ma.fields.UUID(required=True)
    email = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    status = ma.fields.Str(required=True, validate=OneOf([str(status) for status in Status]))
    created_at = ma.fields.AwareDateTime(required=True)
    signed_in_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class InvitationSchema(ma.Schema):
    """Whom to invite."""

    email = ma.fields.Str(
        required=True,
        validate=Length(min=3, max=EMAIL_CHARACTERS_MAX),
        metadata={"example": "olga@brand.example"},
    )
    name = ma.fields.Str(load_default="", validate=Length(max=TITLE_CHARACTERS_MAX))
    roles = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=NAME_CHARACTERS_MAX)),
        load_default=list,
        validate=Length(max=roles.PERMISSIONS_MAX),
        metadata={"example": ["support"]},
    )


class InvitedSchema(ma.Schema):
    """A new operator, and the secret with which they choose a password; shown once."""

    operator = ma.fields.Nested(OperatorSchema(), required=True)
    token = ma.fields.Str(required=True)


class RoleChangeSchema(ma.Schema):
    """What a role is called and grants."""

    title = ma.fields.Str(
        required=True, validate=Length(min=1, max=TITLE_CHARACTERS_MAX), metadata={"example": "Trader"}
    )
    permissions = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=TITLE_CHARACTERS_MAX)),
        required=True,
        validate=Length(max=roles.PERMISSIONS_MAX),
        metadata={"example": ["core.players"]},
    )


class RoleSchema(RoleChangeSchema):
    """A named set of permissions."""

    name = ma.fields.Str(required=True)


class PermissionSchema(ma.Schema):
    """Something that a role may grant."""

    name = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)


@blueprint.route("/operators")
class Operators(MethodView):
    @requires("core.operators")
    @blueprint.response(200, OperatorSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List the operators by email address."""
        return [_described(operator) for operator in operators.list_operators(current())]

    @requires("core.operators")
    @answers_secret
    @blueprint.arguments(InvitationSchema())
    @blueprint.response(201, InvitedSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Invite an operator; the token, good for three days, is shown once."""
        invited = operators.invite_operator(
            current(), sent["email"], name=sent["name"], role_names=sent["roles"]
        )
        return {"operator": _described(invited.operator), "token": invited.token}


@blueprint.route("/operators/<uuid:operator_id>")
class OneOperator(MethodView):
    @requires("core.operators")
    @blueprint.response(200, OperatorSchema())
    def get(self, operator_id: UUID) -> dict[str, Any]:
        """Show an operator; the ETag is of the roles."""
        found = _described(operators.find_operator(current(), operator_id))
        send_etag(found["roles"])
        return found


@blueprint.route("/operators/<uuid:operator_id>/roles")
class RolesOfOperator(MethodView):
    @requires("core.operators")
    @blueprint.arguments(RoleNamesSchema())
    @blueprint.response(200, OperatorSchema())
    def put(self, sent: dict[str, Any], operator_id: UUID) -> dict[str, Any]:
        """Give an operator exactly these roles; If-Match must name those that were read."""
        context = current()
        operator = operators.find_operator(context, operator_id, for_update=True)
        check_match(roles.roles_of(context, operator_id))
        names = operators.set_roles(context, operator_id, sent["roles"])
        send_etag(names)
        return _described(operator)


@blueprint.route("/operators/<uuid:operator_id>/lock")
class LockOperator(MethodView):
    @requires("core.operators")
    @blueprint.arguments(ReasonedSchema())
    @blueprint.response(200, OperatorSchema())
    def post(self, sent: dict[str, Any], operator_id: UUID) -> dict[str, Any]:
        """Keep an operator out; every session ends at once."""
        return _described(operators.lock_operator(current(), operator_id, sent["reason"]))


@blueprint.route("/operators/<uuid:operator_id>/unlock")
class UnlockOperator(MethodView):
    @requires("core.operators")
    @blueprint.arguments(ReasonedSchema())
    @blueprint.response(200, OperatorSchema())
    def post(self, sent: dict[str, Any], operator_id: UUID) -> dict[str, Any]:
        """Let an operator in again."""
        return _described(operators.unlock_operator(current(), operator_id, sent["reason"]))


@blueprint.route("/roles")
class Roles(MethodView):
    @requires("core.operators")
    @blueprint.response(200, RoleSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List the roles by name."""
        return [_role(role) for role in roles.list_roles(current())]


@blueprint.route("/roles/<string(minlength=1, maxlength=40):name>")
class OneRole(MethodView):
    @requires("core.operators")
    @blueprint.response(200, RoleSchema())
    def get(self, name: str) -> dict[str, Any]:
        """Show a role, with its ETag."""
        found = _role(roles.find_role(current(), name))
        send_etag(found)
        return found

    @requires("core.operators")
    @blueprint.arguments(RoleChangeSchema())
    @blueprint.response(200, RoleSchema())
    def put(self, sent: dict[str, Any], name: str) -> dict[str, Any]:
        """Make a role, or change one: then If-Match must name what was read."""
        context = current()
        before = next((role for role in roles.list_roles(context) if role.name == name), None)
        if before is not None:
            check_match(_role(before))
        found = _role(roles.save_role(context, name, **sent))
        send_etag(found)
        return found

    @requires("core.operators")
    @blueprint.response(204)
    def delete(self, name: str) -> None:
        """Remove a role that nobody has."""
        roles.delete_role(current(), name)


@blueprint.route("/permissions")
class Permissions(MethodView):
    @requires("core.operators")
    @blueprint.response(200, PermissionSchema(many=True))
    def get(self) -> list[Any]:
        """List what roles may grant; besides, `<plugin>.*` grants all of a plugin and `*` everything."""
        return sorted(current().kernel.registry.permissions(), key=lambda permission: permission.name)


def _described(operator: Operator) -> dict[str, Any]:
    return {
        "id": operator.id,
        "email": operator.email,
        "name": operator.name,
        "status": operator.status,
        "roles": roles.roles_of(current(), operator.id),
        "created_at": operator.created_at,
        "signed_in_at": operator.signed_in_at,
    }


def _role(role: Any) -> dict[str, Any]:
    return {"name": role.name, "title": role.title, "permissions": list(role.permissions)}
