"""After a case the next one of the worklist: of its kind, else of any other; nobody else's, and nothing when nothing waits."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.entitlements.rectifications import request_rectification
from tests.cast import KUNDULUN, make_worker
from tests.window.given import known_worker

pytestmark = pytest.mark.django_db


def asked(worker: Any, by: Any) -> Any:
    """The person wants something put right that the register says."""
    return request_rectification(
        worker.pk, ["certificate_level"], "应为高级技师", by=by, on=timezone.localdate()
    )


def test_the_next_one_is_offered_on_the_page_and_after_the_answer(cast: Any, as_user: Any) -> None:
    clerk = cast("clerk")
    first, second = asked(known_worker(clerk), clerk), asked(make_worker("李静"), clerk)
    asked(make_worker("赵敏", region=KUNDULUN), cast("baotou_clerk"))
    client = as_user(clerk)
    step = reverse("window:request_step", args=[first.number, "keep"])
    page = client.post(step, {"reason": "档案与证书一致。"}, follow=True).content.decode()
    assert 'data-key="n"' in page and second.number in page
    step = reverse("window:request_step", args=[second.number, "keep"])
    page = client.post(step, {"reason": "档案与证书一致。"}, follow=True).content.decode()
    assert 'data-key="n"' not in page, "nothing else waits here"


def test_who_only_reads_is_offered_none(cast: Any, as_user: Any) -> None:
    clerk = cast("clerk")
    first = asked(known_worker(clerk), clerk)
    asked(make_worker("李静"), clerk)
    page = as_user(cast("auditor")).get(reverse("window:rectification", args=[first.number]))
    assert 'data-key="n"' not in page.content.decode()
