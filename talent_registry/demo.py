"""The first entries of the registry: most confirmed, one declined, one suspended, some left open.

Everything is decided as an officer would. Then come two rounds of the annual selection.
"""

from __future__ import annotations

from portal.cases.models import Case, ClockRule
from portal.demo import Demo
from talent_registry.actions.deciding import confirm, decline
from talent_registry.actions.proposing import propose
from talent_registry.actions.status import change_status
from talent_registry.models import Status
from talent_registry.selection import demo as selection_demo
from talent_registry.workflow import DIRECT_INCLUSION

# Stay open, for whoever signs in as the registry officer.
LEFT_OPEN = 7


def load(demo: Demo) -> None:
    ClockRule.objects.create(
        kind=DIRECT_INCLUSION,
        working_days=10,
        basis="示例，由主管机关确定",
        is_sample=True,
    )
    officer = demo.people["registry_officer"]
    cases = propose(by=None, on=demo.on)
    of_the_worker = Case.objects.get(worker__account=demo.people["worker"])
    cases.sort(key=lambda case: case.pk != of_the_worker.pk)
    entries = []
    # The last one is declined.
    for case in cases[: -LEFT_OPEN - 1]:
        entry = confirm(case.pk, by=officer, on=demo.on, how="查验技能等级证书和荣誉文件原件")
        entries.append(entry)
    decline(cases[-1].pk, by=officer, on=demo.on, reason="经核实，本人从事管理岗位工作，不属于技术工人。")
    change_status(
        entries[-1].pk,
        Status.SUSPENDED,
        by=officer,
        on=demo.on,
        document="合成文号〔2026〕9号",
        reason="个人申请暂停公示（演示）",
    )
    selection_demo.load(demo)
