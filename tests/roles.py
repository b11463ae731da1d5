"""One prepared state asked many questions: every role, every action, each undone before the next, every wrong
answer named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

from django.db import transaction
from django.template.backends.django import Template

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from tests.cast import PEOPLE


class Person(NamedTuple):
    name: str  # of the fixture
    user: Any
    role: str
    region: str


def everybody(cast: Callable[[str], Any], *, but: tuple[str, ...] = ()) -> list[Person]:
    """The whole cast, except who is named in `but`. Made before anything is undone: what is undone takes new
    accounts along.
    """
    return [Person(name, cast(name), role, region) for name, _, _, role, region in PEOPLE if name not in but]


def one_of_each(cast: Callable[[str], Any]) -> list[Person]:
    """One person for every role and place in the cast: which pages open depends on nothing else."""
    people: dict[tuple[str, str], Person] = {}
    for name, _, _, role, region in PEOPLE:
        if (role, region) not in people:
            people[role, region] = Person(name, cast(name), role, region)
    return list(people.values())


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def drawn_once(*, but: tuple[str, ...] = ()) -> Iterator[None]:
    """Every page is drawn for the first who gets it; whoever else asks gets its status without its text. The
    templates in `but` are drawn for everybody.

    Who may is settled before anything is drawn, and drawing takes most of the time of an answer.
    """
    drawn: set[str] = set()
    draw, inside = Template.render, False

    def render(self: Any, *args: Any, **kwargs: Any) -> str:
        nonlocal inside
        name = self.template.name
        if inside:  # a part of the page that is drawn just now
            return draw(self, *args, **kwargs)
        if name in drawn:
            return ""
        if name not in but:
            drawn.add(name)
        inside = True
        try:
            return draw(self, *args, **kwargs)
        finally:
            inside = False

    with mock.patch.object(Template, "render", render):
        yield


@contextmanager
def compared() -> Iterator[Callable[[str, Any, Any], None]]:
    """`expect(what, came, wanted)` any number of times; the test fails at the end, with each answer that was
    another.
    """
    asked, wrong = [], []

    def expect(what: str, came: Any, wanted: Any) -> None:
        asked.append(what)
        if came != wanted:
            wrong.append(f"{what}: {came!r}, expected {wanted!r}")

    yield expect
    assert asked, "nothing was asked"
    assert not wrong, f"{len(wrong)} of {len(asked)} answers:\n" + "\n".join(wrong)


def refusal(act: Callable[[], Any], *kinds: type[Exception]) -> type[Exception] | None:
    """What `act` was refused with (Refused, NotNow, or another of `kinds`); None when it was done. Anything
    else is raised.
    """
    try:
        with transaction.atomic():
            act()
    except (Refused, NotNow, *kinds) as said:
        return type(said)
    return None
