"""What the API says of rules, their versions and their history."""

from __future__ import annotations

import marshmallow as ma
from marshmallow.validate import Length, OneOf, Range

from pitboss.core.http import PageArguments
from pitboss.rules.book.store import COMMENT_LENGTH_MAX
from pitboss.rules.book.tables import KEY_LENGTH_MAX, Stage, State
from pitboss.rules.engine.rule import KINDS

TEXT_CHARACTERS_MAX = 200
NUMBER_MAX = 2**31 - 1


class RuleFilter(PageArguments):
    """Which rules."""

    kind = ma.fields.Str(validate=OneOf(list(KINDS)))
    state = ma.fields.Str(validate=OneOf([str(state) for state in State]))
    stage = ma.fields.Str(validate=OneOf([str(stage) for stage in Stage]))
    tag = ma.fields.Str(validate=Length(min=1, max=TEXT_CHARACTERS_MAX))
    event = ma.fields.Str(validate=Length(min=1, max=TEXT_CHARACTERS_MAX))
    text = ma.fields.Str(
        validate=Length(min=1, max=TEXT_CHARACTERS_MAX),
        metadata={"description": "Found in the key, the name or the description."},
    )


class RuleSchema(ma.Schema):
    """A rule as it stands."""

    key = ma.fields.Str(required=True)
    kind = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True, metadata={"description": "Whether it is at work."})
    stage = ma.fields.Str(
        required=True, metadata={"description": "How far the newest version is on its way to being live."}
    )
    head = ma.fields.Int(required=True, metadata={"description": "The newest version."})
    live = ma.fields.Int(
        required=True,
        allow_none=True,
        metadata={"description": "The version at work; kept while the rule is paused."},
    )
    row_path = ma.fields.List(
        ma.fields.Str(),
        required=True,
        allow_none=True,
        metadata={
            "description": "Parts of the engine that get the live version wrong, and are not asked about it."
        },
    )
    revision = ma.fields.Int(required=True, metadata={"description": "Counted up with each change."})
    changed_by = ma.fields.Str(required=True)
    changed_at = ma.fields.AwareDateTime(required=True)


class RuleFindingSchema(ma.Schema):
    """Something doubtful about a rule."""

    kind = ma.fields.Str(required=True)
    severity = ma.fields.Str(required=True)
    sentence = ma.fields.Str(required=True)
    rules = ma.fields.List(ma.fields.Str(), required=True)
    facts = ma.fields.List(ma.fields.Str())
    examples = ma.fields.List(ma.fields.Dict())
    count = ma.fields.Int()
    share = ma.fields.Float(allow_none=True)


class RuleDetailSchema(RuleSchema):
    """A rule with its newest version."""

    document = ma.fields.Dict(required=True, metadata={"description": "The newest version."})
    warnings = ma.fields.List(ma.fields.Nested(RuleFindingSchema()), required=True)


class RuleDocumentArguments(ma.Schema):
    """A rule as it is written, and why."""

    document = ma.fields.Dict(
        required=True, metadata={"description": "The rule: /api/v1/rules/vocabulary has its JSON Schema."}
    )
    message = ma.fields.Str(load_default="", validate=Length(max=COMMENT_LENGTH_MAX))


class RuleCommentArguments(ma.Schema):
    """What to say with a step."""

    comment = ma.fields.Str(load_default="", validate=Length(max=COMMENT_LENGTH_MAX))


class RuleReasonArguments(ma.Schema):
    """Why, for whoever reads the history."""

    reason = ma.fields.Str(required=True, validate=Length(min=1, max=COMMENT_LENGTH_MAX))


class RuleOptionalReasonArguments(ma.Schema):
    """Why, for whoever reads the history."""

    reason = ma.fields.Str(load_default="", validate=Length(max=COMMENT_LENGTH_MAX))


class RuleRollbackArguments(RuleReasonArguments):
    """Which version to bring back, and why."""

    version = ma.fields.Int(required=True, strict=True, validate=Range(min=1, max=NUMBER_MAX))


class RuleNewCommentArguments(ma.Schema):
    """A comment on a version; on the newest unless another is named."""

    comment = ma.fields.Str(required=True, validate=Length(min=1, max=COMMENT_LENGTH_MAX))
    version = ma.fields.Int(strict=True, validate=Range(min=1, max=NUMBER_MAX))


class RuleVersionSchema(ma.Schema):
    """One version of a rule; it never changes."""

    key = ma.fields.Str(required=True)
    number = ma.fields.Int(required=True)
    document = ma.fields.Dict(required=True)
    author = ma.fields.Str(required=True)
    message = ma.fields.Str(required=True)
    copy_of = ma.fields.Int(
        required=True, allow_none=True, metadata={"description": "The version that a rollback brought back."}
    )
    created_at = ma.fields.AwareDateTime(required=True)


class RuleStepSchema(ma.Schema):
    """What somebody did with a version."""

    id = ma.fields.UUID(required=True)
    key = ma.fields.Str(required=True)
    number = ma.fields.Int(required=True)
    step = ma.fields.Str(required=True)
    actor = ma.fields.Str(required=True)
    comment = ma.fields.Str(required=True)
    detail = ma.fields.Dict(required=True, allow_none=True)
    at = ma.fields.AwareDateTime(required=True)


class RuleDiffArguments(ma.Schema):
    """Which versions to compare: what is live with the newest, unless they are named."""

    class Meta:
        include = {
            "from": ma.fields.Int(validate=Range(min=1, max=NUMBER_MAX)),
            "to": ma.fields.Int(validate=Range(min=1, max=NUMBER_MAX)),
        }


