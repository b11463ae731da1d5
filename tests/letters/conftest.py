"""Letters for the tests: two kinds, the regional department as the issuer, and no broker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

ON = date(2026, 11, 16)
NOTICE, CERTIFICATE, REFUSAL = "test.notice", "test.certificate", "test.refusal"
CONTEXT = {
    "name": "张珺喆",
    "id_number": "150624********001X",
    "honour": "全国技术能手",
    "honour_document": "人社部发〔2024〕12号",
    "policy_title": "关于提高技术工人待遇的实施意见",
    "policy_number": "内党办发〔2019〕6号",
    "clause": "第一条",
    "included_on": "2026年11月16日",
    "entry_number": "NM-2026-00001",
    "employer": "鄂托克旗焊接厂",
    "occupation": "焊工",
    "skill_level": "高级技师",
    "region": "鄂尔多斯市鄂托克旗",
    "matter": "你申请纳入名录一事",
    "decision": "不予纳入内蒙古自治区高技能领军人才名录",
}


@pytest.fixture(autouse=True)
def test_kinds() -> None:
    from portal.letters import kinds
    from portal.letters.kinds import Kind

    public = (("honour", "依据荣誉"), ("included_on", "纳入日期"))
    kinds.register(
        Kind(
            NOTICE,
            "纳入通知",
            "关于纳入内蒙古自治区高技能领军人才名录的通知",
            "letters/inclusion.html",
            needs=("name", "honour"),
            public=public,
        )
    )
    kinds.register(
        Kind(
            CERTIFICATE,
            "证书",
            "高技能领军人才证书",
            "letters/inclusion_certificate.html",
            style="certificate",
            needs=("honour",),
            public=public,
        )
    )
    kinds.register(
        Kind(
            REFUSAL,
            "不予纳入决定",
            "关于不予纳入内蒙古自治区高技能领军人才名录的决定",
            "letters/decision.html",
            adverse=True,
            needs=("matter", "decision"),
        )
    )


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What was handed to the worker, task by task."""
    from portal.letters import tasks

    sent: list[list[int]] = []
    monkeypatch.setattr(tasks.build_letters, "delay", sent.append)
    return sent


@pytest.fixture
def issue() -> Callable[..., Any]:
    """`issue(worker, addressee=…)` issues one notice under the regional department."""

    def one(
        worker: Any = None,
        *,
        kind: str = NOTICE,
        context: dict[str, Any] | None = None,
        by: Any = None,
        **given: Any,
    ) -> Any:
        from portal.letters import actions

        given = {
            "addressee": worker.name if worker else "张珺喆",
            "region": worker.work_region_id if worker else "150624",
            "issuer": "150000",
            "on": ON,
            **given,
        }
        return actions.issue(kind=kind, context=CONTEXT | (context or {}), worker=worker, by=by, **given)

    return one
