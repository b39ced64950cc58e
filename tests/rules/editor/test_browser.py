"""The rule editor in a real browser: widgets, views that agree, undo, keys alone, and a bad line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pitboss.core import texts
from pitboss.core.kernel import build_kernel
from pitboss.core.settings import load_settings
from pitboss.core.tenancy import toggle
from pitboss.core.testing.databases import migrate
from pitboss.rules.book import drafts
from tests.e2e.browser import overflow_px, violations
from tests.e2e.conftest import Site, chrome, cookies, open_page
from tests.e2e.scene import candidates, served, set_up
from tests.rules import casino
from tests.rules.book.conftest import reward
from tests.rules.editor import lounge

__all__ = ["chrome", "cookies", "open_page"]
pytestmark = pytest.mark.browser

NEW = "/admin/rules/new"
RATE = {
    "kind": "formula",
    "key": "rate",
    "table": {
        "rows": [
            {"when": {"net_loss_min": 100}, "then": {"value": 2}},
            {"when": {"net_loss_min": 50, "tier": "GOLD"}, "then": {"value": 1}},
        ],
        "default": {"value": 0},
    },
}

ALERT = {
    "kind": "alert",
    "key": "big-loss",
    "on": ["casino.round_played"],
    "when": {"net_loss_min": 100},
    "message": "{net_loss} lost",
    "channels": ["desk"],
    "cool_down": "1h",
    "value": "net_loss * 2",
}
LIMIT = {
    "kind": "limit",
    "key": "no-bets",
    "operation": "casino.play",
    "when": "is_barred",
    "message": "Not today.",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A casino with a lounge, and players of whom two lost something."""
    folder = tmp_path_factory.mktemp("site")
    settings = load_settings(
        {},
        database_url=f"sqlite:///{folder / 'scene.sqlite3'}",
        secret="for the browser only",
        data=folder,
        rate_limit_per_minute=1_000_000,
        port=0,
    )
    kernel = build_kernel(settings, candidates=[*candidates(), casino.CANDIDATE, lounge.CANDIDATE])
    migrate(kernel)
    scene = set_up(kernel)
    with kernel.context(scene.tenant.id) as ctx:
        for plugin in ("casino", "lounge"):
            toggle.enable(ctx, plugin)
    kernel.tenants.forget()
    for player, lost in zip(scene.players, (62_000, 5_000), strict=False):
        with kernel.context(scene.tenant.id) as ctx:
            casino.lose(ctx, player, lost)
    with served(kernel) as address:
        yield Site(address, scene, kernel)
    kernel.close()


@pytest.fixture
def draft(site: Site) -> Callable[..., str]:
    """Store a draft and return the path of its editor."""

    def store(document: dict[str, Any]) -> str:
        with site.kernel.context(site.scene.tenant.id) as ctx:
            drafts.create(ctx, document)
        return f"/admin/rules/{document['key']}/edit"

    return store


@pytest.fixture
def window(open_page: Callable[..., Page]) -> Page:
    return open_page()


def at(window: Page, path: str) -> Page:
    """Open an editor and wait until the server told the words."""
    window.goto(path)
    expect(window.locator(".editor-main .card-header").first).to_be_visible()
    settled(window)
    return window


def settled(window: Page) -> None:
    """Wait until what the server said is about what is written."""
    expect(window.locator("rule-editor[data-answered]")).to_have_count(1)


def document(window: Page) -> Any:
    return json.loads(window.evaluate("document.querySelector('rule-editor').value"))


def show(window: Page, view: str) -> None:
    window.get_by_role("group", name="View").get_by_role("button", name=view).click()


def retype(window: Page, box: str, text: str) -> None:
    """Put another text in the place of what stands in a code box."""
    window.get_by_role("textbox", name=box).focus()
    window.keyboard.press("Control+a")
    window.keyboard.insert_text(text)


def write(window: Page, rule: dict[str, Any]) -> None:
    """Paste a rule into the JSON view, and come back to the form."""
    show(window, "JSON")
    retype(window, "The rule as JSON", json.dumps(rule))
    show(window, "Form")
    settled(window)


def pick(window: Page, fact: str) -> Any:
    """Add a test of a fact, by typing its title; return its row."""
    window.get_by_role("button", name="Add a test to condition").click()
    row = window.locator(".cond-row").last
    row.get_by_role("combobox", name="Fact").press_sequentially(fact)
    row.get_by_role("combobox", name="Fact").press("Enter")
    return row


