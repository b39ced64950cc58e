"""What people read for the codes of the rulebook in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "rules.approved": "Rule approved",
    "rules.commented": "Rule commented on",
    "rules.deleted": "Rule deleted",
    "rules.pack_loaded": "Pack of rules loaded",
    "rules.paused": "Rule paused",
    "rules.published": "Rule published",
    "rules.rejected": "Rule sent back",
    "rules.resumed": "Rule resumed",
    "rules.retired": "Rule retired",
    "rules.rolled_back": "Rule rolled back",
    "rules.saved": "Rule saved",
    "rules.segment_frozen": "Segment frozen",
    "rules.simulated": "Rule simulated",
    "rules.started": "All rules started again",
    "rules.stopped": "All rules stopped",
    "rules.submitted": "Rule submitted",
    "rules.tested": "Rule's cases passed",
    "rules.tests_failed": "Rule's cases failed",
}
