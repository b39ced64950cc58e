"""What Ctrl-K finds: pages, players and what plugins know, each only for those who may open it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pitboss.core.contracts import Found
from pitboss.webapp import app as application

PLUGIN = "acme_sample"
PALETTE = Path(application.__file__).parent / "static" / "admin" / "palette.js"
SCRIPT_BYTES_MAX = 5_000


@pytest.fixture
def finding(part_of_sample) -> Any:
    """Let the sample plugin find things: `finding(function)`."""
    return lambda find: part_of_sample(find=find)


def test_without_a_text_it_lists_the_whole_menu(admin):
    found = admin.get("/admin/find").text

    assert 'href="/admin/audit"' in found
    assert f'href="/admin/{PLUGIN}/"' in found


def test_pages_are_found_by_words_of_their_names(admin):
    found = admin.get("/admin/find?q=audit tr").text

    assert found.count('role="option"') == 1
    assert 'href="/admin/audit"' in found


def test_an_operator_finds_only_what_they_may_open(make_client, tenant, player_in):
    player_in(tenant)

    found = make_client("operator", "core.jobs").get("/admin/find?q=grace").text
    menu = make_client("operator", "core.jobs").get("/admin/find").text

    assert "Nothing is called “grace”" in found
    assert 'href="/admin/audit"' not in menu


def test_a_player_is_found_by_address_and_by_id(admin, tenant, player_in):
    player_id = player_in(tenant)

    for text in ("grace@", str(player_id)):
        assert f'href="/admin/players/{player_id}"' in admin.get(f"/admin/find?q={text}").text


def test_nobody_of_another_tenant_is_found(admin, other_tenant, player_in):
    player_id = player_in(other_tenant)

    found = admin.get("/admin/find?q=grace").text + admin.get(f"/admin/find?q={player_id}").text

    assert "/admin/players/" not in found


def test_a_plugin_finds_what_its_pages_show(admin, finding):
    finding(
        lambda _ctx, text: (Found(f"Card {n} <{text}>", f"/admin/{PLUGIN}/{n}", "sealed") for n in range(9))
    )

    found = admin.get("/admin/find?q=gold").text

    assert "Scratch cards" in found
    assert "Card 0 &lt;gold&gt;" in found
    assert f'href="/admin/{PLUGIN}/5"' in found
    assert f'href="/admin/{PLUGIN}/6"' not in found


def test_a_plugin_is_not_asked_without_its_permission_or_when_it_is_off(make_client, admin, finding, disable):
    finding(lambda _ctx, _text: [Found("A card", f"/admin/{PLUGIN}/1")])
    unpermitted = make_client("operator", "core.players").get("/admin/find?q=card").text
    disable(PLUGIN)

    assert "A card" not in unpermitted + admin.get("/admin/find?q=card").text


def test_a_plugin_that_fails_leaves_the_others_what_they_find(admin, tenant, player_in, finding):
    player_in(tenant)

    def fail(_ctx: Any, _text: str) -> Any:
        raise RuntimeError("no index")

    finding(fail)

    assert "grace@mail.test" in admin.get("/admin/find?q=grace").text


def test_players_do_not_get_in_and_the_script_is_small(make_client):
    assert make_client("player").get("/admin/find?q=a").status_code == 403
    assert PALETTE.stat().st_size < SCRIPT_BYTES_MAX


def test_pages_behind_tabs_are_found_by_those_who_may_open_them(admin, make_client):
    assert 'href="/admin/notifications/templates"' in admin.get("/admin/find?q=texts").text
    viewer = make_client("operator", "core.players")

    assert 'href="/admin/notifications/templates"' not in viewer.get("/admin/find?q=texts").text


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("missions", "/admin/loyalty/missions"),
        ("refusals", "/admin/betting/bets/refusals"),
        ("reconciliation", "/admin/payments/reconciliation"),
        ("imports", "/admin/sports/imports"),
        ("segments", "/admin/rules/segments"),
    ],
)
def test_pages_of_plugins_are_found_by_the_ends_of_their_addresses(admin, enable, text, path):
    for plugin in ("sports", "betting", "payments", "loyalty"):
        enable(plugin)

    assert f'href="{path}"' in admin.get(f"/admin/find?q={text}").text


def test_a_report_is_found_by_its_title_by_those_who_may_read_it(admin, enable, make_client):
    for plugin in ("sports", "betting"):
        enable(plugin)
    viewer = make_client("operator", "core.players")

    assert "/admin/reports/betting." in admin.get("/admin/find?q=turnover").text
    assert "/admin/reports/betting." not in viewer.get("/admin/find?q=turnover").text
