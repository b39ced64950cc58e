"""Register a player by hand: someone who called, or came to the counter."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import ValidationError, fields, validate
from werkzeug.wrappers import Response

from pitboss.core.errors import InvalidInput, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.identity.players import register_player
from pitboss.core.identity.resets import request_reset
from pitboss.core.identity.tables import EMAIL_CHARACTERS_MAX
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.webapp.admin import forms
from pitboss.webapp.admin.profile import ProfileForm
from pitboss.webapp.admin.shell import done, page, pages


class RegistrationForm(ProfileForm):
    """What operators say of a new player."""

    class Meta:
        fields = ("email", "username", "display_name", "country", "locale", "birth_date", "is_mailed")

    email = fields.Email(
        required=True,
        validate=validate.Length(3, EMAIL_CHARACTERS_MAX),
        error_messages={"invalid": marked("Not an email address.")},
        metadata={"title": marked("Email")},
    )
    username = fields.String(
        load_default=None,
        validate=validate.Length(3, 30),
        metadata={
            "title": marked("User name"),
            "description": marked("To sign in with instead of the email."),
        },
    )
    is_mailed = fields.Boolean(
        load_default=True,
        metadata={
            "title": marked("Mail a link to choose a password"),
            "description": marked("Without a password the player cannot sign in."),
        },
    )


@pages.get("/players/new")
@requires("core.players", "core.players_edit")
def new_player() -> Response:
    """Show an empty form."""
    return _form_page()


@pages.post("/players/new")
@requires("core.players", "core.players_edit")
def save_new_player() -> Response:
    """Register the player, and mail the link if that was asked for."""
    ctx = current()
    schema = RegistrationForm()
    sent = forms.read(schema, request.form, zone=ctx.tenant.zone)
    try:
        said: dict[str, Any] = schema.load(sent)
        is_mailed = said.pop("is_mailed")
        player = register_player(ctx, password=None, **said)
    except ValidationError as error:
        return _form_page(sent=sent, errors=error.messages)
    except InvalidInput as error:
        ctx.rollback()
        return _form_page(sent=sent, errors=error.fields, refusal=retold(str(error)))
    except PitbossError as error:
        ctx.rollback()
        return _form_page(sent=sent, refusal=retold(str(error)))
    player_id, email = player.id, player.email
    # The link is made in a transaction of its own, which must find the player.
    ctx.commit()
    if is_mailed:
        request_reset(ctx, "player", email)
    text = marked("Registered: %(email)s.")
    if is_mailed:
        text = marked("Registered: %(email)s. A link to choose a password is on its way.")
    return done(_(text, email=email), "admin.player", player_id=player_id)


def _form_page(*, sent: dict[str, Any] | None = None, errors: Any = None, refusal: str = "") -> Response:
    drawn = forms.draw(RegistrationForm(), sent or {}, zone=current().tenant.zone, errors=errors)
    status = 200 if sent is None else 422
    return page("player_new", status, fields=drawn, is_refused=status != 200, refusal=refusal)
