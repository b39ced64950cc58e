"""Signing in and out, and choosing passwords: first-party only, never an OAuth grant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length

from pitboss.core.errors import NotAuthenticated
from pitboss.core.http import (
    Blueprint,
    answers_secret,
    commits_alone,
    current,
    player_only,
    public,
    signed_in,
)
from pitboss.core.identity import register_player, resets, sessions, sign_in_player, tokens
from pitboss.core.identity.sessions import SignedIn
from pitboss.core.identity.tokens import SignIn, Tokens
from pitboss.webapp.api.players import OwnPlayerSchema, ProfileSchema
from pitboss.webapp.visitor import visitor

blueprint = Blueprint("auth", __name__, url_prefix="/auth", description="Signing in and out")

TEXT_CHARACTERS_MAX = 254
SECRET_CHARACTERS_MAX = 200
ON_ITS_WAY = "if there is such an account, a message is on its way to its address"


def _text(example: str, longest: int = TEXT_CHARACTERS_MAX, **more: Any) -> ma.fields.Str:
    return ma.fields.Str(
        required=True, validate=Length(min=1, max=longest), metadata={"example": example} | more
    )


class RegistrationSchema(ProfileSchema):
    """A new player."""

    email = _text("ann@example.com")
    username = ma.fields.Str(validate=Length(min=3, max=30), metadata={"example": "ann"})
    password = _text("seven blue lamps", SECRET_CHARACTERS_MAX, description="8 to 128 characters.")


class CredentialsSchema(ma.Schema):
    """What a player knows."""

    login = _text("ann@example.com", description="Email address or user name.")
    password = _text("seven blue lamps", SECRET_CHARACTERS_MAX)


class OperatorCredentialsSchema(ma.Schema):
    """What an operator knows."""

    email = _text("olga@brand.example")
    password = _text("eleven green doors", SECRET_CHARACTERS_MAX)


class RefreshSchema(ma.Schema):
    """The refresh token, which is good once."""

    refresh_token = _text("pbr_demo_...", SECRET_CHARACTERS_MAX)


class ForgottenSchema(ma.Schema):
    """Whose password is forgotten."""

    login = _text("ann@example.com", description="Email address or user name.")


class AcceptedSchema(ma.Schema):
    """What will happen."""

    detail = ma.fields.Str(required=True, metadata={"example": ON_ITS_WAY})


class ResetSchema(ma.Schema):
    """The token of the message, and the new password."""

    token = _text("pbp_demo_...", SECRET_CHARACTERS_MAX)
    password = _text("nine yellow mugs", SECRET_CHARACTERS_MAX)


class PasswordChangeSchema(ma.Schema):
    """The old password and the new one."""

    old_password = _text("seven blue lamps", SECRET_CHARACTERS_MAX)
    new_password = _text("nine yellow mugs", SECRET_CHARACTERS_MAX)


class TokensSchema(ma.Schema):
    """What a player's app keeps. Each refresh token is good once; one that comes twice ends the session."""

    access_token = ma.fields.Str(required=True)
    refresh_token = ma.fields.Str(required=True)
    token_type = ma.fields.Constant("Bearer", required=True)
    expires_in_seconds = ma.fields.Int(required=True, metadata={"example": 900})
    session_id = ma.fields.UUID(required=True)
    player_id = ma.fields.UUID(required=True)


class RegisteredSchema(ma.Schema):
    """The new player, signed in."""

    player = ma.fields.Nested(OwnPlayerSchema(), required=True)
    tokens = ma.fields.Nested(TokensSchema(), required=True)


class OperatorSessionSchema(ma.Schema):
    """An operator's session; send its secret as bearer token."""

    secret = ma.fields.Str(required=True)
    session_id = ma.fields.UUID(required=True)
    operator_id = ma.fields.UUID(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)


