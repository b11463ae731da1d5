"""What the portal knows of its programmes: nothing but what each says of itself.

A programme is an app in INSTALLED_APPS whose config, in its apps.py, is a `ProgrammeConfig`. Nothing else in
the portal names it (tests/guards/test_programmes.py). The rooms of a programme, in the order in which they
are written:

    models.py      its own tables, a case's details one-to-one beside the case; guards.py for what the database holds
    workflow.py    its kinds of cases: who may do what from which state, and the page of a case
    benefits.py    its rules of the law and what they are decided about; `register_rules` makes them known
    letters.py     its kinds of letters
    actions.py     what it does when a case moves, inside portal.cases.actions.transition
    views.py       its pages; urls.py their names, below /<address>/
    api.py         what it gives to other systems, below /api/<address>/
    tasks.py       what runs by itself, with SCHEDULE; jobs.py what runs in the background with its progress shown
    demo.py        what the demonstration shows of it
    desk.py        its part of the page of whoever stands at the window (portal.pages.desk)
    apps.py        its config: everything below that is more than nothing; in `ready` it registers its workflows,
                   letters, kinds of jobs and of notices, what waits for whom besides the next steps of its
                   workflows (portal.cases.waiting), and asks to be told of events
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.apps import AppConfig, apps
from django.urls import URLResolver, include, path
from django.utils.module_loading import module_has_submodule

Row = TypeVar("Row")


@dataclass(frozen=True)
class Entry:
    """A link of the navigation: its words, the name of its address, the permissions of which one opens it
    (none: everybody).
    """

    label: str
    url_name: str
    permissions: tuple[str, ...] = ()
    # Elder-friendly mode shows fewer things.
    for_elders: bool = True
    # Stands in the menu behind the others, to keep the bar short.
    further: bool = False


class PersonAction(NamedTuple):
    """What the window may do from a person's page; the address takes the number of the person's record."""

    label: str
    url_name: str
    permission: str
    # The line shown below it.
    consequence: str


class ProgrammeConfig(AppConfig):
    """What a programme tells the portal. All but the address defaults to nothing."""

    # Django takes the one config of an apps.py: the programme's own, not this one that it imports.
    default = False

    def __init_subclass__(cls) -> None:
        cls.default = True

    # The first part of its addresses, here and in the API, and the app_name of its urls.py.
    address: str
    # code: (what it lets one do, in Chinese for the pages; the roles that have it)
    permissions: Mapping[str, tuple[str, tuple[str, ...]]] = {}

    # Entries of the navigation: of the staff, of the public, at the foot of every page.
    staff_nav: tuple[Entry, ...] = ()
    public_nav: tuple[Entry, ...] = ()
    foot_nav: tuple[Entry, ...] = ()
    # Names of addresses below one of `public_nav` that are not part of it.
    beside_public: tuple[str, ...] = ()
    # Where a role outside the staff has its things: role -> (words, name of the address).
    homes: Mapping[str, tuple[str, str]] = {}
    # Parts of a worker's own pages: (words, name of the address).
    own_pages: tuple[tuple[str, str], ...] = ()
    # Parts of the pages of a unit's agent: (words, name of the address).
    unit_pages: tuple[tuple[str, str], ...] = ()
    # What the window may do from a person's page.
    person_actions: tuple[PersonAction, ...] = ()
    # Facts of a worker that no benefit asks for but this programme does: a worker may ask to have them
    # corrected.
    facts_asked: tuple[str, ...] = ()

    # Names of its tasks that go over many records: they stand behind nothing that somebody waits for
    # (portal.queues).
    long_tasks: tuple[str, ...] = ()

    # Words of the audit pages: what its codes are called, its things in `thing.verb`, the keys of its
    # details.
    audit_actions: Mapping[str, str] = {}
    audit_things: Mapping[str, str] = {}
    audit_details: Mapping[str, str] = {}

    def import_models(self) -> None:
        """Rules are known when the tables are, so that whatever is made ready afterwards finds all of them."""
        super().import_models()
        self.register_rules()

    def register_rules(self) -> None:
        """Make the programme's benefits and its kinds of subject known; nothing by default."""

    def has(self, room: str) -> bool:
        """Whether the programme has a module or package of this name."""
        return module_has_submodule(self.module, room)


def programmes() -> list[ProgrammeConfig]:
    """The installed programmes, in the order of INSTALLED_APPS."""
    return [config for config in apps.get_app_configs() if isinstance(config, ProgrammeConfig)]


def joined(tables: Iterable[Mapping[str, Row]]) -> dict[str, Row]:
    """The tables as one. ValueError when two programmes give the same key."""
    whole: dict[str, Row] = {}
    for table in tables:
        if twice := whole.keys() & table.keys():
            raise ValueError(f"two programmes give {', '.join(sorted(twice))}")
        whole |= table
    return whole


def pages() -> list[URLResolver]:
    """The addresses of every programme's pages."""
    return [_addresses(one, "urls") for one in programmes() if one.has("urls")]


def endpoints() -> list[URLResolver]:
    """The addresses of what every programme gives through the API."""
    return [_addresses(one, "api") for one in programmes() if one.has("api")]


def _addresses(programme: ProgrammeConfig, room: str) -> URLResolver:
    return path(f"{programme.address}/", include(f"{programme.name}.{room}"))
