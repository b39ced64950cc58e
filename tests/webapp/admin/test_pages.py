"""Laws of every page: permissions, tenants, disabled plugins, other sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant
from pitboss.core.tenancy.toggle import disable

PLUGIN = "acme_sample"
LISTS = {
    "/admin/players": "core.players",
    "/admin/jobs": "core.jobs",
    "/admin/events": "core.events",
    "/admin/notifications": "core.notifications",
    "/admin/notifications/templates": "core.notifications",
    "/admin/webhooks": "core.webhooks",
    "/admin/plugins": "core.plugins",
    f"/admin/plugins/{PLUGIN}": "core.plugins",
    "/admin/operators": "core.operators",
    "/admin/roles": "core.operators",
    "/admin/roles/support": "core.operators",
    "/admin/api-keys": "core.api_keys",
    "/admin/audit": "core.audit",
    "/admin/audit/export.csv": "core.audit",
    f"/admin/{PLUGIN}/": "acme_sample.cards",
}
FOREIGN = (
    "/admin/players/{id}",
    "/admin/players/{id}/activity",
    "/admin/operators/{id}",
    "/admin/webhooks/{id}",
    "/admin/notifications/{id}",
)


def test_every_page_opens_with_its_permission(make_client: Callable[..., Any]) -> None:
    answers = {path: make_client("operator", name).get(path).status_code for path, name in LISTS.items()}

    assert answers == dict.fromkeys(LISTS, 200)


def test_every_page_is_refused_without_its_permission(make_client: Callable[..., Any]) -> None:
    nobody = make_client("operator", "core.nothing")

    for path, permission in LISTS.items():
        answer = nobody.get(path)
        assert (path, answer.status_code, answer.mimetype) == (path, 403, "text/html")
        assert permission in answer.text


def test_the_menu_shows_only_what_an_operator_may_open(make_client: Callable[..., Any]) -> None:
    menu = make_client("operator", "core.players").get("/admin/").text

    assert 'href="/admin/players"' in menu
    assert 'href="/admin/jobs"' not in menu
    assert f'href="/admin/{PLUGIN}/"' not in menu


def test_a_stranger_is_sent_to_sign_in(make_client: Callable[..., Any]) -> None:
    stranger = make_client()

    for path in ("/admin/", "/admin/players", f"/admin/{PLUGIN}/"):
        answer = stranger.get(path)
        assert (path, answer.status_code) == (path, 303)
        assert answer.location.startswith("/admin/sign-in?next=")


def test_a_player_may_not_enter_the_admin(make_client: Callable[..., Any]) -> None:
    assert make_client("player").get("/admin/").status_code == 403


def test_what_does_not_exist_here_is_not_found(admin: Any) -> None:
    answers = [admin.get(path.format(id=uuid4())).status_code for path in FOREIGN]

    assert answers == [404] * len(FOREIGN)


NAVIGATION = 'aria-label="Main"'


@pytest.mark.parametrize("path", ["/admin/no-such-page", "/admin/players/{id}", "/admin/tenants"])
def test_an_error_keeps_the_operators_navigation(path: str, admin: Any) -> None:
    answer = admin.get(path.format(id=uuid4()))

    assert answer.status_code in (403, 404)
    assert NAVIGATION in answer.text


def test_the_gone_page_of_a_disabled_plugin_keeps_the_navigation(
    admin: Any, kernel: Kernel, tenant: Tenant
) -> None:
    with kernel.context(tenant.id) as ctx:
        disable(ctx, PLUGIN)
    kernel.tenants.forget()

    assert NAVIGATION in admin.get(f"/admin/{PLUGIN}/").text


def test_a_stranger_sees_no_navigation(make_client: Callable[..., Any]) -> None:
    answer = make_client().get("/admin/no-such-page")

    assert answer.status_code == 404
    assert NAVIGATION not in answer.text


def test_a_player_of_another_tenant_is_not_found(
    admin: Any, other_tenant: Tenant, player_in: Callable[[Tenant], UUID]
) -> None:
    stranger = player_in(other_tenant)

    assert admin.get(f"/admin/players/{stranger}").status_code == 404
    assert "Grace" not in admin.get("/admin/players").text
    assert admin.post(f"/admin/players/{stranger}/lock", data={"reason": "x"}).status_code == 404


def test_a_disabled_plugins_page_and_menu_are_gone(admin: Any, kernel: Kernel, tenant: Tenant) -> None:
    with kernel.context(tenant.id) as ctx:
        disable(ctx, PLUGIN)
    kernel.tenants.forget()

    assert admin.get(f"/admin/{PLUGIN}/").status_code == 404
    assert f'href="/admin/{PLUGIN}/"' not in admin.get("/admin/").text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused(site: str, admin: Any) -> None:
    answer = admin.post("/admin/plugins/acme_sample/off", headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403
    assert "another site" in answer.text


def test_a_form_that_does_not_say_where_it_is_from_is_refused(admin: Any) -> None:
    del admin.environ_base["HTTP_SEC_FETCH_SITE"]

    assert admin.post("/admin/plugins/acme_sample/off").status_code == 403


def test_an_old_browsers_origin_is_enough(admin: Any) -> None:
    del admin.environ_base["HTTP_SEC_FETCH_SITE"]

    answer = admin.post("/admin/plugins/acme_sample/off", headers={"Origin": "http://localhost"})

    assert answer.status_code == 303


def test_only_the_platforms_operators_see_tenants(admin: Any) -> None:
    assert admin.get("/admin/tenants").status_code == 403
    assert 'href="/admin/tenants"' not in admin.get("/admin/").text


def test_no_page_carries_inline_code_or_styles(admin: Any) -> None:
    for path in LISTS:
        text = admin.get(path).text
        found = [word for word in (" style=", "<style", " onclick=", "<script>") if word in text]
        assert (path, found) == (path, [])
