"""What tests of the pages of the law begin with."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.urls import reverse

from portal.policy.actions import add_parameter_value
from portal.policy.models import Parameter, ParameterValue

LIMIT, AMOUNT, PRIZES = (
    "training.skill-upgrade.claims-per-year",
    "training.technician.amount",
    "award.worldskills.prize",
)
SOURCE = {"document": "内人社发〔2026〕9号", "article": "第四条"}
SINCE = dt.date(2026, 6, 1)


def parameter(code: str = LIMIT) -> Parameter:
    return Parameter.objects.get(code=code)


def entered(by: Any, code: str = LIMIT, value: Any = 5, **fields: Any) -> ParameterValue:
    return add_parameter_value(parameter(code), value, by=by, **({"since": SINCE} | SOURCE | fields))


def page(name: str, code: str = LIMIT, *args: Any) -> str:
    return reverse(f"window:{name}", args=[code, *args])


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
