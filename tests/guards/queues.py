"""What is wrong between tasks, queues, workers, the clock and the variables: each function names the faults of what it
is given, so that a guard can ask them about ours and a test about an altered copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

# A value that the compose file takes from whoever starts it: ${NAME}, ${NAME:-…}; $$ is a dollar.
_TAKEN = re.compile(r"(?<!\$)\$\{(\w+)")
# The sentence of docs/OPERATING.md on what the compose file takes besides.
_BESIDES = re.compile(r"^With `docker-compose\.yml` besides: (.*?)\. ", re.MULTILINE)


def is_worker(command: Any) -> bool:
    return isinstance(command, list) and command[:1] == ["celery"] and "worker" in command


def consumed_by(command: list[str], known: Collection[str]) -> set[str]:
    """The queues that a worker's command takes from: all that are known when it names none."""
    if "--queues" not in command:
        return set(known)
    return set(command[command.index("--queues") + 1].split(","))


def queue_faults(
    commands: Iterable[list[str]],
    *,
    known: Collection[str],
    tasks: Iterable[str],
    routed: Iterable[str],
    queue_of: Callable[[str], str],
) -> list[str]:
    """Queues without a worker, workers of queues that are none, routes of tasks that do not exist."""
    served = {queue for command in commands for queue in consumed_by(command, known)}
    tasks = set(tasks)
    faults = [f"no worker takes from {queue}" for queue in known if queue not in served]
    faults += [f"a worker takes from {queue}, which no task goes to" for queue in sorted(served - set(known))]
    faults += [
        f"{task} goes to {queue_of(task)}, which no worker takes from"
        for task in sorted(tasks)
        if queue_of(task) not in served
    ]
    return faults + [f"{name} has a queue and is no task" for name in sorted(set(routed) - tasks)]


def clock_faults(
    entries: Mapping[str, Mapping[str, Any]],
    *,
    tasks: Collection[str],
    served: Collection[str],
    queue_of: Callable[[str], str],
    expected: Iterable[str] = (),
) -> list[str]:
    """Entries of the clock whose task does not exist or is never taken, and entries that are missing."""
    faults = [
        f"{name} of {', '.join(sorted(entries))[:60]}… is missing" for name in expected if name not in entries
    ]
    for name, entry in entries.items():
        task = entry["task"]
        queue = (entry.get("options") or {}).get("queue") or queue_of(task)
        if task not in tasks:
            faults.append(f"{name} runs {task}, which is no task")
        if queue not in served:
            faults.append(f"{name} goes to {queue}, which no worker takes from")
    return faults


def given_to(service: Mapping[str, Any]) -> set[str]:
    """The variables that a service is given, without the _FILE of those that come from one."""
    return {str(name).removesuffix("_FILE") for name in service.get("environment") or {}}


def variable_faults(
    compose: str,
    services: Mapping[str, Mapping[str, Any]],
    *,
    ours: Collection[str],
    read: Collection[str],
    documented: Collection[str],
    page: str,
) -> list[str]:
    """Variables of the compose file that nobody reads or no page explains, and explained ones that are not there."""
    faults = []
    for name in ours:
        for variable in sorted(given_to(services[name])):
            if variable not in read:
                faults.append(f"{name} is given {variable}, which nothing reads")
            if variable not in documented:
                faults.append(f"{name} is given {variable}, which is not explained")
    besides = _BESIDES.search(page)
    explained = set(re.findall(r"`(\w+)`", besides[1])) if besides else set()
    taken = set(_TAKEN.findall(compose))
    faults += [
        f"{name} is taken from the environment and not explained"
        for name in sorted(taken - explained - set(documented))
    ]
    return faults + [f"{name} is explained and not taken" for name in sorted(explained - taken)]
