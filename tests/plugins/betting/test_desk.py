"""The trading desk: what traders see, and prices that are edited in place."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pitboss.plugins.betting.markets import reading, ruleterms
from tests.plugins.betting import books
from tests.plugins.betting.fixtures import SOON, score

DESK = "/admin/betting/desk"
RULES = "/admin/betting/rules"


@pytest.fixture
def book(kernel, tenant, world, clock) -> Any:
    """A priced market."""
    match = world.match("Leeds", "Hull & Co", at=clock.now() + SOON)
    with kernel.context(tenant.id) as ctx:
        return books.publish(ctx, match, home="1.88", draw="3.14", away="4.71")


def form(page: Any) -> dict[str, str]:
    """Return the fields of the first form with prices, as a browser would send them."""
    text = page.get_data(as_text=True)
    version = re.search(r'name="version" value="([^"]+)"', text)
    assert version is not None
    return {"version": version[1], **dict(re.findall(r'name="(odds-\w+)" value="([^"]*)"', text))}


def test_the_desk_shows_fixtures_and_what_waits(trader, book, kernel, tenant):
    with kernel.context(tenant.id) as ctx:
        books.open_book(ctx, book.market.fixture_id, "both_score", "", {"yes": "2", "no": "2"}, is_draft=True)

    text = trader.get(f"{DESK}/").get_data(as_text=True)

    assert "Leeds v Hull &amp; Co" in text
    assert "Waits for a trader" in text
    assert "1 market of the next 24 hours takes no bets" in trader.get("/admin/").text
    assert trader.get(f"{DESK}/?status=suspended").get_data(as_text=True).count("No market here") == 1


def test_a_fixture_with_a_result_leads_to_what_that_would_change(trader, book, kernel, tenant, world):
    match = book.market.fixture_id
    page, what_if = f"{DESK}/fixtures/{match}", f"/admin/betting/settlements/what-if/{match}"
    assert what_if not in trader.get(page).text

    with kernel.context(tenant.id) as ctx:
        world.result(ctx, match, score(2, 1), state="provisional")

    assert what_if in trader.get(page).text
    assert "This result changes no bet." in trader.get(what_if).text


def test_prices_are_edited_in_place(trader, book, kernel, tenant):
    sent = form(trader.get(f"{DESK}/fixtures/{book.market.fixture_id}"))
    path = f"{DESK}/markets/{book.market.id}/prices"

    part = trader.post(path, data={**sent, "odds-home": "1.95"}, headers={"HX-Request": "true"})

    assert part.status_code == 200
    assert "<html" not in part.get_data(as_text=True)
    assert 'value="1.95"' in part.get_data(as_text=True)
    with kernel.context(tenant.id) as ctx:
        assert str(reading.find(ctx, book.market.id).selections[0].odds.normalize()) == "1.95"


def test_a_trader_who_was_overtaken_sees_both_prices(trader, book):
    seen = form(trader.get(f"{DESK}/fixtures/{book.market.fixture_id}"))
    path, htmx = f"{DESK}/markets/{book.market.id}/prices", {"HX-Request": "true"}
    trader.post(path, data={**seen, "odds-home": "1.90"}, headers=htmx)

    late = trader.post(path, data={**seen, "odds-home": "1.99"}, headers=htmx).get_data(as_text=True)

    assert "someone else moved these prices" in late
    assert "Leeds 1.99" in late
    assert 'value="1.90"' in late


def test_a_price_that_cannot_be_read_is_refused_with_a_cure(trader, book):
    sent = form(trader.get(f"{DESK}/fixtures/{book.market.fixture_id}"))

    page = trader.post(
        f"{DESK}/markets/{book.market.id}/prices",
        data={**sent, "odds-home": "evens"},
        headers={"HX-Request": "true"},
    )

    assert "write decimal odds such as 1.95" in page.get_data(as_text=True)


def test_a_market_is_suspended_and_resumed_from_its_page(trader, book, kernel, tenant):
    for what, status in (("suspend", "suspended"), ("resume", "open"), ("close", "closed")):
        assert trader.post(f"{DESK}/markets/{book.market.id}/{what}").status_code == 303
        with kernel.context(tenant.id) as ctx:
            assert reading.find(ctx, book.market.id).market.status == status


def test_the_log_of_a_market_names_each_cause(trader, book):
    text = trader.get(f"{DESK}/markets/{book.market.id}").get_data(as_text=True)

    assert "Every move of its prices" in text
    assert text.count("Opened") == 3


def test_who_may_only_look_changes_nothing(make_client, book):
    looking = make_client("operator", "betting.read")

    assert "Save prices" not in looking.get(f"{DESK}/fixtures/{book.market.fixture_id}").get_data(
        as_text=True
    )
    assert looking.post(f"{DESK}/markets/{book.market.id}/suspend").status_code == 403


def test_rules_are_previewed_then_saved(trader):
    terms = {**ruleterms.shipped()["football"], "rounding": "down"}
    sent = {"terms": json.dumps(terms), "reason": "we round down", "version": "1"}
    path = f"{RULES}/of/football"

    preview = trader.post(path, data={**sent, "preview": "yes"}).get_data(as_text=True)
    untouched = trader.get(path).get_data(as_text=True)
    saved = trader.post(path, data=sent)

    assert "What it would change" in preview
    assert "<del>half_up</del>" in preview
    assert "Version 2" not in untouched
    assert saved.status_code == 303
    assert "we round down" in trader.get(path).get_data(as_text=True)


def test_rules_that_cannot_be_are_refused_and_kept_in_the_form(trader):
    page = trader.post(f"{RULES}/of/football", data={"terms": "{", "reason": "x", "version": "1"})

    assert page.status_code == 422
    assert "not JSON" in page.get_data(as_text=True)


def test_special_rules_begin_as_a_copy_of_what_binds(trader):
    trader.post(f"{RULES}/new", data={"sport": "football", "template": "both_score"})

    text = trader.get(f"{RULES}/of/football/both_score").get_data(as_text=True)

    assert "Begun with the rules of football." in text


HTMX = {"HX-Request": "true"}


@pytest.fixture
def edit(trader, book) -> Any:
    """Send the prices of the book with some changes; return what the page says."""
    path = f"{DESK}/markets/{book.market.id}/prices"

    def send(*, headers: Any = HTMX, **changes: str) -> str:
        sent = form(trader.get(f"{DESK}/fixtures/{book.market.fixture_id}"))
        answer = trader.post(path, data={**sent, **changes}, headers=headers, follow_redirects=True)
        return str(answer.get_data(as_text=True))

    return send


def odds_of(kernel: Any, tenant: Any, book: Any) -> list[str]:
    with kernel.context(tenant.id) as ctx:
        return [str(one.odds.normalize()) for one in reading.find(ctx, book.market.id).selections]


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_an_emptied_price_is_refused_by_name_and_the_others_are_kept(edit, kernel, tenant, book, headers):
    page = edit(headers=headers, **{"odds-home": "", "odds-away": "5.50"})

    assert "Leeds: write a price, or suspend the market" in page
    assert 'name="odds-home" value=""' in page
    assert 'name="odds-away" value="5.50"' in page
    assert odds_of(kernel, tenant, book) == ["1.88", "3.14", "4.71"]


def test_prices_that_lose_by_every_answer_are_saved_only_on_demand(edit, kernel, tenant, book):
    changes = {"odds-home": "9", "odds-draw": "9", "odds-away": "9"}

    page = edit(**changes)
    assert "the margin is −66.67 % (target 6 %)" in page
    assert 'name="at_a_loss"' in page
    assert 'name="odds-draw" value="9"' in page
    assert odds_of(kernel, tenant, book) == ["1.88", "3.14", "4.71"]

    saved = edit(**changes, at_a_loss="yes")
    assert "check each price" in saved
    assert 'name="at_a_loss"' not in saved
    assert odds_of(kernel, tenant, book) == ["9", "9", "9"]


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_margin_far_from_its_target_is_saved_with_a_warning(edit, kernel, tenant, book, headers):
    page = edit(headers=headers, **{"odds-home": "1.60"})

    assert "The margin is now 15.58 %, and the target 6 %" in page
    assert odds_of(kernel, tenant, book)[0] == "1.6"


def test_the_chance_follows_the_price_and_stands_beside_the_model_s(edit):
    page = edit(**{"odds-home": "9", "odds-draw": "9", "odds-away": "9"}, at_a_loss="yes")

    by_price = re.findall(r'data-label="Chance by the price" class="number">([^<]+)<', page)
    by_model = re.findall(r'data-label="Chance by the model" class="number">([^<]+)<', page)
    assert by_price == ["33.33 %"] * 3
    assert by_model != by_price


def test_toasts_of_a_fixture_say_what_happened_with_counts(trader, book, kernel, tenant):
    page = f"{DESK}/fixtures/{book.market.fixture_id}"

    def toast(path: str, **data: str) -> str:
        return str(trader.post(f"{page}/{path}", data=data, follow_redirects=True).get_data(as_text=True))

    draft = toast("markets", template="both_score")
    assert "1 is a draft and takes none: set its prices, and open it." in draft
    assert "is published" not in draft
    assert "1 market takes no bets now." in toast("suspend")
    resumed = toast("resume")
    assert "1 market takes bets again. 1 is a draft and takes none" in resumed
    assert "All markets" not in resumed
    assert "No market was resumed. 1 is a draft and takes none" in toast("resume")
