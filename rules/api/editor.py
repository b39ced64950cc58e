"""What a rule editor asks the server: the words that there are, and what is wrong with a document."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length

from pitboss.core.http import Blueprint, current, requires
from pitboss.rules.api.schemas import TEXT_CHARACTERS_MAX, RuleCheckedSchema
from pitboss.rules.book.looking import Look, look
from pitboss.rules.book.words import words_of
from pitboss.rules.engine.rule import EVENTS_MAX

blueprint = Blueprint("rules_editor", __name__, url_prefix="", description="Rules: what an editor needs")


class RuleCheckArguments(ma.Schema):
    """A rule as far as it is written."""

    document = ma.fields.Raw(required=True, allow_none=True)


class RuleWordsArguments(ma.Schema):
    """The events that the rule listens to: their fields are facts too."""

    events = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=TEXT_CHARACTERS_MAX)),
        load_default=(),
        validate=Length(max=EVENTS_MAX),
    )


class RuleWordsSchema(ma.Schema):
    """The words that rules are written in."""

    kinds = ma.fields.List(ma.fields.Str(), required=True)
    events = ma.fields.List(ma.fields.Dict(), required=True)
    facts = ma.fields.List(ma.fields.Dict(), required=True)
    functions = ma.fields.List(ma.fields.Dict(), required=True)
    actions = ma.fields.List(ma.fields.Dict(), required=True)
    schema = ma.fields.Dict(required=True, metadata={"description": "JSON Schema of a rule, and of a pack."})


@blueprint.route("/check")
class Check(MethodView):
    @requires("rules.read")
    @blueprint.arguments(RuleCheckArguments())
    @blueprint.response(200, RuleCheckedSchema())
    def post(self, sent: dict[str, Any]) -> Look:
        """Say all that is wrong and doubtful about a document; nothing is stored."""
        return look(current(), sent["document"])


@blueprint.route("/vocabulary")
class Vocabulary(MethodView):
    @requires("rules.read")
    @blueprint.arguments(RuleWordsArguments(), location="query")
    @blueprint.response(200, RuleWordsSchema())
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List the events, facts, functions and actions of the tenant, and the JSON Schema of rules."""
        return words_of(current(), asked["events"])
