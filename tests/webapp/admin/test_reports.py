"""The pages of reports: looked at, downloaded, saved, removed."""

from __future__ import annotations

from datetime import timedelta

import pytest

REPORT = "/admin/reports/core.registrations"
FORM = {"name": "Every Monday", "days": "7", "format": "pdf", "cron": ""}


def test_reports_are_listed_for_those_who_may_read_them(admin, make_client):
    listed = admin.get("/admin/reports").text
    assert "Registrations" in listed
    assert "Nothing saved yet" in listed
    clerk = make_client("operator", "core.jobs")
    assert "No report for you" in clerk.get("/admin/reports").text
    assert clerk.get(REPORT).status_code == 403


def test_a_report_shows_its_span_and_is_downloaded(admin, player_in, tenant, clock):
    player_in(tenant)
    today = clock.now().astimezone(tenant.zone).date()
    span = f"first={today - timedelta(days=1)}&last={today}"

    shown = admin.get(f"{REPORT}?{span}").text
    csv, pdf = (admin.get(f"{REPORT}?{span}&format={kind}") for kind in ("csv", "pdf"))

    assert f'value="{today}"' in shown
    assert "<rect" in shown
    assert csv.text.splitlines()[0] == "Day,New players,Players at the end"
    assert len(csv.text.splitlines()) == 3
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert f"core.registrations-{today - timedelta(days=1)}-{today}.pdf" in pdf.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("first=soon", "first: &#39;soon&#39; is no day"),
        ("first=2026-02-02&last=2026-02-01", "a span ends after it begins"),
    ],
)
def test_a_span_that_makes_no_sense_is_said_on_the_page(admin, asked, problem):
    answer = admin.get(f"{REPORT}?{asked}&format=csv")
    assert answer.mimetype == "text/html"
    assert problem in answer.text


def test_a_report_is_saved_shown_and_removed(admin):
    saved = admin.post(f"{REPORT}/save", data=FORM)
    assert saved.status_code == 303, saved.text
    assert "Every Monday" in admin.get("/admin/reports").text
    page = admin.get(saved.location).text
    assert "Nothing was made yet" in page
    assert "the last 7 days, as PDF" in page

    admin.post(f"{saved.location}/remove")

    assert "Nothing saved yet" in admin.get("/admin/reports").text
    assert admin.get(saved.location).status_code == 404


def test_what_cannot_be_saved_is_said_and_nothing_kept(admin):
    admin.post(f"{REPORT}/save", data={**FORM, "days": "many"})
    page = admin.get("/admin/reports").text
    assert "days: &#39;many&#39; is no whole number" in page
    assert "Nothing saved yet" in page


def test_pictures_write_money_as_money_and_name_their_ends(admin, clock, tenant):
    today = clock.now().astimezone(tenant.zone).date()

    shown = admin.get(f"/admin/reports/betting.turnover?first={today}&last={today}").text

    assert f"0.00 {tenant.currency} at most" in shown
    assert f": 0.00 {tenant.currency}</title>" in shown
    assert f"highest: 0.00 {tenant.currency}" in shown
    assert shown.count(f"<span>{today.day} ") == 4
