"""Migrations applied without drawing the neighbours of a changed model anew.

While Django migrates it keeps a class for every model as it stood, and after each step draws the changed one
again, with all that is related to it. Here nearly everything is related to a worker, a case or a region: nine
tenths of the making of a new database went there. What a step reads of a neighbour is its table and the type of
its key, and neither changes when a model is added, or gains fields, indexes, rules or options; so the model is
drawn alone. The state is marked as Django marks what it delays: a migration in Python gets all models anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState

_PATCHED = ("reload_model", "add_model", "add_field")


@contextmanager
def changed_models_drawn_alone() -> Iterator[None]:
    """Within it a model that is added or gains something is drawn without its neighbours."""
    originals = {name: getattr(ProjectState, name) for name in _PATCHED}

    def reload_model(state: Any, app_label: str, model_name: str, delay: bool = False) -> None:
        # Without delay a key or a name changes: that is the neighbours' matter.
        if delay:
            _draw_alone(state, (app_label, model_name))
        else:
            originals["reload_model"](state, app_label, model_name, delay)

    def add_model(state: Any, model_state: Any) -> None:
        with _undrawn(state, (model_state.app_label, model_state.name_lower)):
            originals["add_model"](state, model_state)

    def add_field(state: Any, app_label: str, model_name: str, *field: Any) -> None:
        with _undrawn(state, (app_label, model_name)):
            originals["add_field"](state, app_label, model_name, *field)

    try:
        _patch({"reload_model": reload_model, "add_model": add_model, "add_field": add_field})
        yield
    finally:
        _patch(originals)


def _patch(methods: dict[str, Callable[..., None]]) -> None:
    for name, method in methods.items():
        setattr(ProjectState, name, method)


@contextmanager
def _undrawn(state: Any, model: tuple[str, str]) -> Iterator[None]:
    """A change of the state that draws nothing; afterwards the model is drawn alone, where any are drawn."""
    apps = state.__dict__.pop("apps", None)
    yield
    if apps is not None:
        state.__dict__["apps"] = apps
        _draw_alone(state, model)


def _draw_alone(state: Any, model: tuple[str, str]) -> None:
    if "apps" in state.__dict__:  # asking for it otherwise would draw them all
        state.is_delayed = True
        state._reload({model})
