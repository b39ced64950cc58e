"""The API document: committed, current, valid, and only what a tenant can call."""

from __future__ import annotations

import json

from openapi_spec_validator import validate

from pitboss.webapp.commands import DOCUMENT, as_text, core_document


def test_the_committed_document_is_current():
    assert DOCUMENT.read_text("utf-8") == as_text(core_document()), "run: pitboss openapi"


def test_the_document_is_valid_openapi():
    validate(json.loads(DOCUMENT.read_text("utf-8")))


def test_the_served_document_is_valid_openapi(client):
    validate(client.get("/api/openapi.json").json)


def test_every_operation_has_a_name_security_and_a_problem(client):
    document = client.get("/api/openapi.json").json
    operations = [o for item in document["paths"].values() for o in item.values()]

    assert len({o["operationId"] for o in operations}) == len(operations)
    assert all("security" in o and "default" in o["responses"] for o in operations)
    assert set(document["components"]["securitySchemes"]) == {"bearer", "apiKey"}


def test_a_hot_endpoint_stands_in_the_document(client):
    document = client.get("/api/openapi.json").json

    body = document["paths"]["/api/v1/bells/bets"]["post"]["requestBody"]["content"]["application/json"]
    name = body["schema"]["$ref"].rsplit("/", 1)[1]
    assert document["components"]["schemas"][name]["properties"]["stake"] == {"type": "integer"}


def test_money_is_documented_as_text(client):
    schemas = client.get("/api/openapi.json").json["components"]["schemas"]

    thing = next(s["properties"] for s in schemas.values() if "price" in s.get("properties", {}))
    assert thing["price"]["type"] == "string"
    assert thing["weight"] == {"type": "string", "format": "decimal"}, (
        "the bounds of a number are none of its text"
    )


def test_a_tenants_document_shows_its_plugins_only(client, make_tenant):
    with_bells, without = make_tenant("bells"), make_tenant()

    def paths(tenant):
        return client.get("/api/openapi.json", headers={"X-Tenant": tenant.code}).json["paths"]

    assert "/api/v1/bells/ring" in paths(with_bells)
    assert not any("bells" in path for path in paths(without))


def test_the_docs_page_loads_nothing_from_outside(client):
    page = client.get("/api/docs").get_data(as_text=True)

    assert "http" not in page.replace("http-equiv", "")
    assert "<script>" not in page
    with client.get("/static/docs.js") as script:
        assert script.status_code == 200
