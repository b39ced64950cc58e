"""The event stream: in order, of one tenant, resumable, capped."""

from __future__ import annotations

import json

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.errors import Unavailable
from pitboss.webapp import tail
from pitboss.webapp.stream import Streams
from pitboss.webapp.tail import Watcher

FOLLOWERS = 500
PATH = "/api/v1/events/stream"


def emit(kernel, tenant, times, player_id=None, name="bells.rung"):
    with kernel.context(tenant.id) as ctx:
        return ctx.emit(name, {"times": times}, player_id=player_id).id


def read(answer, count):
    """Read some events of a stream, then leave it."""
    lines = (line.decode() for line in answer.response)
    events = []
    for line in lines:
        if "event: bells." in line:
            parts = dict(part.split(": ", 1) for part in line.strip().split("\n"))
            events.append(json.loads(parts["data"]) | {"last_id": parts["id"]})
        if len(events) == count:
            break
    answer.close()
    return events


def test_a_stream_resumes_after_the_last_id(client, kernel, tenant, key):
    first = emit(kernel, tenant, 1)
    emit(kernel, tenant, 2)

    answer = client.get(PATH, headers=key | {"Last-Event-ID": str(first)})

    assert 2 in [event["payload"]["times"] for event in read(answer, 2)]


def test_events_of_another_tenant_never_show(client, kernel, tenant, other_tenant, key):
    first = emit(kernel, tenant, 1)
    emit(kernel, other_tenant, 66)
    emit(kernel, tenant, 2)

    answer = client.get(PATH, headers=key | {"Last-Event-ID": str(first)})

    assert [event["payload"]["times"] for event in read(answer, 2)] == [1, 2]


def test_a_player_follows_only_their_own(client, kernel, tenant, player_of):
    player_id, headers = player_of(tenant)
    first = emit(kernel, tenant, 1, player_id)
    emit(kernel, tenant, 66)
    emit(kernel, tenant, 2, player_id)

    answer = client.get(PATH, headers=headers | {"Last-Event-ID": str(first)})

    assert [event["payload"]["times"] for event in read(answer, 2)] == [1, 2]


def test_a_player_follows_what_is_public_and_of_nobody(client, kernel, tenant, player_of):
    _, headers = player_of(tenant)
    other_id = uuid7()
    first = emit(kernel, tenant, 1, name="bells.chimed")
    emit(kernel, tenant, 66, other_id, name="bells.chimed")
    emit(kernel, tenant, 2, name="bells.chimed")

    answer = client.get(PATH, headers=headers | {"Last-Event-ID": str(first)})

    assert [event["payload"]["times"] for event in read(answer, 2)] == [1, 2]


def test_only_the_names_that_were_asked_for_are_followed(client, kernel, tenant, key):
    first = emit(kernel, tenant, 1)
    emit(kernel, tenant, 66, name="bells.chimed")
    emit(kernel, tenant, 2)

    answer = client.get(f"{PATH}?name=bells.rung", headers=key | {"Last-Event-ID": str(first)})

    assert [event["payload"]["times"] for event in read(answer, 2)] == [1, 2]


def test_an_event_reaches_five_hundred_streams_by_few_reads(kernel, tenant):
    streams = Streams(kernel, FOLLOWERS)
    followed = [streams.open(tenant.id, None, Watcher(public=frozenset())) for _ in range(FOLLOWERS)]
    begun = [next(one) for one in followed]

    emit(kernel, tenant, 7)

    assert len(begun) == FOLLOWERS
    assert all(b'"times":7' in next(one) for one in followed)
    assert streams.reads(tenant.id) < FOLLOWERS / 10
    for one in followed:
        one.close()
    assert streams.count == 0


def test_a_stream_that_fell_behind_ends_so_that_its_client_resumes(kernel, tenant, monkeypatch):
    monkeypatch.setattr(tail, "KEPT_EVENTS_MAX", 2)
    streams = Streams(kernel, 1)
    slow = streams.open(tenant.id, None)
    for times in range(3):
        emit(kernel, tenant, times)

    assert len(list(slow)) == 1
    slow.close()


def test_a_stream_needs_the_permission(client, tenant, key_of):
    assert client.get(PATH, headers=key_of(tenant, "core.audit")).status_code == 403


def test_too_many_streams_are_refused(app, client, key):
    app.extensions["pitboss_streams"].connections_max = 1
    first = client.get(PATH, headers=key)

    second = client.get(PATH, headers=key)
    first.close()

    assert second.status_code == 503
    assert "Retry-After" in second.headers
    assert app.extensions["pitboss_streams"].count == 0


def test_a_stopping_server_ends_its_streams(kernel, tenant):
    streams = Streams(kernel, 1)
    streams.stopping.set()

    lines = streams.open(tenant.id, None)

    assert len(list(lines)) == 1
    lines.close()
    lines.close()
    assert streams.count == 0


def test_a_stream_beyond_the_cap_is_refused(kernel, tenant):
    with pytest.raises(Unavailable, match="0 event streams are open"):
        Streams(kernel, 0).open(tenant.id, None)
