"""What the editor does with what is mistyped, not typed yet, too much or too late."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.browser import NARROWEST, PHONE, overflow_px
from tests.e2e.conftest import Site, chrome, cookies, open_page
from tests.e2e.scene import ADMIN
from tests.rules.book.conftest import reward
from tests.rules.editor.test_browser import (
    NEW,
    RATE,
    at,
    document,
    draft,
    pick,
    retype,
    settled,
    show,
    site,
    window,
    write,
)

__all__ = ["chrome", "cookies", "draft", "open_page", "site", "window"]
pytestmark = pytest.mark.browser

READ = "async (text) => (await import('/admin/rules/static/numbers.js')).readNumber(text)"
WRITE = "async (value) => (await import('/admin/rules/static/numbers.js')).writeNumber(value)"
AMOUNT = "async (text) => (await import('/admin/rules/static/numbers.js')).writeAmount(text)"
UNCOVERED = """() => {
  const { left, top, bottom } = document.activeElement.getBoundingClientRect()
  const seen = (y) => document.elementFromPoint(left + 9, y) === document.activeElement
  return seen(top + 3) && seen(bottom - 3)
}"""
"""Nothing lies over the field that has the focus, once the page has scrolled to it."""
CURE = "Write 2.50 or 1,000."


@pytest.fixture
def spanish(open_page: Callable[..., Page]) -> Page:
    return open_page(locale="es-ES")


# -- numbers ---------------------------------------------------------------------------------------


def test_english_numbers_are_read_with_a_point_and_commas_between_thousands(window: Page) -> None:
    at(window, NEW)
    said = {
        **{"1500": 1500, "1,500": 1500, "1500.25": 1500.25, "1,500.25": 1500.25, "1.500": 1.5, ".5": 0.5},
        **{"1,234,567": 1234567, "-2.50": -2.5, " 7 ": 7, "1.": 1, "": None},
    }
    unclear = ("2,50", "1,50,000", "15,00", "1.500,25", "1.2.3", "0,500", "1 500", "1e5", "5x")

    assert {text: window.evaluate(READ, text) for text in said} == said
    assert [window.evaluate(READ, text) for text in unclear] == list(unclear)
    assert window.evaluate(WRITE, 1500.25) == "1,500.25"
    assert window.evaluate(AMOUNT, "130000.00") == "130,000.00"


def test_spanish_numbers_are_read_with_a_comma_and_points_between_thousands(spanish: Page) -> None:
    spanish.goto(NEW)
    said = {
        **{"1500": 1500, "1.500": 1500, "1500,25": 1500.25, "1.500,25": 1500.25, "2,50": 2.5},
        **{"1.234.567": 1234567, "1,500": 1.5, "": None},
    }
    unclear = ("2.5", "2.50", "1500.25", "1,500.25", "0.500", "1.5000")

    assert {text: spanish.evaluate(READ, text) for text in said} == said
    assert [spanish.evaluate(READ, text) for text in unclear] == list(unclear)
    assert spanish.evaluate(WRITE, 1500.25) == "1.500,25"
    assert spanish.evaluate(AMOUNT, "130000.00") == "130.000,00"


def test_a_decimal_comma_is_refused_in_english_and_never_changed(window: Page) -> None:
    at(window, f"{NEW}?kind=segment")
    row = pick(window, "net_loss")
    row.get_by_label("Value of net_loss").fill("2,50")
    row.get_by_label("Value of net_loss").blur()

    expect(row).to_contain_text(CURE)
    expect(row.get_by_label("Value of net_loss")).to_have_value("2,50")
    assert document(window)["when"] == {"net_loss_min": "2,50"}
    row.get_by_label("Value of net_loss").fill("2.50")
    expect(window.locator(".cond-row.wrong")).to_have_count(0)
    assert document(window)["when"] == {"net_loss_min": 2.5}


def test_a_box_shows_what_was_understood_once_it_is_left(spanish: Page, draft: Callable[..., str]) -> None:
    spanish.goto(draft(reward("escrito", when={"net_loss_min": 100})))
    box = spanish.get_by_label("Valor de net_loss").first
    box.fill("1500,250")
    expect(box).to_have_value("1500,250")
    box.blur()

    expect(box).to_have_value("1.500,25")
    assert document(spanish)["when"] == {"net_loss_min": 1500.25}


def test_a_list_of_numbers_is_parted_without_tearing_a_number_apart(window: Page) -> None:
    at(window, f"{NEW}?kind=formula")
    write(window, RATE)
    cell = window.get_by_label("Row 1: net_loss")
    cell.fill("1 500")
    expect(window.locator(".decision")).to_contain_text(CURE)
    cell.fill("1,500; 2,000.5, 3")
    cell.blur()

    assert document(window)["table"]["rows"][0]["when"] == {"net_loss": [1500, 2000.5, 3]}
    expect(cell).to_have_value("1,500; 2,000.5; 3")


def test_the_unit_of_a_duration_stays_while_its_count_cannot_be_read(spanish: Page) -> None:
    spanish.goto(f"{NEW}?kind=segment")
    spanish.get_by_role("group", name="Vista").get_by_role("button", name="JSON").click()
    spanish.locator(".cm-content").focus()
    spanish.keyboard.press("Control+a")
    spanish.keyboard.insert_text(json.dumps({"kind": "segment", "key": "x", "when": {"stay_min": "30h"}}))
    spanish.get_by_role("group", name="Vista").get_by_role("button", name="Formulario").click()
    box = spanish.locator(".cond-row .joined input")
    box.fill("2.5")
    expect(spanish.locator(".cond-row.wrong")).to_have_count(1)
    box.fill("2.500")

    assert document(spanish)["when"] == {"stay_min": "2500h"}


def test_a_number_that_the_server_would_take_for_a_text_is_not_saved(
    window: Page, draft: Callable[..., str]
) -> None:
    at(window, draft({**RATE, "key": "unclear"}))
    window.get_by_label("Row 1: value").fill("2,50")
    window.get_by_label("Row 2: value").fill("1,00")
    window.get_by_label("Otherwise: value").fill("0,00")
    settled(window)
    window.get_by_role("button", name="Save the draft").click()

    expect(window.locator("#refused")).to_contain_text(CURE)
    expect(window.get_by_label("Row 1: value")).to_be_focused()
    expect(window.locator(".editor-state")).to_contain_text("3 problems")


# -- what is not there yet -------------------------------------------------------------------------


def test_a_row_that_was_just_added_is_a_calm_hint(window: Page) -> None:
    at(window, NEW)
    write(window, reward(when={}))
    row = pick(window, "net_loss")
    settled(window)

    expect(row).to_contain_text("Choose a value")
    expect(window.locator(".cond-row.wrong, .cond-row .is-invalid")).to_have_count(0)
    expect(window.locator("main")).not_to_contain_text("null is")
    expect(window.locator(".editor-state")).to_have_text("Not complete yet")


def test_a_condition_that_is_no_expression_yet_cannot_be_written_over(window: Page) -> None:
    at(window, NEW)
    unfinished = {"net_loss_min": 100, "tier": None}
    write(window, reward(when=unfinished))
    show(window, "Expression")

    expect(window.locator(".editor-main")).to_contain_text("mend it in the form first")
    expect(window.locator(".editor-main .cm-placeholder")).to_have_count(0)
    retype(window, "The condition as an expression", "stake > 5")
    window.keyboard.press("Delete")
    assert document(window)["when"] == unfinished
    window.get_by_role("button", name="To the form").click()
    window.get_by_label("Value of Tier").select_option("GOLD")
    show(window, "Expression")
    text = window.get_by_role("textbox", name="The condition as an expression")
    expect(text).to_have_text("net_loss >= 100 and tier == 'GOLD'")


def test_an_expression_may_be_emptied_and_begun_again(window: Page) -> None:
    at(window, NEW)
    write(window, reward(when={"net_loss_min": 100}))
    show(window, "Expression")
    settled(window)
    window.get_by_role("textbox", name="The condition as an expression").focus()
    window.keyboard.press("Control+a")
    window.keyboard.press("Delete")
    window.keyboard.type("is_barred")

    assert document(window)["when"] == "is_barred"


def test_json_is_marked_where_it_stops_being_json(window: Page) -> None:
    at(window, NEW)
    show(window, "JSON")
    retype(window, "The rule as JSON", '{\n  "kind": "reward",\n  "key": "x"\n  "name": "y"\n}')

    expect(window.locator(".remarks")).to_contain_text("this is not JSON")
    marked = window.locator(".cm-line:has(.cm-lintRange-error, .cm-lintPoint-error)")
    expect(marked).to_have_text(['  "name": "y"'])


# -- room ------------------------------------------------------------------------------------------


def test_a_duration_between_two_can_be_typed_on_a_telephone(open_page: Callable[..., Page]) -> None:
    window = open_page(viewport=PHONE)
    at(window, NEW)
    write(window, reward(when={"stay": {"between": ["2h", "5d"]}}))

    for box in window.locator(".pair .joined input").all():
        assert (box.bounding_box() or {"width": 0})["width"] >= 70


def test_a_cell_grows_with_what_stands_in_it(window: Page) -> None:
    at(window, f"{NEW}?kind=formula")
    write(window, RATE)
    cell = window.get_by_label("Row 1: Tier")
    cell.fill("GOLD, SILVER, BRONZE")

    assert cell.evaluate("(cell) => cell.scrollWidth <= cell.clientWidth")


@pytest.mark.parametrize(
    "size", [{"width": 1280, "height": 860}, PHONE, NARROWEST], ids=["wide", "phone", "narrow"]
)
def test_the_state_of_a_rule_stays_in_sight(open_page: Callable[..., Page], size: dict[str, int]) -> None:
    window = open_page(viewport=size)
    at(window, NEW)
    write(window, reward(when={"any": [{"net_loss_min": n} for n in range(20)]}))
    field = window.get_by_label("Value of net_loss").nth(3)
    window.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(window.locator(".editor-state")).to_be_in_viewport(ratio=1)
    field.evaluate("(field) => field.focus()")

    window.wait_for_function(UNCOVERED)
    assert overflow_px(window) == 0


def test_a_picker_says_how_many_more_there_are(window: Page) -> None:
    at(window, NEW)
    window.evaluate("""() => {
      const box = document.createElement('pick-box')
      box.label = 'Many'
      box.options = Array.from({ length: 175 }, (_, n) => ({ value: `fact_${n}`, title: `Fact ${n}` }))
      document.querySelector('main').append(box)
    }""")
    box = window.get_by_role("combobox", name="Many")
    box.click()
    expect(window.locator(".pick-list:popover-open")).to_contain_text("and 135 more: type to find them")
    box.press_sequentially("17")

    expect(window.locator(".pick-list:popover-open")).not_to_contain_text("more: type")


def test_words_of_one_title_are_told_apart_by_their_plugin(window: Page) -> None:
    at(window, NEW)
    words = [
        {"value": "a.bet", "title": "Bet", "plugin": "a"},
        {"value": "b.bet", "title": "Bet", "plugin": "b"},
        {"value": "a.win", "title": "Win", "plugin": "a"},
    ]
    titles = window.evaluate(
        "async (words) => (await import('/admin/rules/static/pick.js')).distinct(words).map((w) => w.title)",
        words,
    )

    assert titles == ["Bet (a)", "Bet (b)", "Win"]


# -- a server that fails, and a line that is lost --------------------------------------------------


def test_a_check_that_fails_is_no_lost_connection(
    chrome: Browser, site: Site, cookies: Callable[[str, str], Any]
) -> None:
    state = cookies(site.scene.tenant.code, ADMIN)
    with chrome.new_context(base_url=site.address, storage_state=state) as context:
        window = context.new_page()
        at(window, NEW)

        def fail(route: Route) -> None:
            route.fulfill(status=500, body="{}")

        window.route("**/rules/check", fail)
        window.get_by_label("Name", exact=True).fill("Tried again")

        expect(window.locator(".editor-state")).to_have_text("The check failed; it is tried again")
        window.unroute("**/rules/check", fail)
        expect(window.locator(".editor-state")).to_contain_text("1 problem", timeout=10_000)


def test_the_note_of_a_lost_connection_goes_when_it_is_back(window: Page, draft: Callable[..., str]) -> None:
    at(window, draft(reward("tunnel")))
    window.context.set_offline(True)
    window.get_by_label("Name", exact=True).fill("Typed in a tunnel")
    window.get_by_role("button", name="Save the draft").click()
    expect(window.locator("#refused")).to_contain_text("There is no connection.")
    window.context.set_offline(False)

    expect(window.locator("#refused")).to_be_empty(timeout=10_000)
    expect(window.get_by_label("Name", exact=True)).to_have_value("Typed in a tunnel")
