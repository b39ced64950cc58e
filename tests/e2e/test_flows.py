"""What operators do, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from pitboss.core.ledger import wallet
from tests.e2e.browser import PHONE, violations
from tests.e2e.conftest import Site
from tests.e2e.scene import ADMIN, PASSWORD, PLATFORM, PLUGIN

pytestmark = pytest.mark.browser


def status(page: Page) -> str:
    return page.locator(".toasts").inner_text()


def test_an_operator_signs_in_and_out(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page(email=None)
    page.goto("/admin/jobs?state=dead")
    page.get_by_label("Tenant").fill(site.scene.tenant.code)
    page.get_by_label("Email").fill(ADMIN)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")

    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/admin/jobs\?state=dead$"))

    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("signed out")


def test_the_search_is_worked_by_keys_alone(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page()
    page.goto("/admin/jobs")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find a page")
    expect(field).to_be_focused()
    page.keyboard.type("web")
    chosen = page.locator("#palette").get_by_role("option", selected=True)
    expect(chosen).to_contain_text("Webhooks")
    assert violations(page) == []

    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/webhooks$"))
    page.wait_for_load_state()

    opener = page.get_by_role("button", name="Find")
    opener.click()
    field.fill(str(site.scene.players[0]))
    expect(chosen).to_contain_text("Grace Hopper")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_a_plugin_is_switched_off_and_on(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/admin/plugins")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_contain_text("Scratch cards")

    page.get_by_role("button", name="Switch off Scratch cards").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Its data stays")
    dialog.get_by_label("Reason").fill("Maintenance")
    dialog.get_by_role("button", name="Switch off").click()
    expect(menu).not_to_contain_text("Scratch cards")

    page.get_by_role("button", name="Switch on Scratch cards").click()
    expect(page.locator(".toasts")).to_contain_text("is on")
    expect(menu).to_contain_text("Scratch cards")


def test_a_dialog_that_is_left_changes_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/admin/plugins")
    opener = page.get_by_role("button", name="Switch off Scratch cards")
    opener.click()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    expect(page.locator("#results")).to_contain_text("On")


def test_settings_show_the_error_then_are_saved(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto(f"/admin/plugins/{PLUGIN}")
    prize = page.get_by_label("Prize points")
    prize.fill("0")
    page.get_by_role("button", name="Save settings").click()
    expect(prize).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#f-prize_points-error")).to_be_visible()
    assert violations(page) == []

    prize.fill("250")
    page.get_by_role("button", name="Save settings").click()

    expect(page.locator(".toasts")).to_contain_text("are saved")
    expect(prize).to_have_value("250")


def test_a_balance_is_adjusted(open_page: Callable[..., Page], site: Site) -> None:
    player = site.scene.players[0]
    tenant = site.scene.tenant
    with site.kernel.context(tenant.id) as ctx:
        before = wallet.read_wallet(ctx.connection, player, tenant.currency).cash
    page = open_page()
    page.goto(f"/admin/players/{player}")

    page.get_by_role("button", name="Adjust balance").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("10.505")
    dialog.get_by_label("Reason").fill("Goodwill after the outage")
    dialog.get_by_role("button", name="Post adjustment").click()
    expect(dialog.get_by_role("alert")).to_contain_text("more than the 2 decimals")
    dialog.get_by_label("Amount").fill("10.50")
    dialog.get_by_role("button", name="Post adjustment").click()

    expect(page.locator(".toasts")).to_contain_text("10.50 GBP")
    expect(page.locator("tbody tr").first).to_contain_text("Goodwill after the outage")
    with site.kernel.context(tenant.id) as ctx:
        assert wallet.read_wallet(ctx.connection, player, tenant.currency).cash == before + 1050


def test_a_platform_operator_switches_tenants(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page(PLATFORM, "platform")
    page.goto("/admin/")
    page.get_by_role("link", name="Switch tenant").click()
    page.get_by_role("button", name="Switch to Bolt Bingo").click()
    expect(page.get_by_role("navigation", name="Main")).to_contain_text("Bolt Bingo")

    page.goto("/admin/players")
    expect(page.locator("#results")).to_contain_text("Stan Ulam")
    expect(page.locator("#results")).not_to_contain_text("Grace Hopper")


def test_a_list_answers_while_one_types(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/admin/players")

    page.get_by_label("Email or user name begins with").press_sequentially("ada")

    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Ada Lovelace")
    expect(page).to_have_url(re.compile("q=ada"))


def test_the_theme_is_remembered(open_page: Callable[..., Page]) -> None:
    page = open_page(color_scheme="light")
    page.goto("/admin/")
    button = page.get_by_role("button", name="Dark theme")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")

    page.goto("/admin/players")

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_main_flow_needs_no_mouse(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page(email=None)
    page.goto("/admin/sign-in")
    expect(page.get_by_label("Tenant")).to_be_focused()
    for text in (site.scene.tenant.code, ADMIN, PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    tab_to(page, "Plugins")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Plugins")
    tab_to(page, "Switch off Scratch cards")
    page.keyboard.press("Enter")
    tab_to(page, "Switch off")
    page.keyboard.press("Enter")

    expect(page.locator(".toasts")).to_contain_text("is off")
    tab_to(page, "Switch on Scratch cards")
    page.keyboard.press("Enter")
    expect(page.locator(".toasts")).to_contain_text("is on")


def test_the_menu_of_a_phone_opens_and_closes_by_key(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE)
    page.goto("/admin/")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()

    page.get_by_role("button", name="Menu").press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()

    page.get_by_role("button", name="Menu").press("Enter")
    tab_to(page, "Players")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Players")


def test_pages_work_without_scripts(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/admin/players")

    page.get_by_label("Email or user name begins with").fill("ada")
    page.get_by_role("button", name="Filter").click()

    expect(page.locator("tbody tr")).to_have_count(1)


def test_no_script_from_the_page_itself_may_run(open_page: Callable[..., Page]) -> None:
    page = open_page()
    answer = page.goto("/admin/")
    assert answer is not None

    policy = answer.headers["content-security-policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def tab_to(page: Page, name: str, tabs_max: int = 60) -> None:
    """Press Tab until what has the focus bears a name."""
    read = "document.activeElement.innerText ?? ''"
    for _ in range(tabs_max):
        page.keyboard.press("Tab")
        if " ".join(page.evaluate(read).split()) == name:
            return
    raise AssertionError(f"no way to {name!r} by the Tab key")
