"""The texts that the platform itself sends; a tenant may write its own in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pitboss.core.notifications.tables import Channel
from pitboss.core.notifications.texts import Text


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A text in the platform's own language, and what its sender gives."""

    text: Text
    placeholders: tuple[str, ...]


LANGUAGE = "en"

BUILT_IN: Mapping[tuple[str, str], BuiltIn] = {
    ("core.password_reset", Channel.EMAIL): BuiltIn(
        # A brand puts the address of its own page around the token.
        Text(
            "Choose a new password for {brand}",
            "Hello {name},\n\nsomeone, probably you, asked for a new password at {brand}. Enter this code "
            "there within {hours} h to choose one:\n\n{token}\n\nIf it was not you, ignore this mail: "
            "your password stays as it is.\n",
        ),
        ("name", "brand", "token", "link", "hours"),
    ),
    ("core.operator_reset", Channel.EMAIL): BuiltIn(
        Text(
            "Choose a new password for the administration of {brand}",
            "Hello {name},\n\nchoose a new password here within {hours} h:\n\n{link}\n\nIf you did not ask "
            "for it, tell an administrator.\n",
        ),
        ("name", "brand", "token", "link", "hours"),
    ),
    ("core.operator_invitation", Channel.EMAIL): BuiltIn(
        Text(
            "You are invited to the administration of {brand}",
            "Hello {name},\n\n{inviter} invites you to the administration of {brand}. Choose a password "
            "here within {hours} h:\n\n{link}\n",
        ),
        ("name", "brand", "inviter", "link", "hours"),
    ),
    ("core.webhook_disabled", Channel.IN_APP): BuiltIn(
        Text(
            "A webhook endpoint was switched off",
            "{url} was switched off: {reason}. Mend it, then switch it on again and replay what is dead.",
        ),
        ("url", "reason"),
    ),
    **{
        ("core.report_ready", channel): BuiltIn(
            Text("{name} is ready", "{name}, {first} to {last}: {path}"), ("name", "first", "last", "path")
        )
        for channel in (Channel.IN_APP, Channel.EMAIL)
    },
    **{
        ("core.alert", channel): BuiltIn(
            Text("{name}", "{message}"), ("name", "message", "severity", "about")
        )
        for channel in Channel
    },
}