class PlayerSessionSchema(ma.Schema):
    """One device that is signed in."""

    id = ma.fields.UUID(required=True)
    address = ma.fields.Str(required=True)
    device = ma.fields.Str(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    refreshed_at = ma.fields.AwareDateTime(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)
    is_current = ma.fields.Bool(required=True)


@blueprint.route("/register")
class Register(MethodView):
    @public
    @answers_secret
    @blueprint.arguments(RegistrationSchema())
    @blueprint.response(201, RegisteredSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Open a player's account and sign in."""
        context, here = current(), visitor()
        player = register_player(context, **sent, visitor=here)
        return {"player": player, "tokens": tokens.open_session(context, player.id, here)}


@blueprint.route("/session")
class Session(MethodView):
    @public
    @answers_secret
    @blueprint.arguments(CredentialsSchema())
    @blueprint.response(201, TokensSchema())
    def post(self, sent: dict[str, Any]) -> Tokens:
        """Sign a player in.

        A wrong password and an unknown account answer alike. After five failures from one address the
        account waits there for a minute, then for five, fifteen and sixty.
        """
        return sign_in_player(current(), sent["login"], sent["password"], visitor())

    @signed_in
    @blueprint.response(204)
    def delete(self) -> None:
        """Sign out; the tokens of this session end at once."""
        context = current()
        actor = context.actor
        if actor.session_id is None or actor.id is None:
            raise NotAuthenticated("this credential has no session: only who signed in can sign out")
        if actor.kind == "player":
            tokens.sign_out(context, actor.id, actor.session_id)
            return
        home_id = context.tenant.id if actor.home_id is None else actor.home_id
        with context.kernel.context(home_id, actor, request_id=context.request_id) as home:
            sessions.sign_out_operator(home, actor.id, actor.session_id)


@blueprint.route("/operator-session")
class OperatorSession(MethodView):
    @public
    @answers_secret
    @blueprint.arguments(OperatorCredentialsSchema())
    @blueprint.response(201, OperatorSessionSchema())
    def post(self, sent: dict[str, Any]) -> SignedIn:
        """Sign an operator in, for scripts; the admin has its own page, and integrations have keys."""
        return sessions.sign_in_operator(current(), sent["email"], sent["password"], visitor())


@blueprint.route("/refresh")
class Refresh(MethodView):
    @public
    @answers_secret
    @blueprint.arguments(RefreshSchema())
    @blueprint.response(201, TokensSchema())
    def post(self, sent: dict[str, Any]) -> Tokens:
        """Exchange a refresh token for a new pair of tokens."""
        return tokens.refresh(current(), sent["refresh_token"], visitor())


@blueprint.route("/sessions")
class Sessions(MethodView):
    @player_only
    @blueprint.response(200, PlayerSessionSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List the devices on which I am signed in, newest first."""
        context = current()
        found = tokens.list_sessions(context, context.actor.player_id)
        return [_described(session, context.actor.session_id) for session in found]

    @player_only
    @blueprint.response(204)
    def delete(self) -> None:
        """Sign out everywhere, here included."""
        context = current()
        tokens.sign_out_everywhere(context, context.actor.player_id)


@blueprint.route("/sessions/<uuid:session_id>")
class OneSession(MethodView):
    @player_only
    @blueprint.response(204)
    def delete(self, session_id: UUID) -> None:
        """Sign one of my devices out."""
        context = current()
        tokens.sign_out(context, context.actor.player_id, session_id)


@blueprint.route("/password-reset")
class Forgotten(MethodView):
    @public
    @commits_alone
    @blueprint.arguments(ForgottenSchema())
    @blueprint.response(202, AcceptedSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, str]:
        """Ask for a message with which to choose a new password; the answer is the same for anyone."""
        resets.request_reset(current(), "player", sent["login"], visitor())
        return {"detail": ON_ITS_WAY}


@blueprint.route("/password-reset/confirm")
class Reset(MethodView):
    @public
    @commits_alone
    @blueprint.arguments(ResetSchema())
    @blueprint.response(204)
    def post(self, sent: dict[str, Any]) -> None:
        """Choose a new password with the token of the message; every session ends."""
        resets.reset_password(current(), sent["token"], sent["password"], visitor())


@blueprint.route("/password")
class Password(MethodView):
    @player_only
    @commits_alone
    @blueprint.arguments(PasswordChangeSchema())
    @blueprint.response(204)
    def post(self, sent: dict[str, Any]) -> None:
        """Choose a new password with the old one; every other session ends."""
        context = current()
        resets.change_password(
            context,
            "player",
            context.actor.player_id,
            old=sent["old_password"],
            new=sent["new_password"],
            keep=context.actor.session_id,
            visitor=visitor(),
        )


def _described(session: SignIn, present: UUID | None) -> dict[str, Any]:
    return {
        "id": session.id,
        "address": session.address,
        "device": session.device,
        "created_at": session.created_at,
        "refreshed_at": session.refreshed_at,
        "expires_at": session.expires_at,
        "is_current": session.id == present,
    }
