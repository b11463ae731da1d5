"""Migrations draw a changed model alone, and a migration in Python sees all of them as they are. That the schema
is the same is held by tests/stack/test_upgrade.py: its folders were made without.
"""

from __future__ import annotations

import pytest
from django.core.management import get_commands, load_command_class
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from portal.migrating import changed_models_drawn_alone


def two_related_models() -> ProjectState:
    """A unit and its worker, drawn."""
    state = ProjectState()
    key = ("id", models.BigAutoField(primary_key=True))
    unit = models.ForeignKey("a.Unit", models.CASCADE)
    state.add_model(ModelState("a", "Unit", [key, ("name", models.CharField(max_length=20))]))
    state.add_model(ModelState("a", "Worker", [key, ("unit", unit)]))
    assert state.apps
    return state


def test_a_neighbour_stays_and_the_changed_model_is_new() -> None:
    state = two_related_models()
    unit, worker = state.apps.get_model("a", "unit"), state.apps.get_model("a", "worker")
    with changed_models_drawn_alone():
        state.add_field("a", "unit", "code", models.CharField(max_length=18), True)
    assert state.apps.get_model("a", "worker") is worker
    assert state.apps.get_model("a", "unit") is not unit
    assert state.apps.get_model("a", "unit")._meta.get_field("code")


def test_who_refers_to_a_model_that_is_added_finds_it() -> None:
    state = two_related_models()
    with changed_models_drawn_alone():
        worker = models.ForeignKey("a.Worker", models.CASCADE)
        key = ("id", models.BigAutoField(primary_key=True))
        state.add_model(ModelState("a", "Certificate", [key, ("worker", worker)]))
        state.add_field("a", "certificate", "issuer", models.ForeignKey("a.Unit", models.CASCADE), True)
    certificate = state.apps.get_model("a", "certificate")
    assert certificate._meta.get_field("worker").related_model is state.apps.get_model("a", "worker")
    assert certificate._meta.get_field("issuer").related_model is state.apps.get_model("a", "unit")


def test_a_migration_in_python_sees_all_of_them_anew() -> None:
    state = two_related_models()
    with changed_models_drawn_alone():
        state.add_field("a", "unit", "code", models.CharField(max_length=18), True)
        # As RunPython begins.
        state.clear_delayed_apps_cache()
        unit = state.apps.get_model("a", "worker")._meta.get_field("unit").related_model
    assert unit._meta.get_field("code")


def test_another_key_is_the_neighbours_matter_too() -> None:
    state = two_related_models()
    worker = state.apps.get_model("a", "worker")
    with changed_models_drawn_alone():
        state.alter_field("a", "unit", "id", models.CharField(max_length=18, primary_key=True), True)
    assert state.apps.get_model("a", "worker") is not worker


def test_afterwards_all_is_as_django_has_it() -> None:
    before = ProjectState.reload_model, ProjectState.add_model, ProjectState.add_field
    with pytest.raises(ZeroDivisionError), changed_models_drawn_alone():
        assert ProjectState.reload_model is not before[0]
        raise ZeroDivisionError
    assert (ProjectState.reload_model, ProjectState.add_model, ProjectState.add_field) == before


def test_the_command_is_ours() -> None:
    command = load_command_class(get_commands()["migrate"], "migrate")
    assert type(command).__module__ == "portal.management.commands.migrate"
