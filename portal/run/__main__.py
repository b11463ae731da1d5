"""Dispatches `./jht COMMAND …` inside the environment."""

from __future__ import annotations

import sys

from portal.run import benchmark, commands, probe, testing

COMMANDS = {
    "run": commands.run,
    "prepare": commands.prepare,
    "manage": commands.manage,
    "test": testing.run,
    "bench": benchmark.run,
    "probe": probe.run,
}


def main() -> int:
    name, *arguments = sys.argv[1:] or ["run"]
    if name not in COMMANDS:
        print(f"jht: there is no command {name}; see ./jht help", file=sys.stderr)
        return 2
    return COMMANDS[name](arguments)


if __name__ == "__main__":
    sys.exit(main())
