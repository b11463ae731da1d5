"""What the demonstration of the portal is made of.

`./jht run` loads it once, on the first start. Every app that has something to show gives its AppConfig a
`load_demo(demo)`; they are called in the order of INSTALLED_APPS and use the same actions as the pages. All
people and units are synthetic.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

# One draw for every start: the demonstration is the same wherever it runs.
SEED = 20190220


@dataclass
class Demo:
    """Handed from app to app. `people` are the accounts by a short name."""

    on: date
    people: dict[str, Any] = field(default_factory=dict)
    # Accounts that act in the demonstration and nobody signs in as.
    backstage: dict[str, Any] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    # What needs everything else to be there: called at the end, in this order.
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    # No secret is drawn from it.
    random: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311
