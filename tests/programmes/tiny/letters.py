"""The letter that tells of an allowance."""

from __future__ import annotations

from portal.letters import kinds
from portal.letters.kinds import Kind

GRANTED = "tiny.granted"


def register_all() -> None:
    kinds.register(
        Kind(
            GRANTED,
            "工具补助通知",
            "关于核定工具补助的通知",
            "tiny/letter.html",
            needs=("tools",),
            public=(("tools", "工具"),),
        )
    )
