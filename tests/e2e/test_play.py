"""What a bettor does on the demo site, in a real browser: bet, answer a moved price, cash out, understand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from pitboss.core.demo import load_demo
from pitboss.core.jobs.inline import run_due
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.settings import load_settings
from pitboss.core.testing.databases import migrate
from pitboss.plugins.betting.markets import publishing, reading
from pitboss.plugins.betting.markets.moving import Cause
from pitboss.plugins.loyalty import demo as loyalty
from pitboss.plugins.sports import demo as sports
from tests.e2e.browser import NARROWEST, PHONE, Watch, overflow_px, violations
from tests.e2e.conftest import WAIT_MS
from tests.e2e.scene import served

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 860}
TO_COME = "article:not(:has(.live)) .price:not([disabled])"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """The demo, with the bets of yesterday settled."""
    folder = tmp_path_factory.mktemp("play")
    settings = load_settings(
        {},
        database_url=f"sqlite:///{folder / 'demo.sqlite3'}",
        secret="for the browser only",
        data=folder,
        rate_limit_per_minute=1_000_000,
        port=0,
    )
    kernel = build_kernel(settings)
    migrate(kernel)
    kernel.apply_tenant_files()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loyalty, "PLAYERS_MAX", 2)
        patch.setattr(sports, "DAYS", range(-1, 2))
        patch.setattr(sports, "RESULT_DELAY_SECONDS", 0)
        load_demo(kernel)
    run_due(kernel, may_fail=False)
    yield kernel
    kernel.close()


@pytest.fixture(scope="module")
def address(kernel: Kernel) -> Iterator[str]:
    with served(kernel) as site:
        yield site


@pytest.fixture
def visit(chrome: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open the site, signed in unless not wanted; at the end, no page may have complained or left it."""
    contexts, watches = [], []

    def make(*, signed_in: bool = True, locale: str = "en-GB", **look: Any) -> Page:
        context = chrome.new_context(locale=locale, **{"viewport": DESK, **look})
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, address))
        page.goto(f"{address}/play/")
        if signed_in:
            page.get_by_role("link", name="Sign in").first.click()
            page.get_by_role("button", name="Sign in").click()
            expect(page.locator(".balance")).to_be_visible()
        return page

    yield make
    complaints = [complaint for watch in watches for complaint in watch.complaints]
    for context in contexts:
        context.close()
    assert complaints == []


def cash(page: Page) -> Decimal:
    return Decimal(page.locator(".balance").inner_text().removeprefix("£").replace(",", ""))


def go(page: Page, where: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=where).click()


def bet(page: Page, stake: str) -> None:
    """Bet on the first match to come, by the slip."""
    page.locator(TO_COME).first.click()
    page.get_by_label("Stake", exact=True).fill(stake)
    page.get_by_role("button", name=f"Place bet £{stake}").click()
    expect(page.locator(".receipt")).to_contain_text("Accepted")


def test_a_visitor_signs_in_bets_and_sees_the_bet_and_the_money(visit):
    page = visit(signed_in=False)
    expect(page.get_by_role("heading", name="In play")).to_be_visible()
    page.locator(TO_COME).first.click()
    page.get_by_role("link", name="Sign in to bet").click()
    page.get_by_role("button", name="Sign in").click()
    before = cash(page)
    # What was chosen before signing in is still on the slip.
    page.get_by_role("button", name="Remove").click()
    go(page, "Lobby")

    bet(page, "7.00")

    expect(page.locator(".balance")).to_have_text(f"£{before - 7}")
    page.get_by_role("link", name="See my bets").click()
    expect(page.get_by_role("article", name="Single, £7.00").first).to_contain_text("Open")
    go(page, "Wallet")
    expect(page.locator(".statement li").first).to_contain_text("Bet placed")


def test_a_price_that_moves_flashes_and_is_asked_about(visit, kernel):
    page = visit()
    button = page.locator(TO_COME).first
    button.click()
    leg = page.evaluate("JSON.parse(sessionStorage.getItem('play-slip-demo'))[0]")
    page.get_by_label("Stake", exact=True).fill("3.00")
    expect(page.get_by_role("button", name="Place bet £3.00")).to_be_visible()

    _move(kernel, UUID(leg["market_id"]), by=Decimal("0.50"))

    expect(button).to_have_class(re.compile(r"\bup\b"))
    expect(page.locator(".slip .odds.up s")).to_have_text(leg["odds_shown"])
    page.get_by_role("button", name="Place bet").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing was placed")
    dialog.get_by_role("button", name="Place at the new price").click()
    expect(page.locator(".receipt")).to_contain_text("Accepted")


