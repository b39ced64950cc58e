"""`python -m pitboss.rules`: the commands of `pitboss rules` alone, without the rest of the platform."""

from __future__ import annotations

from pitboss.rules.commands import rules

if __name__ == "__main__":
    rules(prog_name="python -m pitboss.rules")
