"""Dated figures: what counts on a day, who enters and who confirms, and what the database refuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import IntegrityError, InternalError, ProgrammingError
from django.utils import timezone

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.policy import check
from portal.policy.actions import add_parameter_value, confirm_parameter_value, withdraw_parameter_value
from portal.policy.law import law_on
from portal.policy.models import Clause, Department, OpenQuestion, Parameter, ParameterValue, PolicyDocument
from portal.policy.reference import load_policy, read
from portal.policy.values import BadValue, canonical_value

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 6, 30)
LIMIT = "training.skill-upgrade.claims-per-year"
NO_VALUE = {
    "training.technician.amount",
    "training.pre-job.amount",
    "training.upskilling.amount",
    "training.apprenticeship.amount-per-year",
    "training.apprenticeship.prepayment-percent",
    "award.national-class-one.prize",
    "title.equivalence.extra-years",
}


def entered(by: Any, code: str = LIMIT, value: Any = 5, **fields: Any) -> ParameterValue:
    given = {"since": dt.date(2026, 1, 1), "document": "人社部发〔2026〕1号"} | fields
    return add_parameter_value(Parameter.objects.get(code=code), value, by=by, **given)


@pytest.mark.parametrize(
    ("code", "on", "value"),
    [
        ("training.skill-upgrade.insured-months", "2016-12-31", None),
        ("training.skill-upgrade.insured-months", "2018-12-31", 36),
        ("training.skill-upgrade.insured-months", "2019-01-01", 12),
        ("training.skill-upgrade.insured-months", "2024-12-31", 12),
        ("training.skill-upgrade.insured-months", "2025-01-01", 36),
        ("training.skill-upgrade.insured-months", "2025-04-21", 36),
        ("training.skill-upgrade.insured-months", "2025-04-22", 12),
        ("training.skill-upgrade.insured-months", "2025-12-31", 12),
        ("training.skill-upgrade.insured-months", "2026-01-01", 36),
        ("training.skill-upgrade.insured-months", "2030-01-01", 36),
        ("training.skill-upgrade.claim-window-months", "2026-01-01", 12),
        ("training.skill-upgrade.scarce-claims-per-year", "2025-04-21", None),
        ("training.skill-upgrade.scarce-claims-per-year", "2025-04-22", 2),
        ("training.skill-upgrade.scarce-claims-per-year", "2025-12-31", 2),
        ("training.skill-upgrade.scarce-claims-per-year", "2026-01-01", None),
        (LIMIT, "2025-04-21", 3),
        (LIMIT, "2025-04-22", 1),
        (LIMIT, "2025-12-31", 1),
        (LIMIT, "2026-01-01", 3),
        (LIMIT, "2023-12-31", None),
        (LIMIT, "2024-01-01", 3),
        ("facility.yearly-quota", "2020-12-31", None),
        ("facility.yearly-quota", "2022-01-01", None),
        (
            "facility.training-base.grant",
            "2024-01-01",
            {"national": "5000000.00", "autonomous_region": "1000000.00"},
        ),
        (
            "facility.master-studio.grant",
            "2024-01-01",
            {"national": "100000.00", "autonomous_region": "100000.00"},
        ),
        (
            "facility.competition-base.grant",
            "2024-01-01",
            {"national": "3000000.00", "autonomous_region": "1000000.00"},
        ),
        ("leave.annual.days", "2024-01-01", [[0, 5], [10, 10], [20, 15]]),
        ("leave.annual.pay-base-months", "2024-01-01", 12),
        ("family.employment.offers-per-year", "2024-01-01", 2),
        ("indicator.union-congress-share", "2024-01-01", 3),
        ("office.reconsideration-days", "2024-01-01", 60),
        ("office.litigation-months", "2024-01-01", 6),
        ("training.apprenticeship.guidance-floor", "2024-01-01", "5000.00"),
    ],
)
def test_value_on_a_day(code: str, on: str, value: Any) -> None:
    assert law_on(dt.date.fromisoformat(on)).value(code) == value


def test_what_was_not_found_has_no_value_on_any_day() -> None:
    assert {p.code for p in Parameter.objects.filter(values__isnull=True)} == NO_VALUE


def test_every_value_has_a_source_and_fits_its_kind() -> None:
    for value in ParameterValue.objects.select_related("parameter"):
        assert value.document
        assert canonical_value(value.parameter.kind, value.value) == value.value


@pytest.mark.parametrize(
    ("on", "caveated"),
    [
        ("2024-12-31", False),
        ("2025-01-01", True),
        ("2025-04-21", True),
        ("2025-04-22", False),
        ("2025-12-31", False),
        ("2026-01-01", True),
    ],
)
def test_an_expired_document_leaves_a_caveat(on: str, caveated: bool) -> None:
    assert bool(law_on(dt.date.fromisoformat(on)).figures[LIMIT].caveat) is caveated


@pytest.mark.parametrize("kind", ["training-base", "master-studio"])
def test_grants_keep_their_sums_with_a_caveat_beside_the_national_scheme(kind: str) -> None:
    before, since = (
        law_on(day).figures[f"facility.{kind}.grant"] for day in (dt.date(2021, 12, 31), dt.date(2022, 1, 1))
    )
    assert before.value == since.value
    assert (before.caveat, bool(since.caveat)) == ("", True)


def test_a_value_counts_from_its_confirmation_by_a_second_person(
    policy_officer: Any, second_policy_officer: Any
) -> None:
    on = dt.date(2026, 3, 1)
    value = entered(policy_officer)
    assert law_on(on).value(LIMIT) == 3
    before = timezone.now()
    confirmed = confirm_parameter_value(value, by=second_policy_officer)
    assert confirmed.confirmed_at > before
    assert law_on(on).value(LIMIT) == 5
    assert law_on(on, confirmed_before=before).value(LIMIT) == 3
    assert law_on(dt.date(2025, 12, 31)).value(LIMIT) == 1
    assert list(
        Entry.objects.filter(action__startswith="policy.").order_by("id").values_list("action", flat=True)
    ) == [
        "policy.parameter.enter",
        "policy.parameter.confirm",
    ]


def test_one_cannot_confirm_ones_own_entry(policy_officer: Any) -> None:
    value = entered(policy_officer)
    with pytest.raises(ValidationError):
        confirm_parameter_value(value, by=policy_officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        ParameterValue.objects.filter(pk=value.pk).update(
            confirmed_by=policy_officer, confirmed_at=timezone.now()
        )


def test_confirming_twice_is_refused(policy_officer: Any, second_policy_officer: Any) -> None:
    value = entered(policy_officer)
    confirm_parameter_value(value, by=second_policy_officer)
    with pytest.raises(ValidationError):
        confirm_parameter_value(value, by=second_policy_officer)


@pytest.mark.parametrize("someone", ["clerk", "approver", "auditor", "system_admin"])
def test_only_policy_officers_enter_and_confirm(someone: str, cast: Any) -> None:
    with pytest.raises(Refused):
        entered(cast(someone))
    value = entered(cast("policy_officer"))
    with pytest.raises(Refused):
        confirm_parameter_value(value, by=cast(someone))
    with pytest.raises(Refused):
        withdraw_parameter_value(value, by=cast(someone), reason="填错")


def test_an_unconfirmed_entry_can_be_taken_back_a_confirmed_one_cannot(
    policy_officer: Any, second_policy_officer: Any
) -> None:
    withdraw_parameter_value(entered(policy_officer), by=policy_officer, reason="填错")
    kept = confirm_parameter_value(entered(policy_officer), by=second_policy_officer)
    with pytest.raises(ValidationError):
        withdraw_parameter_value(kept, by=policy_officer, reason="填错")
    assert ParameterValue.objects.filter(entered_by=policy_officer).count() == 1


def test_a_document_that_ends_leaves_no_value_and_nothing_older_comes_back(
    policy_officer: Any, second_policy_officer: Any
) -> None:
    confirm_parameter_value(
        entered(policy_officer, value=4, until=dt.date(2026, 6, 30)), by=second_policy_officer
    )
    assert law_on(dt.date(2026, 6, 30)).value(LIMIT) == 4
    assert law_on(dt.date(2026, 7, 1)).value(LIMIT) is None
    confirm_parameter_value(
        entered(policy_officer, value=None, since=dt.date(2026, 3, 1)), by=second_policy_officer
    )
    assert law_on(dt.date(2026, 3, 1)).value(LIMIT) is None


def test_a_correction_of_the_same_day_is_the_one_confirmed_later(
    policy_officer: Any, second_policy_officer: Any
) -> None:
    confirm_parameter_value(entered(policy_officer, value=5), by=second_policy_officer)
    confirm_parameter_value(entered(policy_officer, value=6), by=second_policy_officer)
    assert law_on(dt.date(2026, 3, 1)).value(LIMIT) == 6


@pytest.mark.parametrize(
    "fields",
    [{"value": "five"}, {"value": -1}, {"value": True}, {"document": " "}, {"until": dt.date(2025, 1, 1)}],
    ids=str,
)
def test_what_does_not_fit_is_refused(policy_officer: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        entered(policy_officer, **fields)


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("integer", 3, 3),
        ("number", "21.750", 21.75),
        ("money", 1500, "1500.00"),
        ("money", "1500.5", "1500.50"),
        ("codes", ["b", "a", "b"], ["a", "b"]),
        ("table", {"b": "1", "a": {"x": 2}}, {"a": {"x": 2}, "b": "1.00"}),
        ("steps", [[0, 5], [10, 10]], [[0, 5], [10, 10]]),
        ("places", {"150600": " 鄂尔多斯市人民政府 "}, {"150600": "鄂尔多斯市人民政府"}),
        ("table", None, None),
    ],
)
def test_values_have_one_form(kind: str, value: Any, stored: Any) -> None:
    assert canonical_value(kind, value) == stored
    assert canonical_value(kind, stored) == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 3.5),
        ("integer", 2**31),
        ("number", "x"),
        ("number", "NaN"),
        ("money", "1.005"),
        ("money", "-1"),
        ("money", True),
        ("codes", []),
        ("codes", "a"),
        ("codes", [1]),
        ("table", {}),
        ("table", {"": "1"}),
        ("table", [1]),
        ("table", {"a": "many"}),
        ("table", {"a": 1.5}),
        ("steps", [[10, 1], [0, 2]]),
        ("steps", [[0, 1], [0, 2]]),
        ("steps", []),
        ("steps", [[0]]),
        ("steps", 5),
        ("places", {}),
        ("places", {"150600": " "}),
        ("places", {"150600": 3}),
        ("places", {"鄂尔多斯市": "鄂尔多斯市人民政府"}),
        ("places", {"150600": "长" * 61}),
    ],
)
def test_values_of_another_kind_are_refused(kind: str, value: Any) -> None:
    with pytest.raises(BadValue):
        canonical_value(kind, value)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE policy_parametervalue SET value = '1'",
        "UPDATE policy_parametervalue SET until = '2030-01-01'",
        "UPDATE policy_parametervalue SET confirmed_at = now()",
        "DELETE FROM policy_parametervalue",
        "TRUNCATE policy_parametervalue CASCADE",
        "UPDATE policy_parameter SET kind = 'money'",
        "DELETE FROM policy_clause",
        "INSERT INTO policy_department (name) VALUES ('x')",
    ],
)
def test_the_database_refuses_to_rewrite_the_law(sql: str) -> None:
    with (
        pytest.raises((IntegrityError, InternalError, ProgrammingError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_moment_of_confirmation_is_the_databases(policy_officer: Any, second_policy_officer: Any) -> None:
    value = entered(policy_officer)
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    ParameterValue.objects.filter(pk=value.pk).update(
        confirmed_by=second_policy_officer, confirmed_at=long_ago
    )
    value.refresh_from_db()
    assert value.confirmed_at and value.confirmed_at > value.entered_at


def test_a_table_of_another_shape_gives_no_amount_rather_than_an_error(
    policy_officer: Any, second_policy_officer: Any
) -> None:
    flat = entered(
        policy_officer, "award.worldskills.prize", {"44": "1.00", "47": {"gold": {"each": "1.00"}}}
    )
    confirm_parameter_value(flat, by=second_policy_officer)
    facts = {"competition": "worldskills", "competition_prize": "gold", "for_inner_mongolia": True}
    for edition in (44, 47):
        (answer,) = check(
            {**facts, "competition_edition": edition}, dt.date(2026, 3, 1), ["award.worldskills"]
        )
        assert (answer["outcome"], answer["amount"]) == ("eligible", None)


# -- the shelf -----------------------------------------------------------------------------------------------


def test_sixteen_clauses_with_their_departments_in_order(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        clauses = list(Clause.objects.with_departments())
        responsible = {
            clause.number: [share.department_id for share in clause.responsible] for clause in clauses
        }
    assert [clause.number for clause in clauses] == [
        *"一二三四五六七八九十",
        *(f"十{digit}" for digit in "一二三四五六"),
    ]
    assert all(responsible.values())
    names = {department.pk: department.name for department in Department.objects.all()}
    assert [names[pk] for pk in responsible["一"]] == ["党委组织部", "人力资源社会保障厅", "总工会"]
    assert names[responsible["五"][0]] == "科技厅"
    assert all(clause.title and clause.summary and clause.chapter for clause in clauses)


def test_parameters_with_their_value_on_a_day(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        found = {
            parameter.code: parameter.in_force
            for parameter in Parameter.objects.with_values_on(dt.date(2018, 6, 30))
        }
    months = found["training.skill-upgrade.insured-months"]
    assert months is not None and months.value == 36
    assert found[LIMIT] is None
    assert {code: value.value for code, value in found.items() if value} == {
        code: figure.value for code, figure in law_on(dt.date(2018, 6, 30)).figures.items()
    }


def test_figures_cite_documents_on_the_shelf() -> None:
    shelf = set(PolicyDocument.objects.values_list("number", flat=True))
    press = {
        document
        for document in ParameterValue.objects.values_list("document", flat=True)
        if "公开报道" in document
    }
    cited = set(ParameterValue.objects.values_list("document", flat=True)) - press - {"其他地区办理惯例"}
    cited |= {
        condition["clause"]["document"] for answer in check({}, DAY) for condition in answer["conditions"]
    }
    assert cited <= shelf


def test_open_questions_say_how_they_are_handled() -> None:
    questions = list(OpenQuestion.objects.all())
    assert len(questions) == 12
    assert all(question.decision and question.reason for question in questions)
    # Every one is about a benefit, but that of the pay of firms, which is no person's.
    assert [question.code for question in questions if not question.benefits] == ["raise-compared-with"]
    assert all(question.benefits or question.clause for question in questions)


def test_every_shipped_figure_is_loaded() -> None:
    shipped = sum(len(row.get("values", [])) for row in read("parameters.yaml"))
    assert ParameterValue.objects.filter(entered_by__isnull=True).count() == shipped


def test_the_application_cannot_load_the_law() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        load_policy()
