"""Laws of signing in and out of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from pitboss.core.identity.operators import ensure_first_operator
from pitboss.core.identity.sessions import IDLE_MINUTES_MAX
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import PLATFORM_ID, Tenant
from pitboss.core.testing.web import Apps
from pitboss.webapp.admin.confirm import CONFIRMED_MINUTES

EMAIL, PASSWORD = "ann@acme.test", "correct horse battery staple"
PLATFORM = "pat@platform.test"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def browser(app: Flask, kernel: Kernel, tenant: Tenant) -> Iterator[Any]:
    """A client with a cookie jar, and nobody signed in."""
    ensure_first_operator(kernel, tenant.id, EMAIL, PASSWORD)
    ensure_first_operator(kernel, PLATFORM_ID, PLATFORM, PASSWORD)
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


def sign_in(browser: Any, tenant: str, email: str = EMAIL, password: str = PASSWORD, back: str = "") -> Any:
    form = {"tenant": tenant, "email": email, "password": password, "next": back}
    return browser.post("/admin/sign-in", data=form)


def test_an_operator_signs_in_and_out(browser: Any, tenant: Tenant) -> None:
    assert sign_in(browser, tenant.code).location == "/admin/"
    assert EMAIL in browser.get("/admin/").text

    secret = browser.get_cookie("pitboss_session").value
    assert browser.post("/admin/sign-out").location == "/admin/sign-in"
    browser.set_cookie("pitboss_session", secret)

    assert browser.get("/admin/").status_code == 303


def test_the_session_cookie_is_out_of_reach(browser: Any, tenant: Tenant) -> None:
    cookie = next(h for h in sign_in(browser, tenant.code).headers.getlist("Set-Cookie") if "pbs_" in h)

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


@pytest.mark.parametrize("wrong", ["tenant", "email", "password"])
def test_nobody_learns_what_was_wrong(wrong: str, browser: Any, tenant: Tenant) -> None:
    right = {"tenant": tenant.code, "email": EMAIL, "password": PASSWORD}

    answer = sign_in(browser, **(right | {wrong: "nobody@nowhere.test"}))

    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    ("back", "target"),
    [
        ("/admin/jobs?state=dead", "/admin/jobs?state=dead"),
        ("https://evil.test/admin/", "/admin/"),
        ("//evil.test/admin/", "/admin/"),
        ("/admin\\evil", "/admin/"),
        ("/administrator", "/admin/"),
    ],
)
def test_signing_in_leads_back_to_our_own_pages_only(
    back: str, target: str, browser: Any, tenant: Tenant
) -> None:
    assert sign_in(browser, tenant.code, back=back).location == target


def test_an_idle_session_ends(browser: Any, tenant: Tenant, clock: Any) -> None:
    sign_in(browser, tenant.code)

    clock.advance(minutes=IDLE_MINUTES_MAX + 1)

    assert browser.get("/admin/").status_code == 303


def test_another_tenants_operator_does_not_sign_in_here(browser: Any, other_tenant: Tenant) -> None:
    assert sign_in(browser, other_tenant.code).status_code == 401


def test_a_platform_operator_works_in_a_tenant_and_leaves_it(browser: Any, tenant: Tenant) -> None:
    sign_in(browser, "platform", PLATFORM)

    browser.post("/admin/tenants/switch", data={"code": tenant.code})
    there = browser.get("/admin/acme_sample/")
    browser.post("/admin/tenants/leave")

    assert there.status_code == 200
    assert tenant.name in there.text
    assert browser.get("/admin/acme_sample/").status_code == 404


def test_a_tenants_operator_cannot_switch(browser: Any, tenant: Tenant, other_tenant: Tenant) -> None:
    sign_in(browser, tenant.code)
    browser.set_cookie("pitboss_tenant", other_tenant.code)

    assert browser.post("/admin/tenants/switch", data={"code": other_tenant.code}).status_code == 403
    assert tenant.name in browser.get("/admin/").text
    assert other_tenant.name not in browser.get("/admin/").text


def test_an_invited_operator_chooses_a_password(browser: Any, tenant: Tenant) -> None:
    sign_in(browser, tenant.code)
    page = browser.post("/admin/operators", data={"email": "lee@acme.test", "roles": ["viewer"]}).text
    link = next(word for word in page.split() if "/admin/invitation?" in word).split(">")[1].split("<")[0]
    token = parse_qs(urlsplit(link).query)["token"][0]
    browser.post("/admin/sign-out")

    answer = browser.post("/admin/invitation", data={"token": token, "new": "a long new sentence"})

    assert answer.status_code == 303
    assert sign_in(browser, tenant.code, "lee@acme.test", "a long new sentence").status_code == 303
    assert browser.get("/admin/operators").status_code == 403


def test_a_changed_password_is_the_one_that_counts(browser: Any, tenant: Tenant) -> None:
    sign_in(browser, tenant.code)

    wrong = browser.post("/admin/account/password", data={"old": "wrong", "new": "another long sentence"})
    right = browser.post("/admin/account/password", data={"old": PASSWORD, "new": "another long sentence"})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert sign_in(browser, tenant.code).status_code == 401


def test_lasting_access_is_given_only_soon_after_the_password(
    browser: Any, tenant: Tenant, clock: Any
) -> None:
    key = {"name": "Website", "permissions": ["core.players"]}
    sign_in(browser, tenant.code)
    clock.advance(minutes=CONFIRMED_MINUTES + 1)

    asked = browser.post("/admin/api-keys", data=key, headers={"Referer": "http://localhost/admin/api-keys"})
    wrong = browser.post("/admin/confirm", data={"password": "wrong"})
    right = browser.post("/admin/confirm", data={"password": PASSWORD, "next": "/admin/api-keys"})

    assert asked.location == "/admin/confirm?next=/admin/api-keys"
    assert (wrong.status_code, right.location) == (401, "/admin/api-keys")
    assert "shown once" in browser.post("/admin/api-keys", data=key).text


def test_secure_cookies_are_bound_to_this_host(kernel: Kernel, tenant: Tenant) -> None:
    ensure_first_operator(kernel, tenant.id, EMAIL, PASSWORD)
    kernel.settings = replace(kernel.settings, secure_cookies=True)
    browser = Apps().of(kernel).test_client()
    browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"

    set_cookies = sign_in(browser, tenant.code).headers.getlist("Set-Cookie")

    session = next(cookie for cookie in set_cookies if "pbs_" in cookie)
    assert session.startswith("__Host-pitboss_session=")
    assert "Secure" in session
