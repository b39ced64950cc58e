"""Operators and their roles: who works here, and what they may do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from pitboss.core.contracts import Permission
from pitboss.core.errors import NotFound, PitbossError
from pitboss.core.http import answers_secret, current, requires
from pitboss.core.identity import operators as service
from pitboss.core.identity import resets, sessions
from pitboss.core.identity import roles as role_service
from pitboss.core.identity.tables import Status
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.webapp.admin.confirm import confirmed
from pitboss.webapp.admin.shell import done, failed, page, pages, text_of

KINDS = {
    Status.INVITED: (marked("Invited"), "info"),
    Status.ACTIVE: (marked("Active"), "good"),
    Status.LOCKED: (marked("Locked"), "bad"),
    Status.DEACTIVATED: (marked("Closed"), ""),
}
"""What each status is called on screen, and its colour."""
ADMINISTRATOR = role_service.ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Group:
    """The permissions of one plugin, on the form of a role."""

    owner: str
    title: str
    permissions: tuple[Permission, ...]


@pages.get("/operators")
@requires("core.operators")
def operators() -> Response:
    """List the tenant's operators."""
    ctx = current()
    found = service.list_operators(ctx)
    held = {operator.id: role_service.roles_of(ctx, operator.id) for operator in found}
    return page("operators", operators=found, held=held, roles=role_service.list_roles(ctx), kinds=KINDS)


@pages.post("/operators")
@requires("core.operators")
@answers_secret
@confirmed
def invite_operator() -> Response:
    """Add an operator, and show the link with which they choose a password."""
    ctx = current()
    names = request.form.getlist("roles")
    try:
        invited = service.invite_operator(ctx, text_of("email"), name=text_of("name"), role_names=names)
    except PitbossError as error:
        return failed(str(error), "admin.operators")
    return _link_page(invited.operator.email, invited.token, resets.INVITATION_HOURS)


@pages.get("/operators/<uuid:operator_id>")
@requires("core.operators")
def operator(operator_id: UUID) -> Response:
    """Show one operator: roles, sessions and status."""
    ctx = current()
    found = service.find_operator(ctx, operator_id)
    return page(
        "operator",
        operator=found,
        held=role_service.roles_of(ctx, operator_id),
        roles=role_service.list_roles(ctx),
        sessions=sessions.list_operator_sessions(ctx, operator_id),
        kinds=KINDS,
        is_self=ctx.actor.id == operator_id,
    )


@pages.post("/operators/<uuid:operator_id>/roles")
@requires("core.operators")
@confirmed
def set_roles(operator_id: UUID) -> Response:
    """Give an operator exactly the roles that are ticked."""
    try:
        service.set_roles(current(), operator_id, request.form.getlist("roles"))
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "admin.operator", operator_id=operator_id)
    return done(_("The roles are saved; they hold at once."), "admin.operator", operator_id=operator_id)


@pages.post("/operators/<uuid:operator_id>/lock")
@requires("core.operators")
def lock_operator(operator_id: UUID) -> Response:
    """Keep an operator out."""
    ctx = current()
    if ctx.actor.id == operator_id:
        return failed(_("You cannot lock yourself."), "admin.operator", operator_id=operator_id)
    try:
        service.lock_operator(ctx, operator_id, text_of("reason"))
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "admin.operator", operator_id=operator_id)
    return done(_("Locked: all sessions have ended."), "admin.operator", operator_id=operator_id)


@pages.post("/operators/<uuid:operator_id>/unlock")
@requires("core.operators")
def unlock_operator(operator_id: UUID) -> Response:
    """Let an operator in again."""
    try:
        service.unlock_operator(current(), operator_id, text_of("reason"))
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "admin.operator", operator_id=operator_id)
    return done(_("Unlocked."), "admin.operator", operator_id=operator_id)


@pages.post("/operators/<uuid:operator_id>/link")
@requires("core.operators")
@answers_secret
@confirmed
def new_link(operator_id: UUID) -> Response:
    """Make a new link with which an operator chooses a password."""
    ctx = current()
    found = service.find_operator(ctx, operator_id)
    role_service.refuse_more_than_own(ctx, operator_id)
    token = resets.new_token(ctx, "operator", operator_id, hours=resets.INVITATION_HOURS)
    return _link_page(found.email, token, resets.INVITATION_HOURS)


@pages.get("/roles")
@requires("core.operators")
def roles() -> Response:
    """List the tenant's roles."""
    return page("roles", roles=role_service.list_roles(current()), administrator=ADMINISTRATOR)


@pages.get("/roles/<name>")
@requires("core.operators")
def role(name: str) -> Response:
    """Show one role with its permissions."""
    found = role_service.find_role(current(), name)
    return page("role", role=found, groups=permission_groups(), is_fixed=name == ADMINISTRATOR)


@pages.post("/roles")
@requires("core.operators")
def create_role() -> Response:
    """Make a role, without permissions yet."""
    name = text_of("name").lower().replace(" ", "_")
    try:
        role_service.save_role(current(), name, title=text_of("title") or name, permissions=[])
    except PitbossError as error:
        return failed(str(error), "admin.roles")
    return done(_("The role is made: now tick what it may do."), "admin.role", name=name)


@pages.post("/roles/<name>")
@requires("core.operators")
@confirmed
def save_role(name: str) -> Response:
    """Save a role's title and permissions."""
    ctx = current()
    role_service.find_role(ctx, name)
    try:
        role_service.save_role(
            ctx, name, title=text_of("title") or name, permissions=request.form.getlist("permissions")
        )
    except PitbossError as error:
        return failed(str(error), "admin.role", name=name)
    return done(_("The role is saved; it holds at once for everyone who has it."), "admin.role", name=name)


@pages.post("/roles/<name>/delete")
@requires("core.operators")
def delete_role(name: str) -> Response:
    """Remove a role that nobody has."""
    try:
        role_service.delete_role(current(), name)
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "admin.role", name=name)
    return done(_("The role is removed."), "admin.roles")


def permission_groups() -> list[Group]:
    """Return what a role may grant, by plugin."""
    registry = current().kernel.registry
    found: dict[str, list[Permission]] = defaultdict(list)
    for permission in registry.permissions():
        found[permission.name.split(".", 1)[0]].append(permission)
    return [
        Group(owner, registry.manifests[owner].title, tuple(permissions))
        for owner, permissions in found.items()
    ]


def _link_page(email: str, token: str, hours: int) -> Response:
    link = url_for("admin.invitation", token=token, _external=True)
    return page("invited", email=email, link=link, hours=hours)
