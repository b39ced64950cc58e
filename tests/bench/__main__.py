"""`./dev bench [group] [--json]`: measure, print a line a figure, exit 1 when a bar does not hold."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

GROUPS = {
    "kernel": ("http", "ledger", "relay"),
    "rules": ("rules",),
    "rulebook": ("runtime", "segments", "rulebook"),
    "betting": ("betting",),
    "pages": ("pages",),
}


def main() -> int:
    """Run the asked-for benchmarks."""
    modules = [name for names in GROUPS.values() for name in names]
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("group", nargs="?", default="kernel", choices=dict.fromkeys([*GROUPS, *modules]))
    parser.add_argument("--json", action="store_true", help="print one JSON document a line")
    arguments = parser.parse_args()
    does_hold = True
    for name in GROUPS.get(arguments.group, (arguments.group,)):
        for figure in importlib.import_module(f"tests.bench.{name}").figures():
            print(json.dumps(figure.as_json()) if arguments.json else figure.line(), flush=True)
            does_hold &= figure.holds is not False
    return 0 if does_hold else 1


if __name__ == "__main__":
    sys.exit(main())
