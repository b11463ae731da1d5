"""A number that is somebody's already: said to whom they are visible, to everybody else not whose or where. It is audited,
and who comes upon many such numbers is stopped for the day.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from portal import audit
from portal.accounts.access import NotNow
from portal.throttle import Limit
from portal.workforce.models import Worker

# Of people elsewhere. A window meets one now and then, who moved.
ELSEWHERE = Limit("number-taken-elsewhere", 10, 86_400)
_NOT_TO_BE_TAKEN = (
    "不能用该证件号码建档。请再次查验证件原件；确认无误的，请联系盟市审核员或自治区复核员查明后办理。"
)
_TOO_OFTEN = "您今日多次填写不能建档的证件号码，今日不能再登记人员或更正证件号码。请联系业务主管。"


class AlreadyRegistered(NotNow):
    """The number cannot be given to a worker: it is another's, or was voided."""

    def __init__(self, worker: Worker, *, is_theirs: bool, words: str = "") -> None:
        self.worker, self.is_theirs = worker, is_theirs
        super().__init__(words or ("该证件号码已登记，不能重复建档。" if is_theirs else _NOT_TO_BE_TAKEN))

    @property
    def worker_id(self) -> int:
        return self.worker.pk


def refuse_registered(number: str, by: Any) -> None:
    """AlreadyRegistered when the number belongs to a worker in the register, or to a record that is void."""
    # Whether there is a record comes first: one that another window writes meanwhile must not look like one that
    # stands for nobody.
    record = Worker.objects.numbered(number).first()
    if record is None:
        return
    existing = Worker.objects.with_id_number(number).first()
    found = existing or record
    is_theirs = Worker.objects.visible_to(by, merged=True).filter(pk=found.pk).exists()
    if existing is None and is_theirs:
        words = "该证件号码的档案已因登记有误作废。确系本人的，请先撤销作废，再更正该档案。"
        raise AlreadyRegistered(found, is_theirs=True, words=words)
    raise AlreadyRegistered(found, is_theirs=is_theirs)


def tries_noted(action: Callable[..., Worker]) -> Callable[..., Worker]:
    """An action that takes a number: what is refused is audited outside its transaction, and counted."""

    @wraps(action)
    def noting(*args: Any, by: Any, **kwargs: Any) -> Worker:
        if kwargs.get("id_number") and ELSEWHERE.wait_if_spent(str(by.pk)):
            raise NotNow(_TOO_OFTEN)
        try:
            return action(*args, by=by, **kwargs)
        except AlreadyRegistered as refused:
            found = refused.worker
            audit.record("worker.number_taken", by=by, worker=found, region=found.work_region_id)
            if not refused.is_theirs:
                ELSEWHERE.wait(str(by.pk))
            raise

    return noting
