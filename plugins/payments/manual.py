"""The manual provider: the player pays by bank transfer, and operators confirm what they see at the bank."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotAuthenticated
from pitboss.core.texts import marked
from pitboss.plugins.payments.cards import is_iban
from pitboss.plugins.payments.ports import MethodAsked, PaymentAsked

ACCOUNT = re.compile(r"[A-Z0-9]{4,34}")
SHOWN = 4
"""Characters of an account that its player sees."""


@dataclass(frozen=True, slots=True)
class ManualProvider:
    """Money that people move: it answers that it waits, and never calls back."""

    is_manual: bool = True

    def describe(self, ctx: Context, asked: MethodAsked) -> Mapping[str, Any]:  # noqa: ARG002 - the port's
        account = re.sub(r"[ -]", "", asked.token).upper()
        if not ACCOUNT.fullmatch(account):
            message = marked("Give the account as 4 to 34 letters and digits, such as an IBAN.")
            raise InvalidInput(f"token: {message}", {"token": [message]})
        if re.match(r"[A-Z]{2}\d{2}", account) and len(account) > 14 and not is_iban(account):
            message = marked("The check digits of this IBAN are wrong: compare it with your statement.")
            raise InvalidInput(f"token: {message}", {"token": [message]})
        return {"kind": "bank", "masked": f"Bank •••• {account[-SHOWN:]}", "identity": f"bank:{account}"}

    def deposit(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:  # noqa: ARG002 - the port's
        reference = reference_of(asked)
        text = marked(f"Transfer the amount with the reference {reference}.")
        return {
            "kind": "pending",
            "reference": reference,
            "action": {"type": "instructions", "text": text, "reference": reference},
        }

    def pay_out(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:  # noqa: ARG002 - the port's
        return {"kind": "pending", "reference": reference_of(asked)}

    def refund(self, ctx: Context, asked: PaymentAsked) -> Mapping[str, Any]:  # noqa: ARG002 - the port's
        return {"kind": "pending"}

    def read_callback(self, ctx: Context, headers: Mapping[str, str], body: bytes) -> Sequence[Any]:  # noqa: ARG002 - the port's
        raise NotAuthenticated("this provider does not call back: operators confirm by hand")

    def poll(self, ctx: Context, asked: Sequence[PaymentAsked]) -> Sequence[Any]:  # noqa: ARG002 - the port's
        return ()

    def statement(self, ctx: Context, name: str, since: datetime, until: datetime) -> None:  # noqa: ARG002 - the port's
        return None


def reference_of(asked: PaymentAsked) -> str:
    """Return a short name that a person can write on a transfer."""
    return f"{asked.kind[0].upper()}-{asked.id.hex[-10:].upper()}"