# -- widgets ---------------------------------------------------------------------------------------


def test_each_type_of_fact_has_its_widget(window: Page) -> None:
    at(window, f"{NEW}?kind=segment")

    row = pick(window, "net_loss")
    row.get_by_label("Value of net_loss").fill("99.50")
    row = pick(window, "Tier")
    row.get_by_label("Test", exact=True).select_option("is none of")
    row.get_by_label("SILVER").check()
    row.get_by_label("BRONZE").check()
    row = pick(window, "Stay")
    row.get_by_label("Value of Stay", exact=True).fill("30")
    row.get_by_label("Unit of Value of Stay").select_option("hours")
    row = pick(window, "seen_at")
    row.get_by_label("Value of seen_at").fill("2026-12-01T09:30")
    row = pick(window, "is_barred")
    row.get_by_label("Value of is_barred").select_option("false")
    row = pick(window, "Likes")
    row.get_by_label("Add to Value of Likes").fill("darts, cards")
    row.get_by_label("Add to Value of Likes").press("Enter")
    row = pick(window, "Visits")
    row.get_by_label("Test", exact=True).select_option("is between")
    row.get_by_label("Lowest of Visits").fill("2")
    row.get_by_label("Highest of Visits").fill("5")
    row = pick(window, "country")
    row.get_by_label("Test", exact=True).select_option("is known")

    assert document(window)["when"] == {
        "net_loss_min": 99.5,
        "tier": {"not": ["BRONZE", "SILVER"]},
        "stay_min": "30h",
        "seen_at_min": "2026-12-01T09:30:00Z",
        "is_barred": False,
        "likes": {"contains": ["darts", "cards"]},
        "visits": {"between": [2, 5]},
        "country": {"known": True},
    }
    settled(window)
    expect(window.locator(".cond-row.wrong")).to_have_count(0)


def test_words_are_offered_with_all_that_is_known_of_them(window: Page) -> None:
    at(window, f"{NEW}?kind=segment")
    window.get_by_role("button", name="Add a test to condition").click()
    window.get_by_role("combobox", name="Fact").press_sequentially("guest tier")

    option = window.locator(".pick-list:popover-open li").first
    for said in ("Tier", "choice", "tier", "Tier of a guest.", "For example GOLD"):
        expect(option).to_contain_text(said)
    window.get_by_role("button", name="Remove test 1").click()
    show(window, "Expression")
    window.get_by_role("textbox", name="The condition as an expression").press_sequentially("visi")
    offered = window.locator(".cm-tooltip-autocomplete li").filter(has_text="visits")
    expect(offered.first).to_contain_text("number visits")


def test_a_mistake_is_shown_on_its_row_with_the_cure(window: Page) -> None:
    at(window, NEW)
    write(window, reward(when={"net_loss_min": 100, "any": [{"tier": "GOLDEN"}, {"visits": 1}]}))

    wrong = window.locator(".cond-row.wrong")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("did you mean GOLD?")
    window.locator(".remarks").get_by_role("button").first.click()
    assert window.evaluate("document.activeElement.closest('.cond-row').classList.contains('wrong')")
    wrong.get_by_label("Value of Tier").select_option("GOLD")
    expect(wrong).to_have_count(0)


def test_actions_have_the_forms_of_their_schemas_and_bounds_their_fields(window: Page) -> None:
    at(window, NEW)
    window.get_by_label("Name", exact=True).fill("Darts night!")
    window.get_by_label("Add to Judged on").press_sequentially("round")
    window.keyboard.press("Enter")
    window.get_by_role("button", name="Add an action").click()
    window.get_by_label("Action 1", exact=True).press_sequentially("Invite")
    window.keyboard.press("Enter")
    window.get_by_label("Day").select_option("friday")
    window.get_by_label("Note").fill("Welcome")
    window.get_by_text("3 more settings").click()
    window.get_by_label("Drinks").fill("2")
    window.get_by_label("With friend").check()
    window.get_by_role("button", name="Add an action").click()
    window.get_by_label("Action 2", exact=True).press_sequentially("pay")
    window.keyboard.press("Enter")
    window.get_by_label("How much").select_option("A formula")
    retype(window, "Formula", "net_loss * 0.1")
    window.get_by_label("At most").fill("50")
    window.get_by_label("So often for each player").check()
    window.get_by_label("Times", exact=True).fill("2")
    window.get_by_label("A budget for all players together").check()
    window.get_by_label("Hold some players out").check()
    window.get_by_label("It shares a group").check()
    window.get_by_label("It shares a group").uncheck()
    window.get_by_label("Priority").fill("3")
    window.get_by_label("Stop here").check()

    assert document(window) == {
        "kind": "reward",
        "key": "darts-night",
        "name": "Darts night!",
        "on": ["casino.round_played"],
        "when": {},
        "then": [
            {"action": "lounge.invite", "day": "friday", "note": "Welcome", "drinks": 2, "with_friend": True},
            {"action": "casino.pay", "formula": "net_loss * 0.1", "max_amount": 50},
        ],
        "limits": {"per_player": {"count": 2, "period": "week"}, "budget": {"amount": 1000, "period": "day"}},
        "holdout_percent": 10,
        "priority": 3,
        "stop": True,
    }
    settled(window)
    expect(window.locator(".editor-state")).to_contain_text("Valid")