def test_half_of_a_bet_is_cashed_out_and_the_rest_runs_on(visit):
    page = visit()
    bet(page, "9.00")
    before = cash(page)
    page.get_by_role("link", name="See my bets").click()
    mine = page.get_by_role("article", name="Single, £9.00").first

    mine.get_by_role("button", name="Cash out").click()
    mine.get_by_role("button", name="50%").click()
    expect(mine.locator(".inset")).to_contain_text("£4.50 goes on")
    mine.get_by_role("button", name=re.compile("^Take £")).click()

    expect(page.locator(".toasts")).to_contain_text("paid to your wallet")
    expect(mine).to_contain_text("Open")
    expect(page.locator(".balance")).not_to_have_text(f"£{before}")


def test_a_settled_bet_says_why_it_paid_what_it_paid(visit):
    page = visit()
    go(page, "My bets")
    page.get_by_role("button", name="Settled").click()
    lost = page.get_by_role("article").first

    lost.get_by_text("Why it paid this").click()

    expect(lost).to_contain_text("official result")
    expect(lost).to_contain_text("the same to the cent")


def test_a_bet_in_play_waits_and_is_then_accepted(visit, kernel):
    page = visit()
    page.locator("article:has(.live) .price:not([disabled])").first.click()
    page.get_by_label("If a price moves").select_option("any")
    page.get_by_label("Stake", exact=True).fill("2.00")
    expect(page.locator(".slip")).to_contain_text("waits 3 seconds")
    page.get_by_role("button", name="Place bet £2.00").click()
    expect(page.locator(".receipt")).to_contain_text("Waiting for the match")

    with pytest.MonkeyPatch.context() as patch:
        # The wait itself is for the clock: its job is due at once here.
        later = kernel.clock.now().timestamp() + 10
        patch.setattr(kernel, "clock", _At(later))
        run_due(kernel, may_fail=False)

    expect(page.locator(".receipt")).to_contain_text(re.compile("Accepted|Not accepted"))


def test_prices_and_words_are_the_readers_own(visit):
    page = visit(signed_in=False)
    page.get_by_label("Odds").select_option("fractional")
    expect(page.locator(TO_COME).first.locator(".odds")).to_have_text(re.compile(r"^\d+/\d+$"))

    page.get_by_label("Language").select_option("es")

    expect(page.get_by_role("heading", name="En vivo")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_a_spanish_browser_is_spoken_to_in_spanish_also_when_a_bet_is_refused(visit):
    page = visit(signed_in=False, locale="es-ES")
    expect(page.get_by_role("heading", name="En vivo")).to_be_visible()
    expect(page.locator(TO_COME).first.locator(".odds")).to_have_text(re.compile(r"^\d+,\d+$"))
    page.get_by_role("link", name="Iniciar sesión").first.click()
    page.get_by_label("Contraseña").fill("wrong")
    page.get_by_role("button", name="Iniciar sesión").click()

    expect(page.locator(".note.bad")).to_contain_text("el nombre o la contraseña no son correctos")


@pytest.mark.parametrize(("theme", "size"), [("light", PHONE), ("dark", DESK)], ids=["phone", "dark"])
def test_axe_finds_nothing_and_nothing_is_too_wide(visit, theme, size):
    page = visit(color_scheme=theme, viewport=size)
    for at in (0, 4, 8):
        page.locator(TO_COME).nth(at).click()
    fixture = page.locator("article h3 a").first.get_attribute("href")
    assert fixture is not None
    found, wide = [], {}
    for path, sign in (
        ("#/", ".fixture"), (fixture, ".market"), ("#/slip", ".sums"), ("#/bets", ".bet"),
        ("#/wallet", ".statement"), ("#/rewards", ".ladder"), ("#/sign-in", "form"), ("#/nowhere", "h1"),
    ):  # fmt: skip
        page.evaluate("(hash) => { location.hash = hash }", path)
        page.locator(sign).first.wait_for()
        if path == "#/bets":
            page.get_by_role("button", name="Cash out").first.click()
            page.locator(".inset").first.wait_for()
        found += [f"{path}: {one}" for one in violations(page)]
        wide[path] = overflow_px(page)
        page.set_viewport_size(NARROWEST if size == PHONE else size)
        wide[path] += overflow_px(page)
        page.set_viewport_size(size)

    assert found == []
    assert not any(wide.values()), wide


class _At:
    """A clock that stands still."""

    def __init__(self, timestamp: float) -> None:
        self._timestamp = timestamp

    def now(self) -> Any:
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self._timestamp, UTC)


def _move(kernel: Kernel, market_id: UUID, *, by: Decimal) -> None:
    """Let a trader raise every price of a market."""
    tenant = kernel.tenants.by_code("demo")
    with kernel.context(tenant.id, actor_name="trader") as ctx:
        book = reading.find(ctx, market_id, is_locked=True)
        odds = {one.code: one.odds + by for one in book.active}
        wanted = publishing.Wanted(template=book.market.template, odds=odds)
        publishing.set_prices(ctx, book, wanted, Cause(name="trader"))
