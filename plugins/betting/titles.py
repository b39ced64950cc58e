"""What people read for the plugin's codes, in the audit trail and in accounts."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    # Actions of the audit trail.
    "betting.cancel_pool": "Pool cancelled",
    "betting.confirm_correction": "Correction confirmed",
    "betting.free_bet_given": "Free bet given",
    "betting.free_bet_taken_back": "Free bet taken back",
    "betting.joint_model_set": "Odds of joint answers set",
    "betting.limit_removed": "Limit removed",
    "betting.limit_set": "Limit set",
    "betting.market_edited": "Market edited",
    "betting.market_opened": "Market opened",
    "betting.market_published": "Market published",
    "betting.market_resumed": "Market resumed",
    "betting.market_suspended": "Market suspended",
    "betting.open_pool": "Pool opened",
    "betting.prices_set": "Prices set",
    "betting.release_run": "Settlement released",
    "betting.resettle_pool": "Pool paid out anew",
    "betting.resume_run": "Settlement resumed",
    "betting.rules_saved": "Settlement rules saved",
    "betting.stop_run": "Settlement stopped",
    "betting.void_bet": "Bet voided",
    "betting.void_market": "Market voided",
    "betting.void_selection": "Selection voided",
    # Operations of journals.
    "betting.carry_pool": "Carried over into a pool",
    "betting.cash_out": "Bet cashed out",
    "betting.demo": "Demo deposit",
    "betting.end_pool": "Pool closed",
    "betting.enter_pool": "Pool entered",
    "betting.pay_pool": "Pool paid out",
    "betting.place": "Bet placed",
    "betting.reject": "Bet not taken",
    "betting.settle": "Bet settled",
    "betting.void": "Bet void",
    # Accounts.
    "betting_pool/pool": "The pool",
    "betting_series/pool": "Waits for the next pool",
    "house/betting": "The house's book",
    "house/breakage": "Rounded off in pools",
    "house/free_bet_hold": "Held for free bets",
    "house/free_bets": "The house's free bets",
}
