"""In which order the files of a run begin.

Files that start whole portals and browsers mostly wait: for programs that start, end, or come back. Were they all
first, every process would wait while the processors rest; were they last, everybody would wait for the last of
them. So two of three processes are given those that wait, and the third has what only computes, beginning with what
computes longest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

# How many seconds a file takes that mostly waits, about. The longest ones begin first.
WAITING = {
    "tests/stack/test_run.py": 110,
    "tests/journeys/test_every_page.py": 90,
    "tests/journeys/test_check.py": 60,
    "tests/journeys/test_selection_round.py": 50,
    "tests/stack/test_upgrade.py": 45,
    "tests/window/test_law_in_the_browser.py": 35,
    "tests/design/test_in_the_browser.py": 30,
    "tests/stack/test_bootstrap.py": 30,
    "tests/stack/test_compose.py": 30,
    "tests/programmes/test_tiny.py": 30,
    "tests/security/test_passkeys.py": 30,
    "tests/window/test_simulations_in_the_browser.py": 25,
    "tests/stack/test_grants.py": 25,
    "tests/stack/test_preparation.py": 20,
    "tests/roster/test_kill.py": 20,
    "tests/journeys/test_roster_to_letter.py": 20,
    "tests/cases/test_pages_in_the_browser.py": 20,
    "tests/window/test_at_the_desk.py": 15,
    "tests/stack/test_reencrypt.py": 15,
    "tests/stack/test_supervisor.py": 15,
    "tests/stack/test_proxy.py": 15,
    "tests/stack/test_encrypted.py": 10,
    "tests/security/test_role_ended_meanwhile.py": 10,
    "tests/registry/test_jobs.py": 10,
    "tests/stack/test_kept.py": 10,
    "tests/subsidies/test_bulk_kill.py": 15,
    "tests/subsidies/test_proposals_kill.py": 10,
    "tests/journeys/test_reconsideration.py": 20,
    "tests/journeys/test_claims.py": 20,
    "tests/journeys/test_money.py": 30,
    "tests/journeys/test_recovery.py": 15,
    "tests/journeys/test_reviewing.py": 10,
}
# The same of files that only compute for long.
COMPUTING = {
    "tests/security/test_every_address.py": 90,
    "tests/subsidies/test_who_may.py": 45,
    "tests/api/test_schema_checks.py": 45,
    "tests/subsidies/test_api_description.py": 20,
    "tests/roster/test_properties.py": 20,
    "tests/subsidies/test_demo_year.py": 15,
    "tests/roster/test_plausible.py": 12,
    "tests/selection/test_round_pages.py": 12,
    "tests/window/test_pages_open.py": 10,
    "tests/registry/test_pages.py": 10,
    "tests/security/test_reencrypting.py": 10,
    "tests/selection/test_due.py": 10,
    "tests/roster/test_files_from_elsewhere.py": 10,
}
# What a test of any other file takes.
_ONE_TEST = 0.12
_LANES = (True, True, False)  # by process: whether it has files that wait


def in_order(files: Iterable[str]) -> list[str]:
    """The files, given one name for each test, as processes will ask for them that are never out of work."""
    tests = Counter(files)
    waiting = [name for name in WAITING if name in tests]
    computing = [name for name in COMPUTING if name in tests]
    computing += [name for name in tests if name not in WAITING and name not in COMPUTING]
    free_at = [0.0] * len(_LANES)
    order = []
    while waiting or computing:
        lane = free_at.index(min(free_at))
        takes_waiting = bool(waiting) and (_LANES[lane] or not computing)
        name = (waiting if takes_waiting else computing or waiting).pop(0)
        free_at[lane] += WAITING.get(name) or COMPUTING.get(name) or tests[name] * _ONE_TEST
        order.append(name)
    return order
