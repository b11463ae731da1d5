"""`./jht bench [NAME…]`: the modules of bench/, each on its own database prepared as for the tests but
durable as in production.

A benchmark is a module `bench/NAME.py` with `main(arguments) -> int`. It runs as the application's role,
prints its numbers with the baseline measured in the same run, and returns 0 when the ratio it stands for was
reached.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence

from portal.run import scratch
from portal.run.layout import ROOT, InUse
from portal.run.messages import complain, say
from portal.run.preparation import Preparation
from portal.run.processes import Interrupted, StartFailed
from portal.run.supervisor import Supervisor


def names() -> list[str]:
    """The modules of bench/ that can be run; the others help them."""
    files = (ROOT / "bench").glob("*.py")
    return sorted(file.stem for file in files if "\ndef main(" in file.read_text(encoding="utf-8"))


def run(arguments: Sequence[str]) -> int:
    """Runs the named benchmarks, or all. What stands behind `--` is passed on. The number of those that
    failed, at most 1.
    """
    end_of_names = list(arguments).index("--") if "--" in arguments else len(arguments)
    chosen, passed_on = list(arguments[:end_of_names]) or names(), arguments[end_of_names + 1 :]
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        complain(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(names())}")
        return 2
    failed = []
    for name in chosen:
        supervisor = Supervisor(quiet_end=True)
        try:
            with scratch.servers(supervisor, durable=True) as (folders, env):
                Preparation(supervisor, folders, env).database()
                say(f"benchmark {name}")
                if scratch.call(
                    supervisor, [sys.executable, "-m", "portal.run.benchmark", name, *passed_on], env
                ):
                    failed.append(name)
        except Interrupted:
            return 130
        except (InUse, StartFailed) as error:
            complain(f"{name}: {error}")
            failed.append(name)
    if failed:
        complain(f"not reached: {', '.join(failed)}")
    return 1 if failed else 0


def main() -> int:
    """One benchmark inside the prepared environment."""
    import django

    django.setup()
    name, *arguments = sys.argv[1:]
    module = importlib.import_module(f"bench.{name}")
    # As the web server and the workers do with what they have loaded.
    gc.collect()
    gc.freeze()
    return int(module.main(arguments) or 0)


if __name__ == "__main__":
    sys.exit(main())
