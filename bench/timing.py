"""Seconds: of a call, of the steps of a long one, and as a line to print."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any


def seconds_of(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def seconds_text(times: Iterable[float]) -> str:
    """1.23 1.31 1.27 s."""
    return f"{' '.join(f'{seconds:.2f}' for seconds in times)} s"


class StepTimes:
    """Seconds by step of a computation; a step ends when the next one is begun."""

    def __init__(self) -> None:
        self.took: list[tuple[str, float]] = []
        self._current = ""
        self._began = 0.0

    def begin(self, words: str) -> None:
        now = time.perf_counter()
        if self._current:
            self.took.append((self._current, now - self._began))
        self._current = words
        self._began = now

    def __str__(self) -> str:
        return ", ".join(f"{words} {seconds:.2f} s" for words, seconds in self.took)
