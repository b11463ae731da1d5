"""schemathesis with all its checks over the whole description, as nobody, with a token and with a session.

JHT_SCHEMA_EXAMPLES=200 asks longer.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from rest_framework.pagination import Cursor
from schemathesis import GenerationMode

from portal.accounts import tokens
from portal.api import checks
from portal.api.pagination import ByCursor
from portal.regions.models import Region
from portal.throttle import Limit
from portal.workforce.models import HonourType
from tests.api.test_check_fuzz import BEYOND_TYPES
from tests.api.test_fuzz import described  # noqa: F401
from tests.cast import id_number
from tests.roles import undone

# Examples are drawn inside the test, where Hypothesis does not see by itself that it is its own.
pytestmark = pytest.mark.hypothesis
asking = hypothesis_settings(
    max_examples=int(os.environ.get("JHT_SCHEMA_EXAMPLES", "6")),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def cursor(position: int) -> str:
    """As a list of the API gives it."""
    pager = ByCursor()
    pager.base_url, pager.cursor_query_param = "", "cursor"
    return str(pager.encode_cursor(Cursor(0, False, str(position)))).partition("=")[2].replace("%3D", "=")


@pytest.fixture
def known(db: None) -> Iterator[None]:
    """What the description names by a format, drawn from what there is."""
    formats = {
        "cursor": st.integers(1, 10**12).map(cursor),
        "region-code": st.sampled_from(sorted(Region.objects.values_list("code", flat=True))),
        "league-code": st.sampled_from(sorted(Region.objects.leagues().values_list("code", flat=True))),
        "honour-code": st.sampled_from(sorted(HonourType.objects.values_list("code", flat=True))),
        "id-number": st.integers(0, 999).map(lambda serial: id_number(serial=serial)),
    }
    for name, strategy in formats.items():
        schemathesis.openapi.format(name, strategy)
    yield


def headers_of(who: str, cast: Any, as_user: Any) -> dict[str, str]:
    headers = {"Host": settings.ALLOWED_HOSTS[0]}
    if who == "session":
        key = as_user(cast("clerk")).cookies[settings.SESSION_COOKIE_NAME].value
        headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={key}"
    if who == "token":
        headers["Authorization"] = f"Token {tokens.issue(cast('clerk'), 'checks', '')[1]}"
    return headers


def goes_beyond_types(case: Any, headers: dict[str, str]) -> bool:
    """Refused for what no type can say: of the check limits of days, which depend on the day asked about; of what is sent
    as a file that it is none, or not the right one.
    """
    is_check = case.operation.label == "POST /api/eligibility-checks/"
    if not (is_check or case.media_type == "multipart/form-data"):
        return False
    answer = case.call(headers=headers)
    if answer.status_code != 400:
        return False
    errors = answer.json()["errors"]
    if is_check:
        return {wrong["problem"] for wrong in errors} <= BEYOND_TYPES
    return {wrong["field"] for wrong in errors} <= {"file", "paper"}


class Asked:
    """Every operation of a description, asked rightly and wrongly by several people. Drawing a request costs more than
    asking it: each is drawn once, and everybody asks the same of the same things.
    """

    def __init__(
        self, people: Mapping[str, dict[str, str]], is_beyond: Callable[[Any, dict[str, str]], bool]
    ):
        self.people = people
        self.is_beyond = is_beyond
        self.answered: Counter[str] = Counter()
        self.granted: Counter[str] = Counter()
        self.found: dict[str, str] = {}

    def walk(self, operations: Iterable[Any]) -> None:
        @asking
        @given(data=st.data())
        def ask(operation: Any, mode: GenerationMode, data: st.DataObject) -> None:
            case = data.draw(operation.as_strategy(generation_mode=mode))
            for who, headers in self.people.items():
                with undone():
                    self._ask(who, case, headers, mode)

        for operation in operations:
            for mode in GenerationMode:
                try:
                    ask(operation, mode)
                except Unsatisfiable:
                    # There is nothing wrong that could be asked of it.
                    assert mode is GenerationMode.NEGATIVE

    def _ask(self, who: str, case: Any, headers: dict[str, str], mode: GenerationMode) -> None:
        if mode is GenerationMode.POSITIVE and self.is_beyond(case, headers):
            return
        self.answered[who] += 1
        try:
            self.granted[who] += case.call_and_validate(headers=headers).status_code < 300
        except schemathesis.errors.FailureGroup as failed:
            for one in failed.exceptions:
                label = f"{who}: {case.operation.label} {type(one).__name__}"
                self.found.setdefault(label, f"{one}\n{case.as_curl_command()}")

    def assert_as_described(self) -> None:
        assert not self.found, "\n\n".join(f"{name}: {said}" for name, said in self.found.items())


def test_every_operation_holds_every_check(
    described: Any,  # noqa: F811
    known: None,
    cast: Any,
    as_user: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "LIMIT", Limit("fuzzing", 10**9, seconds=60))
    people = {who: headers_of(who, cast, as_user) for who in ("nobody", "token", "session")}
    asked = Asked(people, goes_beyond_types)

    asked.walk(result.ok() for result in described.get_all_operations())

    asked.assert_as_described()
    assert all(asked.answered[who] > 60 for who in people)