class RuleChangeSchema(ma.Schema):
    """One change between two versions."""

    part = ma.fields.Str(required=True)
    how = ma.fields.Str(required=True)
    what = ma.fields.Str(required=True)
    old = ma.fields.Raw(required=True, allow_none=True)
    new = ma.fields.Raw(required=True, allow_none=True)
    sentence = ma.fields.Str(required=True)


class RuleDiffSchema(ma.Schema):
    """What changed between two versions."""

    class Meta:
        include = {"from": ma.fields.Int(required=True), "to": ma.fields.Int(required=True)}

    changes = ma.fields.List(ma.fields.Nested(RuleChangeSchema()), required=True)


class RuleCaseSchema(ma.Schema):
    """How one test of a rule went."""

    name = ma.fields.Str(required=True)
    passed = ma.fields.Bool(required=True)
    expected = ma.fields.Dict(required=True)
    got = ma.fields.Dict(required=True)
    taken_as_fulfilled = ma.fields.List(ma.fields.Str(), required=True)
    facts = ma.fields.Dict(required=True)
    sentence = ma.fields.Str(required=True)


class RuleTestedSchema(ma.Schema):
    """What the tests of a rule came to."""

    rule = ma.fields.Nested(RuleSchema(), required=True)
    passed = ma.fields.Bool(required=True)
    cases = ma.fields.List(ma.fields.Nested(RuleCaseSchema()), required=True)
    findings = ma.fields.List(
        ma.fields.Nested(RuleFindingSchema()),
        required=True,
        metadata={"description": "Where backends of the engine do not agree on the rule."},
    )


class RulebookSchema(ma.Schema):
    """How the rulebook stands."""

    revision = ma.fields.Int(required=True)
    is_stopped = ma.fields.Bool(required=True)
    stopped_by = ma.fields.Str(required=True, allow_none=True)
    stopped_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    reason = ma.fields.Str(required=True, allow_none=True)
    rules = ma.fields.Dict(
        keys=ma.fields.Str(),
        values=ma.fields.Int(),
        required=True,
        metadata={"description": "How many rules there are in each state."},
    )


KeyList = Length(min=1, max=1_000)


class RuleExportArguments(ma.Schema):
    """Which rules to export, and what the pack is called."""

    keys = ma.fields.List(
        ma.fields.Str(validate=Length(min=1, max=KEY_LENGTH_MAX)),
        validate=KeyList,
        metadata={"description": "What is live, unless rules are named."},
    )
    pack = ma.fields.Str(validate=Length(min=1, max=KEY_LENGTH_MAX))
    title = ma.fields.Str(validate=Length(min=1, max=TEXT_CHARACTERS_MAX))
    version = ma.fields.Int(load_default=1, strict=True, validate=Range(min=1, max=NUMBER_MAX))


class RulePackSchema(ma.Schema):
    """A pack as the text of a file."""

    text = ma.fields.Str(required=True)


class RuleImportArguments(ma.Schema):
    """Rules to store as drafts, all or none: a pack, a list of rules, or one."""

    pack = ma.fields.Raw(required=True, metadata={"description": "The JSON of a pack, or its text."})
    dry_run = ma.fields.Bool(load_default=False)
    message = ma.fields.Str(load_default="", validate=Length(max=COMMENT_LENGTH_MAX))


class RulePromoteArguments(ma.Schema):
    """Which rules of which tenant to bring to this one."""

    source = ma.fields.Str(required=True, validate=Length(min=1, max=TEXT_CHARACTERS_MAX))
    keys = ma.fields.List(ma.fields.Str(validate=Length(min=1, max=KEY_LENGTH_MAX)), validate=KeyList)
    dry_run = ma.fields.Bool(load_default=False)
    message = ma.fields.Str(load_default="", validate=Length(max=COMMENT_LENGTH_MAX))


class RulesImportedSchema(ma.Schema):
    """What an import came to."""

    created = ma.fields.List(ma.fields.Str(), required=True)
    changed = ma.fields.List(ma.fields.Str(), required=True)
    unchanged = ma.fields.List(ma.fields.Str(), required=True)
    warnings = ma.fields.Dict(
        keys=ma.fields.Str(), values=ma.fields.List(ma.fields.Nested(RuleFindingSchema())), required=True
    )
    is_dry_run = ma.fields.Bool(required=True)


class RuleProblemSchema(ma.Schema):
    """One thing for which a document is refused."""

    pointer = ma.fields.Str(required=True)
    path = ma.fields.Str(required=True)
    column = ma.fields.Int(
        required=True, allow_none=True, metadata={"description": "Where in the expression, from 1."}
    )
    cause = ma.fields.Str(required=True)


class RuleFactSchema(ma.Schema):
    """A fact that a rule reads."""

    name = ma.fields.Str(required=True)
    type = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    unit = ma.fields.Str(required=True)


class RuleCheckedSchema(ma.Schema):
    """What was found about a document; nothing of it was stored."""

    is_right = ma.fields.Bool(required=True)
    errors = ma.fields.List(ma.fields.Nested(RuleProblemSchema()), required=True)
    warnings = ma.fields.List(ma.fields.Nested(RuleFindingSchema()), required=True)
    document = ma.fields.Dict(
        required=True, allow_none=True, metadata={"description": "As it would be stored."}
    )
    types = ma.fields.Dict(
        required=True, metadata={"description": "The type of each expression, by its place in the rule."}
    )
    facts = ma.fields.List(ma.fields.Nested(RuleFactSchema()), required=True)
    expression = ma.fields.Str(
        required=True, allow_none=True, metadata={"description": "The condition as an expression."}
    )
    form = ma.fields.Raw(required=True, allow_none=True, metadata={"description": "The condition as JSON."})
    cases = ma.fields.List(ma.fields.Nested(RuleCaseSchema()), required=True)
