"""The texts that the platform itself sends."""

from __future__ import annotations

from pitboss.core.contracts import Channel, Message

_TOKEN = "pbr_acme_3f9c"  # noqa: S105 - an example, as the page of texts shows it
_LINK = f"https://play.example/admin/invitation?token={_TOKEN}"

TERMS = (
    Message(
        name="core.password_reset",
        title="A player forgot the password",
        doc="Sent to a player who asks for a new password; a brand puts its own address around the token.",
        subject="Choose a new password for {brand}",
        body=(
            "Hello {name},\n\nsomeone, probably you, asked for a new password at {brand}. Enter this code "
            "there within {hours} h to choose one:\n\n{token}\n\nIf it was not you, ignore this mail: "
            "your password stays as it is.\n"
        ),
        example={"token": _TOKEN, "link": _LINK, "hours": 1},
        channels=(Channel.EMAIL,),
    ),
    Message(
        name="core.operator_reset",
        title="An operator forgot the password",
        doc="Sent to an operator who asks for a new password.",
        subject="Choose a new password for the administration of {brand}",
        body=(
            "Hello {name},\n\nchoose a new password here within {hours} h:\n\n{link}\n\nIf you did not ask "
            "for it, tell an administrator.\n"
        ),
        example={"token": _TOKEN, "link": _LINK, "hours": 1},
        channels=(Channel.EMAIL,),
    ),
    Message(
        name="core.operator_invitation",
        title="An operator is invited",
        doc="Sent to a new operator, who chooses a password with it.",
        subject="You are invited to the administration of {brand}",
        body=(
            "Hello {name},\n\n{inviter} invites you to the administration of {brand}. Choose a password "
            "here within {hours} h:\n\n{link}\n"
        ),
        example={"inviter": "Ada Okafor", "link": _LINK, "hours": 72},
        channels=(Channel.EMAIL,),
    ),
    Message(
        name="core.webhook_disabled",
        title="A webhook endpoint is off",
        doc="Sent to operators who manage webhooks when an endpoint failed for too long.",
        subject="A webhook endpoint was switched off",
        body="{url} was switched off: {reason}. Mend it, then switch it on again and replay what is dead.",
        example={"url": "https://hooks.example/pitboss", "reason": "no answer for 3 days"},
    ),
    Message(
        name="core.report_ready",
        title="A saved report is ready",
        doc="Sent to the operator who had a report scheduled.",
        subject="{name} is ready",
        body="{name}, {first} to {last}: {path}",
        example={
            "name": "Deposits of the week",
            "first": "2026-11-16",
            "last": "2026-11-22",
            "path": "/admin/reports/saved",
        },
        channels=(Channel.IN_APP, Channel.EMAIL),
    ),
    Message(
        name="core.alert",
        title="An alert was raised",
        doc="Sent to those who watch what a rule for alerts found.",
        subject="{name}",
        body="{message}",
        example={
            "name": "Large deposits",
            "message": "Ada Okafor deposited 5,000.00 EUR today.",
            "severity": "warning",
            "about": "player",
        },
        channels=tuple(Channel),
    ),
)
