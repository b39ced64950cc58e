"""Outgoing webhooks: a tenant's events, signed, delivered with retries, each attempt on record."""

from pitboss.core.webhooks.delivery import (
    deliver,
    find_delivery,
    list_deliveries,
    ping,
    replay,
)
from pitboss.core.webhooks.endpoints import (
    Endpoint,
    create_endpoint,
    delete_endpoint,
    find_endpoint,
    list_endpoints,
    rotate_secret,
    update_endpoint,
)
from pitboss.core.webhooks.tables import DeliveryState

__all__ = [
    "DeliveryState",
    "Endpoint",
    "create_endpoint",
    "delete_endpoint",
    "deliver",
    "find_delivery",
    "find_endpoint",
    "list_deliveries",
    "list_endpoints",
    "ping",
    "replay",
    "rotate_secret",
    "update_endpoint",
]
