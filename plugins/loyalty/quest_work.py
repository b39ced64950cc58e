"""What missions, referrals, signals and campaigns listen to, and do in the background."""

from __future__ import annotations

from pitboss.core.contracts import ANY, Listener, Task
from pitboss.plugins.loyalty import campaignruns, campaigns, days, detectors, lookalikes, quests, referring

FRIEND_DID = (
    "loyalty.deposit_made",
    "loyalty.wager_placed",
    "loyalty.win_paid",
    "loyalty.transaction_rolled_back",
)
"""What may qualify a referral, or undo that; a win settles the wagers of its round."""
RUN_SECONDS_MAX = 6 * 3600

LISTENERS = (
    Listener(ANY, quests.heard, name="count_for_missions", wants=quests.wants),
    *(Listener(event, referring.heard, name="follow_friend", wants=referring.wants) for event in FRIEND_DID),
    Listener(lookalikes.RECORDED, detectors.alike, name="find_alike"),
    Listener("core.player_signed_in", lookalikes.signed_in, name="take_network"),
)
TASKS = (
    Task(name="loyalty.end_streaks", title="End broken streaks", run=days.end_streaks, cron="5 0 * * *"),
    Task(name="loyalty.find_abuse", title="Look for abuse of rewards", run=detectors.scan, cron="30 3 * * *"),
    Task(
        name="loyalty.start_campaigns",
        title="Start campaigns whose time has come",
        run=campaigns.start_due,
        cron="* * * * *",
    ),
    Task(
        name=campaigns.RUN,
        title="Run a campaign",
        run=campaignruns.run,
        time_limit_seconds=RUN_SECONDS_MAX,
    ),
)
