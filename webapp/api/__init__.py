"""The core API: each module here offers one `blueprint`, found by its file and mounted under /api/v1.

A module is a `pitboss.core.http.Blueprint` with a `url_prefix` such as "/players"; each view declares
who may call it (`public`, `signed_in`, `player_only`, `requires(...)`, `platform_only(...)`), takes
schema instances, reads `current()` for its unit of work, and raises the errors of `core/errors.py`.
"""
