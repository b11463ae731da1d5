"""Determinations are evidence: written in sets, superseded and never changed, derived again years later."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.models import Q
from django.db.utils import IntegrityError, ProgrammingError

from portal.policy import check, engine
from portal.policy.actions import add_parameter_value, confirm_parameter_value
from portal.policy.benefits import BY_CODE
from portal.policy.determine import determine, determine_typed, explain_determination
from portal.policy.facts import FACTS
from portal.policy.intake import validate_facts
from portal.policy.models import Determination, Parameter, RuleVersion
from portal.policy.reference import record_rule_versions
from portal.policy.rules import all_of, need
from tests import copies
from tests.policy.people import UPGRADE, relation_of
from tests.policy.test_executor import known_on, made_up

DAY = dt.date(2024, 6, 30)
SUBSIDY = "training.skill-upgrade"


def rederived(**options: Any) -> str:
    said = io.StringIO()
    call_command("rederive", stdout=said, **options)
    return said.getvalue()


def confirmed(code: str, value: Any, since: dt.date, by: Any, second: Any) -> None:
    parameter = Parameter.objects.get(code=code)
    confirm_parameter_value(
        add_parameter_value(parameter, value, by=by, since=since, document="内人社发〔2026〕9号"), by=second
    )


# -- writing -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_subject_is_decided_with_facts_sources_law_and_conditions() -> None:
    (found,) = determine_typed(
        UPGRADE,
        DAY,
        [SUBSIDY],
        subject_type="worker",
        subject_id=7,
        sources={"certificate_level": "证书 1500001", "leading_talent": "名录"},
    )
    (answer,) = check(UPGRADE, DAY, [SUBSIDY])
    assert (found.outcome, f"{found.amount:.2f}", found.fund) == (
        "eligible",
        "2000.00",
        "unemployment_insurance_fund",
    )
    assert found.digest == answer["digest"]
    assert found.facts == {fact: UPGRADE.get(fact) for fact in found.facts}
    assert found.fact_sources == {"certificate_level": "证书 1500001"}
    assert found.law["training.skill-upgrade.insured-months"]["value"] == 12
    assert found.law["training.skill-upgrade.insured-months"]["document"] == "人社部发〔2024〕40号"
    assert found.conditions[0] == {
        "code": "policy-in-force",
        "clause": {"document": "人社部发〔2017〕40号", "number": None},
        "holds": True,
    }
    assert found.rule_version.benefit == SUBSIDY
    assert found.supersedes is None


@pytest.mark.django_db
def test_stored_evidence_explains_itself_as_the_check_did() -> None:
    for facts in made_up(12, seed=11, share=0.6):
        facts = validate_facts(known_on(facts, DAY), DAY)
        answers = {answer["benefit"]: answer for answer in check(facts, DAY)}
        for found in determine_typed(facts, DAY, list(answers), subject_type="worker", subject_id=1):
            assert explain_determination(found) == answers[found.benefit]


@pytest.mark.django_db
def test_bulk_stored_and_typed_in_carry_the_same_digests() -> None:
    people = {
        number: validate_facts(known_on(facts, DAY), DAY)
        for number, facts in enumerate(made_up(15, seed=5, share=0.8))
    }
    batch = determine(relation_of(people), DAY)
    assert batch.written == 15 * 22
    bulk = {(d.subject_id, d.benefit): d.digest for d in Determination.objects.filter(batch=batch.number)}
    for number, facts in people.items():
        one = determine(relation_of({number: facts}), DAY)
        stored = {d.benefit: d.digest for d in Determination.objects.filter(batch=one.number)}
        typed = {answer["benefit"]: answer["digest"] for answer in check(facts, DAY)}
        assert (
            stored == typed == {code: digest for (subject, code), digest in bulk.items() if subject == number}
        )


@pytest.mark.django_db
def test_a_register_takes_a_fixed_number_of_queries(django_assert_num_queries: Any) -> None:
    determine(relation_of({0: UPGRADE}), DAY, [SUBSIDY])
    with django_assert_num_queries(8):
        determine(relation_of([UPGRADE] * 300), DAY, [SUBSIDY])


@pytest.mark.django_db
def test_only_wanted_outcomes_are_kept() -> None:
    people = [UPGRADE, {**UPGRADE, "employment": "unemployed"}, {}]
    batch = determine(relation_of(people), DAY, [SUBSIDY], outcomes=["eligible"])
    assert batch.counts == {(SUBSIDY, "eligible"): 1}


@pytest.mark.django_db
def test_a_new_determination_supersedes_the_subjects_last() -> None:
    for _ in range(3):
        determine(relation_of({1: UPGRADE, 2: UPGRADE}), DAY, [SUBSIDY, "leave.annual"])
    standing = Determination.objects.about("worker", 1).standing()
    assert sorted(standing.values_list("benefit", flat=True)) == ["leave.annual", SUBSIDY]
    chain = standing.get(benefit=SUBSIDY)
    assert chain.supersedes is not None and chain.supersedes.supersedes is not None
    assert chain.supersedes.supersedes.supersedes is None
    assert {d.subject_id for d in (chain, chain.supersedes)} == {1}


@pytest.mark.django_db
def test_one_determination_has_one_successor() -> None:
    (first,) = determine_typed(UPGRADE, DAY, [SUBSIDY], subject_type="worker", subject_id=1)
    determine_typed(UPGRADE, DAY, [SUBSIDY], subject_type="worker", subject_id=1)
    fork = Determination.objects.get(pk=first.pk)
    fork.pk, fork.supersedes = None, first
    with pytest.raises(IntegrityError), transaction.atomic():
        fork.save(force_insert=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE policy_determination SET outcome = 'eligible'",
        "DELETE FROM policy_determination",
        "TRUNCATE policy_determination",
    ],
)
def test_evidence_is_only_ever_added_to(sql: str) -> None:
    determine_typed(UPGRADE, DAY, [SUBSIDY], subject_type="worker", subject_id=1)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


# -- deriving again ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_later_figure_changes_nothing_then_and_is_reported_now(
    policy_officer: Any, second_policy_officer: Any
) -> None:
    on = dt.date(2026, 3, 1)
    people = {
        1: {**UPGRADE, "certificate_issued_on": "2025-12-01"},
        2: {**UPGRADE, "claims_this_year": 2, "certificate_issued_on": "2025-12-01"},
        3: {},
    }
    determine(relation_of(people), on, [SUBSIDY, "leave.annual"])
    assert "复算 6 条认定，全部一致" in rederived()
    assert "0 条结论将有不同" in rederived(as_known_today=True)

    confirmed(
        "training.skill-upgrade.claims-per-year",
        2,
        dt.date(2026, 1, 1),
        policy_officer,
        second_policy_officer,
    )
    assert "复算 6 条认定，全部一致" in rederived()
    today = rederived(as_known_today=True)
    assert "1 条结论将有不同" in today
    assert "worker 2 2026-03-01" in today
    assert '"outcome": "eligible"' in today and '"outcome": "ineligible"' in today

    # A decision made after the confirmation knows it, and both replay side by side.
    determine(relation_of({2: people[2]}), on, [SUBSIDY])
    assert Determination.objects.about("worker", 2).standing().get(benefit=SUBSIDY).outcome == "ineligible"
    assert "复算 7 条认定，全部一致" in rederived()
    assert "0 条结论将有不同" in rederived(as_known_today=True)


@pytest.mark.django_db
def test_an_amount_that_gets_a_source_is_reported(policy_officer: Any, second_policy_officer: Any) -> None:
    facts = {"employment": "employed", "certificate_level": "technician", "public_institution_payroll": False}
    determine(relation_of({4: facts}), dt.date(2026, 3, 1), ["training.technician"])
    confirmed(
        "training.technician.amount", "3500", dt.date(2026, 1, 1), policy_officer, second_policy_officer
    )
    assert "全部一致" in rederived()
    report = rederived(as_known_today=True)
    assert '{"amount": null} -> {"amount": "3500.00"}' in report


@pytest.mark.django_db
def test_every_kind_of_fact_survives_storage() -> None:
    people = {
        number: known_on(facts, dt.date(2026, 11, 22))
        for number, facts in enumerate(made_up(60, seed=2, share=0.9))
    }
    for on in (dt.date(2018, 6, 30), DAY, dt.date(2026, 11, 22)):
        determine(relation_of(people), on)
    assert f"复算 {60 * 22 * 3} 条认定，全部一致" in rederived()
    assert set(FACTS) >= {fact for d in Determination.objects.all()[:50] for fact in d.facts}


@pytest.mark.django_db
def test_an_old_version_is_replayed_from_its_data_beside_the_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue of tomorrow asks for something else; what version 1 decided stands, and the report says
    who differs.
    """
    facts = {"employment": "employed", "continuous_months": 30, "worked_years": 12}
    determine(relation_of({1: facts, 2: {**facts, "in_skilled_post": True}}), DAY, ["leave.annual"])
    leave = BY_CODE["leave.annual"]
    post = need("skilled-post", Q(in_skilled_post=True), "在技能岗位工作", "")
    second = dataclasses.replace(leave, version=2, when=all_of(*leave.when.parts, post))
    record_rule_versions((second,))
    monkeypatch.setitem(BY_CODE, "leave.annual", second)
    monkeypatch.setattr(
        engine, "CATALOGUE", tuple(second if b.code == "leave.annual" else b for b in engine.CATALOGUE)
    )
    engine._rules.cache_clear()
    engine._rule_set.cache_clear()
    try:
        assert "复算 2 条认定，全部一致" in rederived()
        assert "2 条结论将有不同" in rederived(as_known_today=True)
        determine(relation_of({2: {**facts, "in_skilled_post": True}}), DAY, ["leave.annual"])
        assert set(Determination.objects.values_list("rule_version__version", flat=True)) == {1, 2}
        assert "复算 3 条认定，全部一致" in rederived()
        assert (
            RuleVersion.objects.get(benefit="leave.annual", version=1).definition
            != RuleVersion.objects.get(benefit="leave.annual", version=2).definition
        )
    finally:
        engine._rules.cache_clear()
        engine._rule_set.cache_clear()


