"""Figures of a benchmark beside what is wanted of them."""

from __future__ import annotations


class Said:
    """The figures with their bounds, as they are reached or not."""

    def __init__(self) -> None:
        self.reached = True

    def say(self, what: str, figure: float, bound: float, *, at_least: bool = False, unit: str = "") -> None:
        good = figure >= bound if at_least else figure <= bound
        self.reached &= good
        wanted = f"{'at least' if at_least else 'at most'} {bound:g}{unit}"
        print(
            f"  {figure:10.2f}{unit:<3} {what}: {wanted}, {'reached' if good else 'NOT REACHED'}", flush=True
        )
