"""Rules, their versions and their history over HTTP."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from pitboss.core.context import Context
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    check_match,
    current,
    page,
    page_schema,
    read_cursor,
    read_id_cursor,
    requires,
    send_etag,
)
from pitboss.rules.api.schemas import (
    RuleDetailSchema,
    RuleDiffArguments,
    RuleDiffSchema,
    RuleDocumentArguments,
    RuleFilter,
    RuleNewCommentArguments,
    RuleOptionalReasonArguments,
    RuleSchema,
    RuleStepSchema,
    RuleVersionSchema,
)
from pitboss.rules.book import drafts, store
from pitboss.rules.book.compare import between
from pitboss.rules.book.store import Filter, Stored

blueprint = Blueprint("rules", __name__, url_prefix="", description="Rules: their text and their history")


@blueprint.route("")
class Rules(MethodView):
    @requires("rules.read")
    @blueprint.arguments(RuleFilter(), location="query")
    @blueprint.response(200, page_schema(RuleSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List rules by key."""
        limit, after = asked.pop("limit"), read_cursor(asked.pop("cursor", None))
        found = store.list_rules(current(), Filter(**asked), after=after or "", limit=limit + 1)
        return page(found[:limit], found[limit - 1].key if len(found) > limit else None)

    @requires("rules.edit")
    @blueprint.arguments(RuleDocumentArguments())
    @blueprint.response(201, RuleDetailSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Write a new rule as a draft."""
        ctx = current()
        saved = drafts.create(ctx, sent["document"], message=sent["message"])
        return detailed(ctx, saved.rule)


@blueprint.route("/<key>")
class Rule(MethodView):
    @requires("rules.read")
    @blueprint.response(200, RuleDetailSchema())
    def get(self, key: str) -> dict[str, Any]:
        """Show a rule and its newest version, with its ETag."""
        ctx = current()
        return detailed(ctx, store.find(ctx, key))

    @requires("rules.edit")
    @blueprint.arguments(RuleDocumentArguments())
    @blueprint.response(200, RuleDetailSchema())
    def put(self, sent: dict[str, Any], key: str) -> dict[str, Any]:
        """Write another version; If-Match must name the rule as it was read."""
        ctx = matched(key)
        saved = drafts.save(ctx, key, sent["document"], message=sent["message"])
        return detailed(ctx, saved.rule)

    @requires("rules.edit")
    @blueprint.arguments(RuleOptionalReasonArguments(), location="query")
    @blueprint.response(204)
    def delete(self, asked: dict[str, Any], key: str) -> None:
        """Remove a rule that was never live."""
        drafts.delete(matched(key), key, reason=asked["reason"])


@blueprint.route("/<key>/versions")
class Versions(MethodView):
    @requires("rules.read")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(RuleVersionSchema))
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """List the versions of a rule, the newest first."""
        ctx, limit = current(), asked["limit"]
        store.find(ctx, key)
        found = store.versions(ctx, key, before=read_cursor(asked.get("cursor")), limit=limit + 1)
        return page(found[:limit], found[limit - 1].number if len(found) > limit else None)


@blueprint.route("/<key>/versions/<int:number>")
class Version(MethodView):
    @requires("rules.read")
    @blueprint.response(200, RuleVersionSchema())
    def get(self, key: str, number: int) -> store.Version:
        """Show one version of a rule."""
        return store.version(current(), key, number)


@blueprint.route("/<key>/diff")
class Diff(MethodView):
    @requires("rules.read")
    @blueprint.arguments(RuleDiffArguments(), location="query")
    @blueprint.response(200, RuleDiffSchema())
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """Say what changed between two versions, in words: from what is live to the newest."""
        ctx = current()
        rule = store.find(ctx, key)
        old = asked.get("from", rule.live or max(rule.head - 1, 1))
        new = asked.get("to", rule.head)
        changes = between(ctx, key, old, new)
        return {"from": old, "to": new, "changes": [change.as_json() for change in changes]}


@blueprint.route("/<key>/steps")
class Steps(MethodView):
    @requires("rules.read")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(RuleStepSchema))
    def get(self, asked: dict[str, Any], key: str) -> dict[str, Any]:
        """List who did what with a rule and what they said, the newest first."""
        ctx, limit = current(), asked["limit"]
        store.find(ctx, key)
        found = store.steps(ctx, key, before=read_id_cursor(asked.get("cursor")), limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/<key>/comments")
class Comments(MethodView):
    @requires("rules.read")
    @blueprint.arguments(RuleNewCommentArguments())
    @blueprint.response(201, RuleStepSchema())
    def post(self, sent: dict[str, Any], key: str) -> store.Step:
        """Say something about a version, as somebody who writes rules or approves them."""
        ctx = current()
        if not ctx.actor.may("rules.approve"):
            ctx.actor.require("rules.edit")
        drafts.comment(ctx, key, sent["comment"], number=sent.get("version"))
        return store.steps(ctx, key, limit=1)[0]


def matched(key: str) -> Context:
    """Return the unit of work, once If-Match named the rule as it is."""
    ctx = current()
    check_match(store.locked(ctx, key).mark)
    return ctx


def told(rule: Stored) -> Stored:
    """Return a rule after a step, with its new ETag."""
    send_etag(rule.mark)
    return rule


def detailed(ctx: Context, rule: Stored) -> dict[str, Any]:
    """Return a rule with its newest version and what is doubtful about that, with its ETag."""
    send_etag(rule.mark)
    found = {name: getattr(rule, name) for name in Stored.__slots__}
    document = store.version(ctx, rule.key, rule.head).document
    return found | {"document": document, "warnings": drafts.warnings_of(ctx, rule.key, rule.head)}
