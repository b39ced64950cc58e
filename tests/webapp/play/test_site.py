"""The bettor's demo site is for demos alone, and is drawn by scripts of our own from the public API."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pitboss.core import demo
from pitboss.core.demo import logins
from pitboss.webapp import app as application

STATIC = Path(application.__file__).parent / "static" / "play"
KEY = re.compile(r"^  (?:'([^']+)'|(\w+)): marked", re.M)
CALLED = re.compile(r"\b(?:get|post|patch|fetch|send)\([`'](/[a-z][^`'?]*)")
PAST_HOLE = re.compile(r"\$\{[^}]*\}")


@pytest.fixture
def brand(tenant, monkeypatch) -> Any:
    """A tenant that its file calls a demo: a file of its own would be read by every test after this one."""
    for module in (demo, logins):
        monkeypatch.setattr(module, "codes", lambda _kernel: [tenant.code])
    return tenant


def test_a_demo_is_what_the_file_of_a_tenant_says(kernel):
    assert demo.codes(kernel) == ["demo"]


def test_a_demo_has_a_site_and_other_tenants_have_none(brand, other_tenant, client):
    start = client.get("/play/")

    assert (start.status_code, start.location) == (303, f"/play/{brand.code}/")
    assert client.get(start.location).status_code == 200
    assert client.get(f"/play/{other_tenant.code}/").status_code == 404
    assert client.get("/play/nobody/").status_code == 404


def test_there_is_no_site_where_no_tenant_is_a_demo(kernel, client, monkeypatch):
    monkeypatch.setattr(demo, "codes", lambda _kernel: [])

    assert client.get("/play/").status_code == 404


def test_the_login_is_filled_in_once_the_demo_was_loaded(brand, kernel, client):
    before = client.get(f"/play/{brand.code}/").text
    path = kernel.settings.data / "demo-logins.json"
    path.write_text(json.dumps(dict.fromkeys(logins.EMAILS, "let-me-in")))
    after = client.get(f"/play/{brand.code}/").text

    assert "password=" not in before
    assert 'login="player@demo.test" password="let-me-in"' in after
    assert "admin@demo.test" not in after


def test_the_page_carries_the_strict_policy_and_nothing_inline(brand, client):
    answer = client.get(f"/play/{brand.code}/")

    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", answer.text)


def test_an_app_learns_of_its_tenant_before_anybody_signs_in(tenant, client, disable):
    disable("loyalty")

    told = client.get("/api/v1/site", headers={"X-Tenant": tenant.code}).json

    assert (told["code"], told["currency"], told["currency_places"]) == (tenant.code, tenant.currency, 2)
    assert "betting" in told["plugins"]
    assert not {"loyalty", "core"} & set(told["plugins"])


def test_it_speaks_the_language_that_the_browser_prefers_or_that_was_chosen(brand, client):
    address = f"/play/{brand.code}/"
    spanish = client.get(address, headers={"Accept-Language": "es-AR, en;q=0.8"})
    chosen = client.get(f"{address}?language=en", headers={"Accept-Language": "es"})

    assert (spanish.headers["Content-Language"], spanish.headers["Vary"]) == ("es", "Accept-Language")
    assert '<html lang="es">' in spanish.text
    assert '"Place bet %(total)s": "Apostar %(total)s"' in spanish.text
    assert '<html lang="en">' in chosen.text
    assert "data-texts" not in chosen.text


def test_its_scripts_are_given_no_texts_of_the_admin(brand, client):
    said = client.get(f"/play/{brand.code}/", headers={"Accept-Language": "es"}).text

    assert "Nothing fits." not in said
    assert "Your slip is empty" in said


def test_every_text_that_is_asked_for_is_there():
    scripts = "".join(path.read_text("utf-8") for path in STATIC.glob("*.js"))
    asked = set(re.findall(r"\bt\('([a-z_.A-Z0-9]+)'", scripts))

    assert asked - set(_keys()) == set()


def test_it_calls_only_what_the_document_describes(app):
    paths = app.extensions["pitboss_document"].whole()["paths"]
    shapes = {re.sub(r"\{[^}]*\}", "*", path.removeprefix("/api/v1")) for path in paths}
    scripts = {path.name: path.read_text("utf-8") for path in STATIC.glob("*.js")}
    called = {PAST_HOLE.sub("*", path) for text in scripts.values() for path in CALLED.findall(text)}

    # What begins with /loyalty/me is joined from a table of paths.
    loyalty = set(re.findall(r"'(/[a-z]+)[?']", scripts["rewards.js"]))
    called = {path for path in called if "/me*" not in path} | {f"/loyalty/me{path}" for path in loyalty}
    assert len(called) > 25
    assert {path for path in called if path not in shapes} == set()


def _keys() -> list[str]:
    return [a or b for a, b in KEY.findall((STATIC / "words.js").read_text("utf-8"))]
