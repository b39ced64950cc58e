"""A tenant decides about its rulebook in its file, over the API, or not at all."""

from __future__ import annotations

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.core.tenancy import toggle
from pitboss.core.tenancy.files import read_tenant_file

FILE = """
name = "Acme"
[plugins.rules]
settings = {approvals_required = 2}
"""


def test_without_a_word_the_defaults_hold(ctx) -> None:
    assert dict(ctx.settings("rules")) == {
        "simulation_required": False,
        "approvals_required": 1,
        "judgement_days_kept": 400,
    }


def test_a_tenants_file_sets_the_rulebook(kernel, tmp_path) -> None:
    path = tmp_path / f"rulebook-{abs(hash(tmp_path)):x}.toml"
    path.write_text(FILE)

    assert toggle.apply_file(kernel, read_tenant_file(path))

    with kernel.context(kernel.tenants.id_of(path.stem)) as ctx:
        assert ctx.settings("rules")["approvals_required"] == 2
        assert ctx.settings("rules")["judgement_days_kept"] == 400


def test_the_rulebook_is_set_over_the_api_and_never_switched_off(desk_of) -> None:
    root = desk_of("root", "core.plugins").client
    path = "/api/v1/plugins/rules"
    etag = {"If-Match": root.get(path).headers["ETag"]}

    set_to = root.put(f"{path}/settings", json={"settings": {"approvals_required": 2}}, headers=etag)

    assert set_to.json["settings"]["approvals_required"] == 2
    assert root.post(f"{path}/disable", json={}).status_code == 422


@pytest.mark.parametrize("values", [{"approvals_required": 3}, {"approvals": 1}, {"judgement_days_kept": 0}])
def test_a_setting_that_does_not_fit_is_refused(values, ctx) -> None:
    with pytest.raises(InvalidInput, match=r"plugins\.rules\.settings"):
        toggle.configure(ctx, "rules", values)
