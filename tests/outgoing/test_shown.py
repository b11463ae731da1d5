"""What was sent about a case, and what could not be, stands on its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from portal.outgoing import sending
from portal.outgoing.actions import announce
from portal.outgoing.kinds import RECEIPT
from portal.outgoing.models import Message
from portal.outgoing.ways import Refused
from tests.cast import make_account
from tests.outgoing.conftest import MONDAY, FakeWay
from tests.registry.conftest import proposed

__all__ = ["proposed"]
pytestmark = pytest.mark.django_db


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_staff_see_why_one_was_given_up(
    proposed: Callable[..., Any], fake: FakeWay, cast: Any, as_user: Any
) -> None:
    case = proposed()
    case.worker.set_phone("13800001234")
    case.worker.save()
    message = announce(case, RECEIPT, by=None, on=MONDAY)
    fake.raises = {1: Refused("邮件服务器答复550")}
    sending.send([message.pk])
    page = text(as_user(cast("reviewer")), reverse(case.workflow.page, args=[case.number]))
    assert "发送失败" in page and "邮件服务器答复550" in page and message.text in page
    assert "13800001234" not in page


def test_while_sending_is_off_the_page_is_as_before(
    proposed: Callable[..., Any], cast: Any, as_user: Any
) -> None:
    case = proposed()
    announce(case, RECEIPT, by=None, on=MONDAY)
    page = text(as_user(cast("reviewer")), reverse(case.workflow.page, args=[case.number]))
    assert "messages-title" not in page and "未启用发送" not in page


def test_the_worker_sees_what_was_sent_and_nothing_else(
    case: Callable[..., Any], fake: FakeWay, as_user: Any
) -> None:
    opened = case()
    account = make_account("w20269001", "王建国", "worker", opened.region_id)
    opened.worker.account = account
    opened.worker.save()
    sent = announce(opened, RECEIPT, by=None, on=MONDAY)
    assert sent.account == account
    sending.send([sent.pk])
    waiting = announce(opened, "decision", by=None, on=MONDAY)
    page = text(as_user(account), reverse("my:case", args=[opened.number]))
    assert "已发送的消息" in page and sent.text in page and waiting.text not in page
    assert Message.objects.visible_to(account).count() == 2