def test_a_table_is_a_grid_that_shows_gaps_and_overlaps(window: Page) -> None:
    at(window, f"{NEW}?kind=formula")
    write(window, RATE)
    expect(window.get_by_text("Rows 1 and 2 overlap")).to_be_visible()

    window.get_by_label("Row 1: net_loss").fill("100..200")
    window.get_by_label("Row 2: net_loss").fill("< 100")
    window.get_by_label("Row 2: Tier").fill("not BRONZE, SILVER")
    window.get_by_label("Row 2: value").fill("= net_loss / 100")
    window.get_by_label("Otherwise: value").fill("")
    window.get_by_role("button", name="Move row 2 up").click()

    table = document(window)["table"]
    assert table["rows"] == [
        {
            "when": {"net_loss": {"below": 100}, "tier": {"not": ["BRONZE", "SILVER"]}},
            "then": {"value": {"formula": "net_loss / 100"}},
        },
        {"when": {"net_loss": {"between": [100, 200]}}, "then": {"value": 2}},
    ]
    assert not table.get("default")
    expect(window.get_by_text("A gap.").first).to_be_visible()
    expect(window.get_by_text("overlap", exact=False)).to_have_count(0)


# -- views and undo ----------------------------------------------------------------------------------


def test_three_views_agree_whichever_is_written_in(window: Page) -> None:
    at(window, NEW)
    write(window, reward(when={"net_loss_min": 100}))
    window.get_by_label("Value of net_loss").first.fill("250")
    show(window, "Expression")
    text = window.get_by_role("textbox", name="The condition as an expression")
    expect(text).to_have_text("net_loss >= 250")

    retype(window, "The condition as an expression", "net_loss >= 250 and (tier == 'GOLD' or not is_barred)")
    settled(window)
    show(window, "Form")
    expect(window.locator(".cond-group.any")).to_have_count(1)
    expect(window.locator(".cond-row")).to_have_count(3)
    window.get_by_label("Value of Tier").select_option("SILVER")

    show(window, "JSON")
    assert document(window)["when"] == {
        "net_loss_min": 250,
        "any": [{"tier": "SILVER"}, {"is_barred": False}],
    }
    expect(window.get_by_role("textbox", name="The rule as JSON")).to_contain_text('"tier": "SILVER"')


def test_one_undo_goes_back_through_all_views(window: Page) -> None:
    at(window, NEW)
    first = document(window)
    write(window, reward(when={"net_loss_min": 100}))
    window.get_by_label("Name", exact=True).fill("Undone")
    window.get_by_role("button", name="Add a group to condition").click()
    written = document(window)

    window.keyboard.press("Control+z")
    window.keyboard.press("Control+z")
    assert document(window)["when"] == {"net_loss_min": 100}
    assert "name" not in document(window)
    expect(window.get_by_label("Name", exact=True)).to_have_value("")
    show(window, "JSON")
    window.get_by_role("textbox", name="The rule as JSON").focus()
    window.keyboard.press("Control+z")
    assert document(window) == first
    for _ in range(3):
        window.keyboard.press("Control+Shift+z")
    assert document(window) == written


def test_json_that_cannot_be_read_is_marked_and_loses_nothing(window: Page) -> None:
    at(window, NEW)
    write(window, reward())
    show(window, "JSON")
    retype(window, "The rule as JSON", '{"kind": "reward", "key":')

    expect(window.locator(".remarks")).to_contain_text("this is not JSON")
    expect(window.locator(".cm-lintRange-error")).to_have_count(1)
    show(window, "Form")
    expect(window.locator(".editor-main")).to_contain_text("The JSON cannot be read")
    window.locator(".editor-main").get_by_role("button", name="Undo").click()
    assert document(window) == reward()


