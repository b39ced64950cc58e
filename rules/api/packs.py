"""Packs of rules over HTTP: out as a file, in as drafts, and from tenant to tenant."""

from __future__ import annotations

from typing import Any

import msgspec
from flask.views import MethodView

from pitboss.core.errors import InvalidInput
from pitboss.core.http import Blueprint, current, platform_only, requires
from pitboss.core.texts import gettext as _
from pitboss.rules.api.schemas import (
    RuleExportArguments,
    RuleImportArguments,
    RulePackSchema,
    RulePromoteArguments,
    RulesImportedSchema,
)
from pitboss.rules.book import packs, promotion

blueprint = Blueprint("rules_packs", __name__, url_prefix="/packs", description="Rules: packs as files")


@blueprint.route("/export")
class Export(MethodView):
    @requires("rules.read")
    @blueprint.arguments(RuleExportArguments())
    @blueprint.response(200, RulePackSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, str]:
        """Write what is live, or the rules that are named, as the text of a file."""
        return {"text": packs.export(current(), sent.pop("keys", None), **sent)}


@blueprint.route("/import")
class Import(MethodView):
    @requires("rules.edit")
    @blueprint.arguments(RuleImportArguments())
    @blueprint.response(200, RulesImportedSchema())
    def post(self, sent: dict[str, Any]) -> packs.Imported:
        """Store rules as drafts: all of them, or none and every reason."""
        pack = sent["pack"]
        if not isinstance(pack, str | dict | list):
            raise InvalidInput(
                _("pack: a pack is an object, or the text of one"), {"pack": [_("Not a pack.")]}
            )
        text = pack if isinstance(pack, str) else msgspec.json.encode(pack)
        return packs.load(current(), text, dry_run=sent["dry_run"], message=sent["message"])


@blueprint.route("/promote")
class Promote(MethodView):
    @platform_only("rules.edit")
    @blueprint.arguments(RulePromoteArguments())
    @blueprint.response(200, RulesImportedSchema())
    def post(self, sent: dict[str, Any]) -> packs.Imported:
        """Bring what is live in another tenant to this one, as drafts."""
        return promotion.promote(current(), sent.pop("source"), sent.pop("keys", None), **sent)
