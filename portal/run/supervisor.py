"""Keeps processes running: starts them in order, restarts what ends or hangs, stops everything in order."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from portal.run.messages import say
from portal.run.processes import Interrupted, StartFailed, end_group


@dataclass
class Child:
    """One supervised process.

    `start` launches it, `prepare` runs before every launch, `ready` returns when it can be used. `alive` says
    whether it still does its work; once it has said no for `patience` seconds the process is ended and
    started again. A stop begins with `stop_signal`; after a third of `stop_seconds` comes `hurry_signal`, if
    there is one, and at the end SIGKILL.
    """

    name: str
    start: Callable[[], subprocess.Popen]
    prepare: Callable[[], None] | None = None
    ready: Callable[[Callable[[], bool]], None] | None = None
    alive: Callable[[], bool] | None = None
    patience: float = 45.0
    stop_signal: int = signal.SIGTERM
    hurry_signal: int | None = None
    stop_seconds: float = 20.0
    process: subprocess.Popen | None = None
    ended: list[float] = field(default_factory=list)
    last_alive: float = 0.0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Owns the signal handlers of the process: one stop request ends things in order, a second one at once."""

    MOST_RESTARTS, WITHIN_SECONDS = 6, 60.0

    def __init__(self, *, quiet_end: bool = False) -> None:
        """`quiet_end`: say nothing about a clean stop, so that what was printed before stays the last word."""
        self.quiet_end = quiet_end
        self.children: list[Child] = []
        self.stopping = False
        self._step: subprocess.Popen | None = None
        # A signal that arrives just before select() must wake it: the kernel writes it into this pipe.
        self._wake, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(write)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_requested)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _stop_requested(self, *_: object) -> None:
        if self.stopping:
            if self._step is not None:
                end_group(self._step.pid)
            for child in self.children:
                # A killed database recovers at the next start, but that takes longer than letting it finish.
                if child.running and child.process and child.name != "postgres":
                    child.process.kill()
        self.stopping = True

    def is_stopping(self) -> bool:
        return self.stopping

    def up(self, children: Sequence[Child]) -> None:
        """Starts `children` side by side, then waits until each is ready."""
        began = time.monotonic()
        for child in children:
            if self.stopping:
                raise Interrupted
            self.children.append(child)
            self._launch(child)
        for child in children:
            self._await(child)
            say(
                f"{child.name} is up, process {child.process.pid if child.process else '?'} ({time.monotonic() - began:.1f} s)"
            )

    def _launch(self, child: Child) -> None:
        if child.prepare:
            child.prepare()
        child.process = child.start()
        child.last_alive = time.monotonic()

    def _await(self, child: Child) -> None:
        if child.ready:
            child.ready(self.is_stopping)
        child.last_alive = time.monotonic()

    def finish(self, process: subprocess.Popen, *, stop_signal: int = signal.SIGTERM) -> int:
        """The exit status of a process that ends by itself. A stop request ends it early and raises
        Interrupted.
        """
        self._step, asked = process, False
        while process.poll() is None:
            if self.stopping and not asked:
                process.send_signal(stop_signal)
                asked = True
            self._sleep(0.5)
        self._step = None
        if self.stopping:
            raise Interrupted
        return process.returncode

    def step(self, process: subprocess.Popen, name: str) -> None:
        """Waits for a process that must succeed, otherwise StartFailed."""
        status = self.finish(process)
        if status:
            raise StartFailed(f"{name} failed with {status} (see above)")

    def watch(
        self, *, until: Callable[[], bool] = lambda: False, each_round: Callable[[], None] = lambda: None
    ) -> int:
        """Heals until asked to stop (0), or until something keeps failing (1). `until` ends it early, for
        tests; `each_round` is done every few seconds.
        """
        while not self.stopping and not until():
            self._sleep(2.0)
            each_round()
            for child in self.children:
                if self.stopping:
                    break
                if not child.running:
                    if not self._restart(
                        child, f"ended with {child.process.returncode if child.process else '?'}"
                    ):
                        return 1
                elif child.alive:
                    self._look_after(child)
        return 0

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.alive and child.alive():
            child.last_alive = now
        elif now - child.last_alive > child.patience and child.process:
            say(f"{child.name} runs but has done nothing for {child.patience:.0f} s; ending it")
            end_group(child.process.pid)
            child.process.wait()

    def _restart(self, child: Child, why: str) -> bool:
        """False when it ended too often to go on. Everything depends on the services before it, so they are
        restarted first: children are listed in the order in which they were started.
        """
        now = time.monotonic()
        child.ended = [moment for moment in child.ended if now - moment < self.WITHIN_SECONDS] + [now]
        times = len(child.ended)
        say(f"{child.name} {why}; restart {times} of at most {self.MOST_RESTARTS} a minute")
        if times > self.MOST_RESTARTS:
            say(
                f"{child.name} keeps ending, see log/{child.name}.log in the data folder; stopping everything"
            )
            return False
        if child.process:
            end_group(child.process.pid)
        if times > 1:
            self._sleep(min(0.25 * 2**times, 8.0))
        if self.stopping:
            return True
        try:
            self._launch(child)
            self._await(child)
        except Interrupted:
            return True
        except StartFailed as error:
            say(str(error))  # it is not running now, so the next round counts and tries again
            if child.running and child.process:
                end_group(child.process.pid)
        else:
            say(f"{child.name} is up again, process {child.process.pid if child.process else '?'}")
        return True

    def _sleep(self, seconds: float) -> None:
        """Sleeps until a signal arrives (a child ended, someone asks to stop) or the time is over."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake, selectors.EVENT_READ)
            if selector.select(timeout=seconds):
                os.read(self._wake, 4096)

    def down(self, *, with_services: Sequence[str] = ("valkey", "postgres")) -> None:
        """Stops the application side by side, then the services it needs, each within its time."""
        self.stopping = True
        application = [child for child in self.children if child.name not in with_services]
        self._stop(application)
        for name in with_services:
            self._stop([child for child in self.children if child.name == name])

    def _stop(self, children: Sequence[Child]) -> None:
        began = time.monotonic()
        for child in children:
            if child.running and child.process:
                child.process.send_signal(child.stop_signal)
        for child in reversed(children):
            if not child.process:
                continue
            try:
                self._wait(child, child.process, began)
            except subprocess.TimeoutExpired:
                say(f"{child.name} did not stop within {child.stop_seconds:.0f} s; killing it")
                child.process.kill()
                child.process.wait()
            end_group(child.process.pid)
            if not self.quiet_end:
                say(f"{child.name} stopped ({time.monotonic() - began:.1f} s)")

    @staticmethod
    def _wait(child: Child, process: subprocess.Popen, began: float) -> None:
        """TimeoutExpired when it does not end in its time."""
        if child.hurry_signal is not None:
            try:
                process.wait(max(0.1, began + child.stop_seconds / 3 - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.send_signal(child.hurry_signal)
        process.wait(max(0.1, began + child.stop_seconds - time.monotonic()))
