"""What an operator waits for at the rule editor, in Chromium: a rule of 200 conditions, and its panel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from pitboss.core.context import Context
from pitboss.core.demo import Login
from pitboss.core.kernel import Kernel
from pitboss.rules.book import drafts
from tests.bench.figures import Figure, skipped
from tests.e2e.browser import ARGUMENTS, sign_in
from tests.e2e.scene import served

CHROMIUM = os.environ.get("PITBOSS_TEST_CHROMIUM", "/usr/bin/chromium")
CONDITIONS = 200
ROUNDS = 5
DRAWN_MS_MAX, ANSWERED_MS_MAX = 1_000.0, 300.0
KEY = "many-conditions"
_DRAWN = """async (count) => {
    while (document.querySelectorAll('.cond-row').length < count) await new Promise(requestAnimationFrame)
    return performance.now()
}"""
# The panel has answered when the editor says so; what it shows is drawn by then.
_EDIT = """async (value) => {
    const editor = document.querySelector('rule-editor')
    const box = document.querySelectorAll('.cond-row')[150].querySelector('input[inputmode]')
    const started = performance.now()
    box.value = value
    box.dispatchEvent(new Event('input', { bubbles: true }))
    await new Promise((done) => {
        const look = () => (editor.hasAttribute('data-answered') ? done() : requestAnimationFrame(look))
        requestAnimationFrame(() => requestAnimationFrame(look))
    })
    return performance.now() - started
}"""


def write_rule(ctx: Context) -> None:
    """Write down the rule that is opened."""
    tests = [{"net_loss_7d": {"between": [number, number + 5]}} for number in range(CONDITIONS)]
    action = {"action": "loyalty.grant_points", "amount": 5}
    document = {"kind": "reward", "key": KEY, "on": ["loyalty.wager_placed"], "then": [action]}
    drafts.create(ctx, document | {"when": {"any": tests}})


def measured(kernel: Kernel, login: Login) -> Iterator[Figure]:
    """Open the rule, and change it, some times over."""
    if not Path(CHROMIUM).exists():
        yield skipped("rule editor", f"there is no Chromium at {CHROMIUM}")
        return
    with served(kernel) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        sign_in(page, address, login.tenant, login.email, login.password)
        drawn = [_open(page, f"{address}/admin/rules/{KEY}/edit") for _ in range(ROUNDS)]
        answered = [page.evaluate(_EDIT, str(100 + number)) for number in range(ROUNDS)]
        browser.close()
    name = f"rule editor: {CONDITIONS} conditions"
    yield Figure(f"{name}, interactive", median(drawn), "ms", bar=DRAWN_MS_MAX)
    yield Figure(f"{name}, panel after an edit", median(answered), "ms", bar=ANSWERED_MS_MAX)


def _open(page: Page, address: str) -> float:
    """Return how long after the navigation began all conditions stood there, ready to be changed."""
    page.goto(address, wait_until="commit")
    taken = float(page.evaluate(_DRAWN, CONDITIONS))
    page.wait_for_selector("rule-editor[data-answered]")
    page.evaluate("document.querySelector('rule-editor').isLeaving = true")
    return taken
