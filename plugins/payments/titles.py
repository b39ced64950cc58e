"""What people read for the plugin's codes, in the audit trail and in accounts."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    # Actions of the audit trail.
    "payments.attention_settled": "Looked at what needed attention",
    "payments.confirmed": "Payment confirmed by hand",
    "payments.deposit_refunded": "Deposit refunded",
    "payments.failed_by_hand": "Payment marked as failed",
    "payments.method_removed": "Payment method removed",
    "payments.method_verified": "Payment method verified",
    "payments.reconciled": "Reconciled with the provider",
    "payments.withdrawal_approved": "Withdrawal approved",
    "payments.withdrawal_rejected": "Withdrawal rejected",
    "payments.withdrawal_reviewed": "Withdrawal approved by a first person",
    "payments.withdrawals_held": "Player's withdrawals held",
    "payments.withdrawals_released": "Player's withdrawals released",
    # Operations of journals.
    "payments.deposit": "Deposit",
    "payments.reversal": "Deposit taken back",
    # Accounts.
    "house/payment_fees": "Fees of payments",
}
