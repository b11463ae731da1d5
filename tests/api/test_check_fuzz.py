"""The eligibility check asked from its own description: what it says is right is answered as described, all
else is refused.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from portal.api import checks
from portal.throttle import Limit
from tests.api.test_fuzz import described  # noqa: F401

# Examples are drawn inside the tests, where Hypothesis does not see by itself that they are its own.
pytestmark = pytest.mark.hypothesis
fuzzing = hypothesis_settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# What a type cannot say: limits of days, which depend on the day asked about, and decimals.
BEYOND_TYPES = {"晚于办理基准日。", "日期过早。", "超出允许的范围。", "小数位数过多。"}
DATES = {"on", "birth_on", "certificate_issued_on"}


@pytest.fixture
def operation(described: Any, monkeypatch: pytest.MonkeyPatch) -> schemathesis.APIOperation:  # noqa: F811
    monkeypatch.setattr(checks, "LIMIT", Limit("fuzzing", 10**9, seconds=60))
    return described["/api/eligibility-checks/"]["POST"]


def call(case: schemathesis.Case) -> Any:
    return case.call(headers={"Host": settings.ALLOWED_HOSTS[0]})


def test_what_is_described_is_answered_as_described(operation: schemathesis.APIOperation) -> None:
    answered = 0

    @fuzzing
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        nonlocal answered
        case = data.draw(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        response = call(case)
        operation.validate_response(response)
        if response.status_code == 400:
            for wrong in response.json()["errors"]:
                assert wrong["problem"] in BEYOND_TYPES, (case.body, wrong)
                assert wrong["field"] in DATES or wrong["problem"] == "小数位数过多。"
            return
        assert response.status_code == 200, response.text[:300]
        answered += 1
        wanted = case.body.get("benefits")
        assert len(response.json()["results"]) == (22 if wanted is None else len(set(wanted)))

    ask()
    assert answered >= 20


def test_what_is_not_described_is_refused_in_one_shape(operation: schemathesis.APIOperation) -> None:
    @fuzzing
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        response = call(case)
        assert response.status_code in {400, 405, 413, 415}, (
            response.status_code,
            case.as_curl_command(),
            response.text[:300],
        )
        assert response.json()["errors"][0]["problem"]

    ask()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_whatever_is_sent_is_answered_or_refused(operation: schemathesis.APIOperation) -> None:
    from django.test import Client

    client = Client()

    @hypothesis_settings(parent=fuzzing, max_examples=150)
    @given(
        body=st.binary(max_size=200)
        | ANYTHING.map(json.dumps)
        | st.fixed_dictionaries({}, optional={"facts": ANYTHING, "on": ANYTHING, "benefits": ANYTHING}).map(
            json.dumps
        )
    )
    def ask(body: Any) -> None:
        response = client.post("/api/eligibility-checks/", body, content_type="application/json")
        assert response.status_code in {200, 400, 415}, (body, response.content[:300])
        assert (response.status_code == 200) is ("results" in json.loads(response.content))

    ask()
