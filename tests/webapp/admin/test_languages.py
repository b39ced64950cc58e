"""Laws of the admin's language: what one chose, else what the browser prefers, else English."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from pitboss.core import texts
from pitboss.core.identity import operators
from pitboss.core.jobs import JobRow, JobState, enqueue
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant
from tests.webapp.admin.test_session import browser as browser
from tests.webapp.admin.test_session import sign_in

SPANISH = {"Accept-Language": "es"}


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("de, en;q=0.5", "en"),
        ("fr", "en"),
        ("en-GB, es;q=0.5", "en"),
        ("%%%", "en"),
        ("", "en"),
    ],
)
def test_the_sign_in_page_speaks_what_the_browser_prefers(asked: str, language: str, app: Flask) -> None:
    page = app.test_client().get("/admin/sign-in", headers={"Accept-Language": asked}).text

    assert f'<html lang="{language}">' in page
    assert ("Iniciar sesión" in page) == (language == "es")


def test_what_an_operator_chose_goes_before_the_header(browser: Any, tenant: Tenant) -> None:
    sign_in(browser, tenant.code)

    answer = browser.post("/admin/account/language", data={"language": "es", "next": "/admin/jobs"})

    assert (answer.status_code, answer.location) == (303, "/admin/jobs")
    assert "Trabajos" in browser.get("/admin/", headers={"Accept-Language": "en"}).text


def test_an_error_is_told_in_the_language_that_was_chosen(browser: Any, tenant: Tenant) -> None:
    sign_in(browser, tenant.code)
    browser.post("/admin/account/language", data={"language": "en"})

    answer = browser.get("/admin/players/00000000-0000-7000-8000-000000000000", headers=SPANISH)

    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_no_choice_means_the_browser_again(browser: Any, tenant: Tenant) -> None:
    sign_in(browser, tenant.code)
    browser.post("/admin/account/language", data={"language": "es"})

    browser.post("/admin/account/language", data={"language": ""})

    assert '<html lang="en">' in browser.get("/admin/").text
    assert '<html lang="es">' in browser.get("/admin/", headers=SPANISH).text


def test_a_language_that_is_not_there_is_refused(browser: Any, tenant: Tenant) -> None:
    sign_in(browser, tenant.code)

    answer = browser.post("/admin/account/language", data={"language": "tlh"}, follow_redirects=True)

    assert "there is no &#39;tlh&#39; here; choose one of: en, es" in answer.text
    assert '<html lang="en">' in answer.text


def test_choosing_leads_to_our_own_pages_only(browser: Any, tenant: Tenant) -> None:
    sign_in(browser, tenant.code)

    answer = browser.post("/admin/account/language", data={"language": "es", "next": "https://evil.test/"})

    assert answer.location == "/admin/"


def test_the_next_request_of_a_thread_starts_in_english(admin: Any) -> None:
    admin.get("/admin/", headers=SPANISH)

    assert texts.language() == "en"


def test_messages_menu_and_errors_are_translated(admin: Any) -> None:
    answer = admin.post("/admin/roles", data={"name": "helpers", "title": "Helpers"}, headers=SPANISH)
    page = admin.get(answer.location, headers=SPANISH).text

    assert "El rol está creado" in page
    assert "Registro de auditoría" in page
    assert "Esa página no existe" in admin.get("/admin/nowhere", headers=SPANISH).text


def test_a_plugins_menu_and_pages_are_translated(admin: Any) -> None:
    page = admin.get("/admin/acme_sample/", headers=SPANISH).text

    assert "Tarjetas de rascar" in page
    assert "<code>acme_sample.give_card</code> da una." in page


def test_the_api_says_its_problems_in_english(operator_client: Any) -> None:
    answer = operator_client.get("/api/v1/players/not-an-id", headers=SPANISH)

    assert answer.status_code == 404
    assert "página" not in answer.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_value_cannot_bring_markup_into_a_text(language: str, admin: Any) -> None:
    """Translations are markup; what is put into them never is."""
    name = "<script>alert(1)</script>"
    admin.post("/admin/roles", data={"name": "helpers", "title": name})

    page = admin.get("/admin/roles/helpers", headers={"Accept-Language": language}).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("language", ["en", "es"])
def test_texts_for_scripts_are_data_and_end_no_script(language: str, admin: Any) -> None:
    page = admin.get("/admin/", headers={"Accept-Language": language}).text

    assert ('<script type="application/json" data-texts>{"' in page) == (language == "es")
    assert page.count("<script") == page.count("</script>")


def test_days_and_numbers_follow_the_language(
    browser: Any, kernel: Kernel, tenant: Tenant, clock: Any
) -> None:
    sign_in(browser, tenant.code)
    with kernel.context(tenant.id) as ctx:
        operators.invite_operator(ctx, "bea@acme.test")
    day = clock.now().astimezone(tenant.zone)

    page = browser.get("/admin/operators", headers=SPANISH).text

    assert f">{day.day} " in page
    assert f" {day.year}, " in page
    assert "hace " in page or "ahora" in page


def test_a_page_repeats_a_problem_in_its_own_language(admin: Any) -> None:
    answer = admin.post("/admin/jobs/0195f2d0-0000-7000-8000-000000000001/replay", headers=SPANISH)
    page = admin.get("/admin/jobs", headers=SPANISH).text if answer.status_code == 303 else answer.text

    assert "no hay ningún trabajo 0195f2d0" in page.lower()


def test_what_was_kept_in_english_is_shown_in_the_language(
    admin: Any, kernel: Kernel, tenant: Tenant
) -> None:
    with kernel.context(tenant.id) as ctx:
        job = enqueue(ctx, "core.purge_jobs", {})
    with kernel.database.system() as connection:
        table = JobRow.__table__
        failed = {"state": JobState.DEAD, "error": "ran longer than 60 s"}
        connection.execute(update(table).where(table.c.id == job).values(failed))

    assert "duró más de 60 s" in admin.get("/admin/jobs?state=dead", headers=SPANISH).text
    assert "ran longer than 60 s" in admin.get("/admin/jobs?state=dead").text
