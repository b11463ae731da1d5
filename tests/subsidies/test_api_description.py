"""Claims and extracts asked from the API's own description, with every check: whoever asks is answered as described.

JHT_SCHEMA_EXAMPLES=200 asks longer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.utils import timezone
from hypothesis import strategies as st

from portal.accounts import tokens
from portal.address_codes import code_of
from portal.jobs import runner
from subsidies import claiming
from subsidies.schemes import SKILL_UPGRADE
from tests.api.conftest import asked_here  # noqa: F401
from tests.api.test_fuzz import described  # noqa: F401
from tests.api.test_schema_checks import Asked, known  # noqa: F401
from tests.subsidies.conftest import certificate

# Examples are drawn inside the test, where Hypothesis does not see by itself that it is its own.
pytestmark = pytest.mark.hypothesis
HERE = ("/api/subsidies/", "/api/jobs/", "/api/extracts/", "/api/messages/", "/api/coverage/")


@pytest.fixture
def claimed(welder: Any, cast: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Three claims, one of them a draft, a certificate by which nothing is claimed, and no job that begins by itself."""
    monkeypatch.setattr(runner.run_job, "delay", lambda job: None)
    today, clerk, numbers = timezone.localdate(), cast("clerk"), []
    digests = ["0" * 64]
    made = [
        certificate(
            welder,
            cast("reviewer"),
            occupation=f"工种{place}",
            number=f"S{place}",
            issued_on=today.replace(day=1),
        )
        for place in range(4)
    ]
    for place, one in enumerate(made[:3]):
        begin = claiming.claim_at_once if place else claiming.draft
        claim = begin(one.pk, SKILL_UPGRADE, channel="window", by=clerk, on=today)
        numbers.append(claim.case.number)
        if claim.determination:
            digests.append(claim.determination.digest)
    claiming.accept(claim.pk, by=clerk, on=today)
    codes = [code_of("credential", one.pk) for one in made]
    for name, values in (("claim-number", numbers), ("digest", digests), ("subject-code", codes)):
        schemathesis.openapi.format(name, st.sampled_from(values))


def is_beyond_types(case: Any, headers: dict[str, str]) -> bool:
    """Refused for what no type can say: what is in a file, days that are too late or too early, and one claim twice."""
    answer = case.call(headers=headers)
    if answer.status_code != 400:
        return False
    named = {wrong["field"] for wrong in answer.json()["errors"]}
    return named <= {"file", "paper", "as_of", "covers_from", "covers_until", "since", "claims"}


def test_every_operation_holds_every_check(
    described: Any,  # noqa: F811
    known: None,  # noqa: F811
    claimed: None,
    cast: Callable[[str], Any],
) -> None:
    """Given claims and whoever has to do with them, when the API is asked what it describes and what it does not, then it
    answers as it says, and refuses what it does not take.
    """
    host = settings.ALLOWED_HOSTS[0]
    people = {
        who: {"Host": host, "Authorization": f"Token {tokens.issue(cast(who), 'checks', '')[1]}"}
        for who in ("clerk", "reviewer")
    }
    operations = [one.ok() for one in described.get_all_operations()]
    ours = [one for one in operations if one.path.startswith(HERE)]
    assert len(ours) >= 16
    asked = Asked(people, is_beyond_types)

    asked.walk(ours)

    asked.assert_as_described()
    assert all(asked.granted[who] > 4 for who in people)
