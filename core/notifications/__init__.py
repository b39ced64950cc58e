"""Notifications: texts from templates, sent over channels that the player wants, each step on record."""

from pitboss.core.contracts import Channel
from pitboss.core.notifications.inbox import Message, inbox, mark_read, unread_count
from pitboss.core.notifications.log import find_notification, list_notifications, report
from pitboss.core.notifications.queueing import notify, notify_operator, notify_operators
from pitboss.core.notifications.tables import Category, State
from pitboss.core.notifications.templates import (
    Template,
    delete_template,
    list_templates,
    save_template,
)

__all__ = [
    "Category",
    "Channel",
    "Message",
    "State",
    "Template",
    "delete_template",
    "find_notification",
    "inbox",
    "list_notifications",
    "list_templates",
    "mark_read",
    "notify",
    "notify_operator",
    "notify_operators",
    "report",
    "save_template",
    "unread_count",
]
