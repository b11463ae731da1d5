"""Dispatches `./jht COMMAND …` inside the environment."""

from __future__ import annotations

import sys
from importlib import import_module

# Module and function; only what the command needs is imported.
COMMANDS = {
    "run": ("commands", "run"),
    "prepare": ("commands", "prepare"),
    "manage": ("commands", "manage"),
    "test": ("testing", "run"),
    "bench": ("benchmark", "run"),
    "probe": ("probe", "run"),
}


def main() -> int:
    name, *arguments = sys.argv[1:] or ["run"]
    if name not in COMMANDS:
        print(f"jht: there is no command {name}; see ./jht help", file=sys.stderr)
        return 2
    module, function = COMMANDS[name]
    return getattr(import_module(f"portal.run.{module}"), function)(arguments)


if __name__ == "__main__":
    sys.exit(main())
