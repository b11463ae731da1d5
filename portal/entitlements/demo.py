"""In the demonstration the register has been looked over: offers of every state, a matter at the window, a
request to correct; and a draft of other figures has been tried out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.cases.models import ClockRule
from portal.demo import Demo
from portal.entitlements import offers, rectifications, simulation
from portal.entitlements.guides import load_samples
from portal.entitlements.matching import match
from portal.entitlements.models import Offer
from portal.entitlements.workflow import RECTIFICATION, SERVICE
from portal.jobs.runner import run_job
from portal.policy.models import Parameter
from portal.workforce.actions import confirm_change, confirm_record, version_of
from portal.workforce.actions.records import save_record
from portal.workforce.models import RecordChange, UnemploymentInsurance, Worker
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import CREDENTIAL, INSURANCE, SCHOOLING

_SOURCE = "窗口登记（演示数据）"


def load(demo: Demo) -> None:
    load_samples()
    for kind, days in ((SERVICE, 20), (RECTIFICATION, 10)):
        ClockRule.objects.get_or_create(
            kind=kind, defaults={"working_days": days, "basis": "演示数据，非正式时限", "is_sample": True}
        )
    _give_the_worker_facts(demo)
    # When the registry has its entries, those on it have more to be offered.
    demo.afterwards += [lambda: _look_over(demo), lambda: _try_out(demo)]


def _give_the_worker_facts(demo: Demo) -> None:
    """王建国 has a new certificate and is insured: one thing is offered that no one has told him of."""
    worker = Worker.objects.get(account=demo.people["worker"])
    by = demo.people["clerk"]
    issued = demo.on - timedelta(days=40)
    rows: tuple[tuple[str, dict[str, Any]], ...] = (
        (
            "credential",
            {
                "occupation": "焊工",
                "level": 40,
                "number": "S000015062400001",
                "issued_on": issued,
                "verified_how": "original_seen",
                "source": _SOURCE,
            },
        ),
        (
            "schooling",
            {"graduated_from": "senior", "school": "合成技工学校", "graduated_on": None, "source": _SOURCE},
        ),
    )
    for kind, values in rows:
        save_record(kind, worker.pk, values, by=by, on=demo.on)
    insured = {"months": 96, "paying": True, "drawing_benefit": False, "as_of": demo.on, "source": _SOURCE}
    record = UnemploymentInsurance.objects.filter(worker=worker).first()
    saved = save_record(
        "insurance",
        worker.pk,
        insured,
        by=by,
        on=demo.on,
        record_id=getattr(record, "pk", None),
        version=version_of(record) if record else "",
        reason="社保经办系统查询结果与原登记不一致",
    )
    if isinstance(saved, RecordChange):
        confirm_change(saved.pk, seen="社保经办系统查询结果", by=demo.people["reviewer"], on=demo.on)
    _confirm_facts_of(worker, demo)


def _confirm_facts_of(worker: Worker, demo: Demo) -> None:
    """The league's reviewer has held what the window wrote down against the documents."""
    for kind in (CREDENTIAL, SCHOOLING, INSURANCE):
        unconfirmed = kind.model._default_manager.filter(worker=worker, verification=Verification.STATED)
        for record_id in list(unconfirmed.values_list("pk", flat=True)):
            confirm_record(
                kind.code,
                record_id,
                seen="证书原件和社保经办系统查询结果",
                by=demo.people["reviewer"],
                on=demo.on,
            )


def _look_over(demo: Demo) -> None:
    match(demo.on, cause="演示数据")
    clerk, worker = demo.people["clerk"], Worker.objects.get(account=demo.people["worker"])
    others = Offer.objects.open().filter(region_id="150624").exclude(worker=worker).order_by("id")
    waiting = list(others.values_list("pk", flat=True)[:6])
    for offer_id in waiting[:3]:
        offers.notify(offer_id, by=clerk, on=demo.on)
    for offer_id in waiting[:1]:
        offers.consent(offer_id, by=clerk, on=demo.on)
    for offer_id in waiting[1:2]:
        offers.decline(offer_id, by=clerk, on=demo.on, reason="本人表示暂不需要")
    rectifications.request_rectification(
        worker.pk,
        ["front_line_years"],
        "我在一线岗位的年限登记得少了，单位可以出具证明。",
        by=demo.people["worker"],
        on=demo.on,
    )


def _try_out(demo: Demo) -> None:
    """Fewer insured months and higher ceilings of the skill-upgrade subsidy, drafted and computed."""
    by = demo.people["policy_officer"]
    simulation_draft = simulation.draw_up(
        "技能提升补贴：缴费月数减半、标准提高（演示数据）", on=demo.on, by=by
    )
    draft: dict[str, Any] = {
        "training.skill-upgrade.insured-months": 6,
        "training.skill-upgrade.ceiling": {
            "junior": "1500.00",
            "intermediate": "2000.00",
            "senior": "3000.00",
        },
    }
    for code, value in draft.items():
        simulation.set_figure(simulation_draft.pk, Parameter.objects.get(code=code), value, by=by)
    run_job(simulation.run(simulation_draft.pk, by=by).pk)