def test_whatever_was_changed_behind_our_back_is_found(committed: str, owner_sql: Callable[..., Any]) -> None:
    """The owner of the tables can change rows; deriving them again finds each, and the command says so by its
    exit code.
    """
    tampering = [
        "outcome = 'undetermined', amount = NULL",
        "amount = 9999",
        "facts = jsonb_set(facts, '{unemployment_insured_months}', '12')",
        "conditions = conditions - 1",
        "digest = repeat('0', 64)",
        "fund = 'employment_subsidy_fund'",
        "gives = '{\"days\": 30}'",
    ]
    determine(relation_of([UPGRADE] * (len(tampering) + 1)), DAY, [SUBSIDY])
    for subject, change in enumerate(tampering):
        owner_sql(f"UPDATE policy_determination SET {change} WHERE subject_id = {subject}")
    said = io.StringIO()
    with pytest.raises(CommandError, match=f"{len(tampering)} 条与原认定不一致"):
        call_command("rederive", stdout=said)
    assert [f"worker {subject} " in said.getvalue() for subject in range(len(tampering) + 1)] == [True] * len(
        tampering
    ) + [False]
    assert copies.manage("rederive", "--benefit", SUBSIDY).status == 1


@pytest.mark.django_db
def test_a_scope_narrows_what_is_derived() -> None:
    determine(relation_of({1: UPGRADE}), DAY, [SUBSIDY, "leave.annual"])
    assert "复算 1 条认定" in rederived(benefit=SUBSIDY)
    tomorrow = dt.date.today() + dt.timedelta(days=2)
    assert "复算 0 条认定" in rederived(since=tomorrow)
    with pytest.raises(CommandError, match="没有事项"):
        rederived(benefit="no.such")


