"""The words that this tenant's rules and plugins can use."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from pitboss.core.contracts import Owned, Term, Variable
from pitboss.core.http import Blueprint, current, requires

blueprint = Blueprint("vocabulary", __name__, url_prefix="/vocabulary", description="Terms")


class TermSchema(ma.Schema):
    """One word of the vocabulary."""

    name = ma.fields.Str(required=True)
    plugin = ma.fields.Str(required=True)
    kind = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    doc = ma.fields.Str(required=True)
    type = ma.fields.Str(allow_none=True)
    unit = ma.fields.Str(allow_none=True)
    choices = ma.fields.List(ma.fields.Str())
    is_in_bulk = ma.fields.Bool(allow_none=True)


@blueprint.route("")
class Vocabulary(MethodView):
    @requires()
    @blueprint.response(200, TermSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List the terms of the tenant's plugins."""
        return [_as_json(owned) for _, owned in sorted(current().view.terms.items())]


def _as_json(owned: Owned[Term]) -> dict[str, Any]:
    term = owned.item
    found: dict[str, Any] = {
        "name": term.name,
        "plugin": owned.owner,
        "kind": type(term).__name__.lower(),
        "title": term.title,
        "doc": term.doc,
    }
    if isinstance(term, Variable):
        found |= {
            "type": term.type,
            "unit": term.unit or None,
            "choices": list(term.choices),
            "is_in_bulk": term.in_bulk,
        }
    return found