# -- hands -------------------------------------------------------------------------------------------


def test_a_condition_is_built_and_ordered_with_keys_alone(window: Page) -> None:
    at(window, f"{NEW}?kind=segment")
    window.get_by_role("button", name="Add a test to condition").focus()
    window.keyboard.press("Enter")
    window.keyboard.type("visits")
    window.keyboard.press("Enter")
    window.keyboard.press("Tab")
    window.keyboard.press("Tab")
    window.keyboard.type("3")
    window.get_by_role("button", name="Add a group to condition").focus()
    window.keyboard.press("Enter")
    window.keyboard.type("tier")
    window.keyboard.press("Enter")
    assert document(window)["when"] == {"visits_min": 3, "any": [{"tier": None}]}

    window.get_by_role("button", name="Move test 1:").focus()
    window.keyboard.press("Alt+ArrowDown")
    assert document(window)["when"] == {"all": [{"any": [{"visits_min": 3}, {"tier": None}]}]}
    assert window.evaluate("document.activeElement.className") == "cond-handle"
    window.keyboard.press("Alt+ArrowDown")
    assert document(window)["when"] == {"all": [{"any": [{"tier": None}, {"visits_min": 3}]}]}
    expect(window.locator("#editor-said")).to_contain_text("place 2")


def test_a_row_is_dragged_into_a_group(window: Page) -> None:
    at(window, NEW)
    write(
        window,
        reward(when={"net_loss_min": 100, "is_barred": False, "any": [{"tier": "GOLD"}, {"visits": 1}]}),
    )
    handle = window.get_by_role("button", name="Move test 1:")
    target = window.locator('[data-path="2.1"]')
    handle.drag_to(target, target_position={"x": 200, "y": 4})

    assert document(window)["when"] == {
        "is_barred": False,
        "any": [{"tier": "GOLD"}, {"net_loss_min": 100}, {"visits": 1}],
    }


# -- the panel and saving ------------------------------------------------------------------------------


def test_the_panel_counts_traces_and_keeps_a_test(window: Page, draft: Callable[..., str]) -> None:
    at(window, draft(reward("traced")))
    expect(window.locator("#match-count")).to_have_text("1 player")
    window.get_by_label("Value of net_loss").first.fill("20")
    expect(window.locator("#match-count")).to_have_text("2 players")

    window.get_by_label("Player", exact=True).fill("alan")
    expect(window.locator(".cond-row .trace")).to_contain_text("50 GBP")
    window.get_by_role("button", name="Keep as a test").click()
    assert document(window)["tests"][-1] == {
        "name": "as Alan Turing",
        "facts": {"net_loss": 50},
        "expect": {"match": True, "amount": 5},
    }
    expect(window.locator("#side-tests")).to_be_visible()
    expect(window.locator(".editor-side")).to_contain_text("All 2 pass")


def test_a_save_that_comes_too_late_shows_both_and_loses_none(
    window: Page, site: Site, draft: Callable[..., str]
) -> None:
    path = at(window, draft(reward("shared"))) and "/admin/rules/shared/edit"
    with site.kernel.context(site.scene.tenant.id) as ctx:
        drafts.save(ctx, "shared", reward("shared", when={"net_loss_min": 500}))
    window.get_by_label("Priority").fill("9")
    window.get_by_role("button", name="Save the draft").click()

    refused = window.locator("#refused")
    expect(refused).to_contain_text("saved version 2 while you were writing")
    expect(refused).to_contain_text("priority: none -> 9")
    assert document(window)["priority"] == 9
    window.get_by_role("button", name="Take their version").click()
    assert document(window)["when"] == {"net_loss_min": 500}
    window.get_by_role("button", name="Undo").click()
    assert document(window)["priority"] == 9
    window.get_by_role("button", name="Save the draft").click()
    window.wait_for_url(re.compile("shared"))
    expect(window.locator(".toast-box")).to_contain_text("Version 3 is saved")
    at(window, path)
    expect(window.get_by_text("was never saved")).to_have_count(0)


