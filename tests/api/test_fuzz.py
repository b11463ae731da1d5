"""Requests drawn from the API's own description: whatever is asked, the answer is one that the description
knows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from django.conf import settings
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.wsgi import application

# Examples are drawn inside the test, where Hypothesis does not see by itself that it is its own.
pytestmark = pytest.mark.hypothesis


@pytest.fixture
def described(asked_here: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[schemathesis.BaseSchema]:
    # Fuzzing asks more often than a person may.
    from rest_framework.throttling import SimpleRateThrottle

    monkeypatch.setattr(SimpleRateThrottle, "allow_request", lambda *_: True)
    yield schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)


def test_no_request_breaks_the_api(described: schemathesis.BaseSchema) -> None:
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) >= 11

    @hypothesis_settings(
        max_examples=20,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def ask(operation: schemathesis.APIOperation, data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy())
        response = case.call(headers={"Host": settings.ALLOWED_HOSTS[0]})
        assert response.status_code < 500, (case.as_curl_command(), response.text[:300])
        if response.status_code == 400:
            assert response.json()["errors"][0]["problem"]

    for operation in operations:
        ask(operation)
