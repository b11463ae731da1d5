"""A programme more is a line in INSTALLED_APPS: with it, what looks over the house looks over the programme
too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest

from tests import databases
from tests.databases import ROOT

pytestmark = pytest.mark.program
# Besides its own pages: what guards views, names, words, addresses and migrations of everything installed.
GUARDS = (
    "tests/guards/test_programmes.py",
    "tests/guards/test_scoped_queries.py",
    "tests/guards/test_house.py::test_every_address_a_template_names_exists",
    "tests/guards/test_house.py::test_models_and_migrations_agree",
    "tests/guards/test_house.py::test_migrations_can_be_taken_back",
    "tests/guards/test_house.py::test_every_foreign_key_has_its_index",
    "tests/guards/test_house.py::test_the_application_owns_nothing",
    "tests/audit/test_labels.py",
)


@pytest.fixture(scope="module")
def installed(template_database: str) -> Iterator[dict[str, str]]:
    """The environment of a process in which the programme is installed, with a database that has its tables."""
    name = f"jht_test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    databases.clone(template_database, name)
    env = os.environ | {
        "DATABASE_URL": databases.renamed(os.environ["DATABASE_URL"], name),
        "DATABASE_OWNER_URL": databases.renamed(os.environ["DATABASE_OWNER_URL"], name),
        "DJANGO_SETTINGS_MODULE": "tests.programmes.settings",
        "JHT_TEST_TEMPLATE": name,
        "PYTHONPATH": str(ROOT),
    }
    env.pop("PYTEST_XDIST_WORKER", None)
    # Migrates and installs, as the owner, what is not there yet.
    make = [sys.executable, "-m", "tests.template"]
    subprocess.run(make, env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    yield env
    databases.drop(name)


def test_it_is_one_of_the_house(installed: dict[str, str]) -> None:
    ran = _pytest(installed, "tests/programmes/in_the_house.py", *GUARDS)
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert "test_views_start_from_what_the_user_may_see[tests/programmes/tiny/views.py]" in ran.stdout
    assert "test_the_portal_names_no_programme[tiny]" in ran.stdout


def _pytest(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", "-v", "--tb=short"]
    return subprocess.run(
        [*command, *arguments], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
