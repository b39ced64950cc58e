"""What the shell does around forms in a real browser: refusals, focus, undo and saved filters."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import NARROWEST, overflow_px, violations
from tests.e2e.conftest import Site
from tests.e2e.scene import PASSWORD

pytestmark = pytest.mark.browser


def test_a_refused_dialog_stands_open_again_with_what_was_typed(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/admin/webhooks")
    page.get_by_role("button", name="New webhook").click()
    dialog = page.get_by_role("dialog")
    address = dialog.get_by_label("Address")
    expect(address).to_be_focused()
    address.fill("http://crm.example.com/")
    dialog.get_by_label("Events").fill("core.*\nbetting.*")
    dialog.get_by_role("button", name="Add webhook").click()

    expect(dialog.get_by_role("alert")).to_contain_text("https")
    expect(page.locator(".toast-box")).to_have_count(0)
    expect(address).to_have_value("http://crm.example.com/")
    expect(dialog.get_by_label("Events")).to_have_value("core.*\nbetting.*")
    expect(address).to_be_focused()
    assert violations(page) == []


def test_what_was_accepted_or_left_is_not_filled_in_again(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/admin/webhooks")
    page.get_by_role("button", name="New webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("http://crm.example.com/")
    dialog.get_by_role("button", name="Add webhook").click()
    expect(dialog.get_by_role("alert")).to_be_visible()

    page.goto("/admin/webhooks")

    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="New webhook").click()
    expect(dialog.get_by_label("Address")).to_have_value("")


def test_a_refused_note_keeps_its_text(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page()
    page.goto(f"/admin/players/{site.scene.players[2]}/timeline")
    page.get_by_label("Write a note").fill("x" * 2_001)
    page.get_by_role("button", name="Keep the note").click()

    expect(page.get_by_role("alert")).to_contain_text("Write 1 to 2,000 characters")
    expect(page.get_by_label("Write a note")).to_have_value("x" * 2_001)
    expect(page.get_by_label("Write a note")).to_be_focused()


def test_a_password_is_never_kept_in_the_browser(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/admin/account")
    for field in page.locator("main input[type=password]").all():
        field.fill("a secret of mine")
    page.locator("main form:has(input[type=password]) button[type=submit]").click()
    page.wait_for_load_state()

    kept = page.evaluate("JSON.stringify({...sessionStorage}) + JSON.stringify({...localStorage})")
    assert "secret of mine" not in kept
    expect(page.locator("main input[type=password]").first).to_have_value("")


def test_a_dialog_without_fields_begins_on_cancel(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page()
    page.goto(f"/admin/webhooks/{site.scene.endpoint}")
    page.get_by_role("button", name="Remove").click()

    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()


def test_a_removed_note_comes_back_by_the_button_beside_the_message(
    open_page: Callable[..., Page], site: Site
) -> None:
    page = open_page()
    page.goto(f"/admin/players/{site.scene.players[0]}/timeline")
    page.get_by_label("Write a note").fill("Prefers “calls”,\nnot letters")
    page.get_by_role("button", name="Keep the note").click()
    page.get_by_role("button", name="Remove the note").click()
    expect(page.locator("ol .note-text")).to_have_count(0)
    assert violations(page) == []

    page.get_by_role("button", name="Write it again").press("Enter")

    expect(page.locator(".toasts")).to_contain_text("The note is kept.")
    expect(page.locator("ol .note-text")).to_have_text("Prefers “calls”,\nnot letters")


def test_a_filter_is_saved_by_name_and_removed(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/admin/players")
    expect(page.get_by_role("button", name="Save this filter")).to_have_count(0)
    page.get_by_label("Status").select_option("locked")
    page.get_by_role("button", name="Save this filter").click()
    page.get_by_label("Name of the filter").fill("Kept out of the house for now, all of them")
    page.keyboard.press("Enter")
    assert violations(page) == []
    page.set_viewport_size(NARROWEST)
    assert overflow_px(page) == 0

    page.goto("/admin/players")
    page.get_by_role("link", name="Kept out").click()
    expect(page).to_have_url(re.compile(r"\?status=locked$"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto("/admin/audit")
    expect(page.get_by_role("link", name="Kept out")).to_have_count(0)

    page.goto("/admin/players")
    page.get_by_role("button", name="Remove the saved filter").click()
    page.reload()
    expect(page.get_by_role("link", name="Kept out")).to_have_count(0)


def test_what_was_typed_outlives_the_question_for_the_password(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/admin/operators")
    page.context.clear_cookies(name="pitboss_message")
    page.get_by_role("button", name="Invite operator").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Email").fill("newcomer@acme.test")
    dialog.get_by_role("button", name="Invite").click()
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()

    expect(dialog.get_by_role("alert")).to_contain_text("Now repeat what you did")
    expect(dialog.get_by_label("Email")).to_have_value("newcomer@acme.test")