def test_a_lost_connection_loses_nothing(window: Page, draft: Callable[..., str]) -> None:
    path = draft(reward("offline"))
    at(window, path)
    window.context.set_offline(True)
    window.get_by_label("Name", exact=True).fill("Typed in a tunnel")
    window.get_by_role("button", name="Save the draft").click()
    expect(window.locator("#refused")).to_contain_text("There is no connection.")
    expect(window.locator(".editor-state")).to_contain_text("No connection")

    window.context.set_offline(False)
    window.evaluate("document.querySelector('rule-editor').isLeaving = true")
    at(window, path)
    expect(window.get_by_label("Name", exact=True)).to_have_value("")
    window.get_by_role("button", name="Bring it back").click()
    expect(window.get_by_label("Name", exact=True)).to_have_value("Typed in a tunnel")
    window.get_by_role("button", name="Save the draft").click()
    expect(window.locator(".toast-box")).to_contain_text("Version 2 is saved")


def test_without_scripts_the_rule_is_a_text_that_can_be_saved(
    open_page: Callable[..., Page], draft: Callable[..., str]
) -> None:
    window = open_page(java_script_enabled=False)
    window.goto(draft(reward("plain")))
    window.get_by_label("The rule as JSON").fill(json.dumps(reward("plain", priority=4)))
    window.get_by_role("button", name="Save the draft").click()

    expect(window.locator(".toast-box")).to_contain_text("Version 2 is saved")


# -- the laws of every page ----------------------------------------------------------------------------


def test_two_hundred_conditions_are_drawn_and_edited(window: Page) -> None:
    at(window, NEW)
    many = {"any": [{"net_loss": {"between": [n, n + 1]}} for n in range(200)]}
    write(window, reward(when=many))

    expect(window.locator(".cond-row")).to_have_count(200)
    window.locator(".cond-row").nth(150).get_by_label("Highest of net_loss").fill("999")
    assert document(window)["when"]["any"][150] == {"net_loss": {"between": [150, 999]}}
    settled(window)


def test_axe_finds_nothing_and_nothing_is_too_wide(open_page: Callable[..., Page]) -> None:
    rich = reward(
        when={
            "net_loss_min": 100,
            "any": [{"tier": ["GOLD"]}, {"stay_min": "2d"}, "visits > 2"],
            "none": [{"likes": {"contains": "x"}}],
        },
        limits={"per_player": {"count": 1, "period": "week"}, "budget": {"amount": 5, "period": "day"}},
        effective={"from": "2026-12-01"},
    )
    looks: tuple[dict[str, Any], ...] = (
        {"color_scheme": "light"},
        {"color_scheme": "dark", "viewport": {"width": 375, "height": 800}},
    )
    found: list[str] = []
    for look in looks:
        window = open_page(**look)
        for rule in (rich, RATE, ALERT, LIMIT, reward(when={"tier": "NO"}, then=[])):
            at(window, NEW)
            write(window, rule)
            window.get_by_label("Player", exact=True).fill("grace")
            settled(window)
            found += violations(window)
            found += [f"{overflow_px(window)} px too wide"] * bool(overflow_px(window))
        for view in ("Expression", "JSON"):
            show(window, view)
            found += violations(window)
            found += [f"{view}: {overflow_px(window)} px too wide"] * bool(overflow_px(window))
    assert not found, "\n".join(found)


SAID = """() => {
  const texts = new Set()
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_ALL)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const isText = node.nodeType === Node.TEXT_NODE
    if (isText && !node.parentElement.closest('code, pre, textarea')) texts.add(node.data)
    if (node.nodeType !== Node.ELEMENT_NODE) continue
    for (const name of ['title', 'aria-label', 'placeholder']) texts.add(node.getAttribute(name) ?? '')
  }
  return [...texts].map((text) => text.replace(/\\s+/g, ' ').trim())
}"""
"""What people read in the page, or hear."""


def test_the_editor_speaks_the_language_of_the_page(
    open_page: Callable[..., Page], draft: Callable[..., str]
) -> None:
    said: set[str] = set()
    window = open_page(locale="es-ES")
    for rule in (reward(when={"net_loss_min": 100, "any": [{"tier": "GOLD"}]}), RATE, ALERT, LIMIT):
        at(window, draft({**rule, "key": f"{rule['key']}-es"}))
        for view in ("JSON", "Expresión", "Formulario"):
            window.get_by_role("group", name="Vista").get_by_role("button", name=view).click()
            said |= set(window.evaluate(SAID))
        assert violations(window) == []

    english = {key for key, spanish in texts.catalogue("es").singular.items() if key != spanish}
    assert "Añadir una prueba a condición" in said
    assert said & english == set()
