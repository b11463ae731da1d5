"""Who puts claims forward for a unit: its agents, and the window of its place."""

from __future__ import annotations

from typing import Any

from portal.accounts.access import Refused, can
from portal.cases.applicants import acts_for
from portal.workforce.models import Employer
from subsidies.workflow import TAKE_IN


def may_act(unit: Employer, user: Any) -> bool:
    """Whether the account puts claims forward for the unit today."""
    return can(user, TAKE_IN, unit.region_id) or acts_for(user, unit.pk)


def require_may_act(unit: Employer, by: Any) -> None:
    """Raise Refused unless the account puts claims forward for the unit."""
    if not may_act(unit, by):
        raise Refused("补贴申请名单由本单位的经办人，或者单位所在地的服务窗口提交。")
