"""How long what several tables keep may be."""

from __future__ import annotations

CODE_LENGTH_MAX = 64
ACTOR_LENGTH_MAX = 160