@pytest.mark.django_db
def test_chunks_cover_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.policy.rederive.CHUNK", 7)
    determine(relation_of([UPGRADE] * 30), DAY, [SUBSIDY])
    assert "复算 30 条认定，全部一致" in rederived()


def test_confirmation_waits_for_a_decision_under_way(
    committed: str, policy_officer: Any, second_policy_officer: Any
) -> None:
    """What is confirmed while a decision is being written gets a later moment than the decision, so its
    replay stays the same.
    """
    code, on = "training.skill-upgrade.claims-per-year", dt.date(2026, 3, 1)
    parameter = Parameter.objects.get(code=code)
    value = add_parameter_value(
        parameter, 1, by=policy_officer, since=dt.date(2026, 1, 1), document="内人社发〔2026〕9号"
    )
    facts = {**UPGRADE, "certificate_issued_on": "2025-12-01", "claims_this_year": 2}
    done: list[Any] = []

    def confirm() -> None:
        done.append(confirm_parameter_value(value, by=second_policy_officer).confirmed_at)
        connections.close_all()

    with transaction.atomic():
        (found,) = determine_typed(facts, on, [SUBSIDY], subject_type="worker", subject_id=1)
        thread = threading.Thread(target=confirm)
        thread.start()
        thread.join(0.4)
        assert not done
    thread.join(10)
    assert done[0] > found.decided_at
    assert "全部一致" in rederived()
    # A connection opened again has nothing prepared and prepares its own.
    before = check(facts, on)
    connection.close()
    assert check(facts, on) == before
