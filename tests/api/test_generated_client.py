"""A program made from the description alone reads what the API answers: nothing is missing, renamed or of another kind."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.test import Client

from portal.accounts import tokens
from portal.wsgi import application
from tests.api.test_published import notice  # noqa: F401
from tests.cast import OTOG, make_worker
from tests.registry.conftest import entry  # noqa: F401

pytestmark = pytest.mark.django_db
HOST = "http://127.0.0.1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Callable[[str], Any]]:
    """`made("api.benefits.benefits")` is that module of the client that was made from the description."""
    folder = tmp_path_factory.mktemp("client")
    description = folder / "schema.json"
    description.write_bytes(Client().get("/api/schema/?format=json").content)
    # It would be put in order by programs that may not be there.
    settings = folder / "settings.json"
    settings.write_text(json.dumps({"post_hooks": []}))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    command += ["--config", str(settings), "--path", str(description)]
    command += ["--output-path", str(folder / "jht_client")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"jht_client.{name}")
    sys.path.remove(str(folder))


@pytest.fixture
def stranger(made: Callable[[str], Any], asked_here: None) -> Any:
    return made("client").Client(
        base_url=HOST, httpx_args={"transport": httpx.WSGITransport(app=application)}
    )


@pytest.fixture
def of_clerk(made: Callable[[str], Any], asked_here: None, cast: Any) -> Any:
    return made("client").AuthenticatedClient(
        base_url=HOST,
        token=tokens.issue(cast("clerk"), "程序", "")[1],
        prefix="Token",
        httpx_args={"transport": httpx.WSGITransport(app=application)},
    )


def read(operation: Any, client: Any, *named: Any, **asked: Any) -> Any:
    """What the operation answered, as the client understood it: all that was sent, and nothing besides."""
    answer = operation.sync_detailed(*named, client=client, **asked)
    assert answer.status_code == 200, answer.content
    understood = answer.parsed
    again = [one.to_dict() for one in understood] if isinstance(understood, list) else understood.to_dict()
    assert again == json.loads(answer.content)
    return understood


@pytest.mark.parametrize(
    "operation",
    ["benefits.benefits", "honours.honours", "policy.policy_clauses_list", "policy.policy_parameters_list"],
)
def test_law_and_benefits(made: Callable[[str], Any], stranger: Any, operation: str) -> None:
    assert read(made(f"api.{operation}"), stranger)


def test_one_benefit_by_its_code(made: Callable[[str], Any], stranger: Any) -> None:
    benefit = read(made("api.benefits.benefit"), stranger, "training.skill-upgrade")
    assert benefit.clause.number == "九"


def test_divisions_and_windows(made: Callable[[str], Any], stranger: Any) -> None:
    assert read(made("api.regions.regions_list"), stranger, page_size=200).results
    assert read(made("api.regions.region"), stranger, OTOG).code == OTOG
    assert read(made("api.windows.windows"), stranger, page_size=200).results is not None


def test_notices_and_their_lists(made: Callable[[str], Any], stranger: Any, notice: Any) -> None:  # noqa: F811
    (listed,) = read(made("api.notices.notices"), stranger).results
    whole = read(made("api.notices.notice"), stranger, listed.number)
    assert whole.version.rows == [["王*国"]]


def test_the_registry(made: Callable[[str], Any], stranger: Any, entry: Any) -> None:  # noqa: F811
    number = entry().number
    (listed,) = read(made("api.registry.registry"), stranger).results
    assert listed.number == number
    assert read(made("api.registry.registry_entry"), stranger, number).number == number


def test_who_may_see_workers_does(made: Callable[[str], Any], of_clerk: Any, stranger: Any) -> None:
    worker = make_worker("王建国")
    (listed,) = read(made("api.workers.workers_list"), of_clerk).results
    assert listed.id == worker.pk and "*" in listed.id_number
    refused = made("api.workers.workers_list").sync_detailed(client=stranger)
    assert refused.status_code == 401 and refused.parsed.errors[0].problem


def test_a_wrong_question_is_answered_as_described(made: Callable[[str], Any], stranger: Any) -> None:
    answer = made("api.regions.regions_list").sync_detailed(client=stranger, page_size=201)
    assert answer.status_code == 400
    (wrong,) = answer.parsed.errors
    assert wrong.field == "page_size" and wrong.allowed
