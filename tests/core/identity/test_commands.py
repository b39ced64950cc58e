"""`pitboss operator` lets people in without a password ever standing on a command line."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from pitboss.core.errors import NotFound
from pitboss.core.identity import resets, sessions
from pitboss.core.identity.commands import operator as command
from tests.core.identity.people import EMAIL, OPERATOR_PASSWORD


@pytest.fixture
def run(kernel):
    """Run `pitboss operator ...`; return what it prints."""

    def call(*arguments):
        return CliRunner().invoke(command, list(arguments), obj=lambda: kernel, catch_exceptions=False).output

    return call


def test_the_first_administrator_is_invited_by_a_link(do, tenant, run):
    token = _token_of(run("invite", tenant.code, EMAIL))

    do(tenant, resets.reset_password, token, OPERATOR_PASSWORD)

    assert do(tenant, sessions.sign_in_operator, EMAIL, OPERATOR_PASSWORD)
    assert re.search(rf"{EMAIL} +active +administrator", run("list", tenant.code))


def test_an_operator_who_forgot_gets_a_new_link(do, tenant, administrator, run):
    token = _token_of(run("reset", tenant.code, EMAIL.upper()))

    do(tenant, resets.reset_password, token, "twelve white fences")

    assert do(tenant, sessions.sign_in_operator, EMAIL, "twelve white fences")


def test_an_operator_of_another_tenant_gets_none(other_tenant, administrator, run):
    with pytest.raises(NotFound, match="no operator"):
        run("reset", other_tenant.code, EMAIL)


def _token_of(output):
    return re.search(r"/admin/invitation\?token=(\S+)", output)[1]
