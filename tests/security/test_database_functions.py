"""The functions of the database do what they say, whoever calls them and whatever they have prepared.

Given somebody who has the application's role (and with it may make temporary tables and set parameters), when
they hide our tables behind temporary ones, then every guard still reads ours.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from portal.cases.workflow import Duty
from portal.database_functions import SEARCH_PATH, secure
from portal.regions.models import Region
from portal.workforce.models import SkillCredential
from tests.cases.test_life_of_a_case import opened
from tests.cast import make_worker
from tests.databases import renamed
from tests.workforce.changing import CERTIFICATE, EMPLOYED, changed, recorded

FUNCTIONS = """
SELECT p.proname, p.prosrc, coalesce(p.proconfig, '{}'), p.prosqlbody IS NOT NULL
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def read(sql: str, *params: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []


def tables() -> list[str]:
    return [
        name for (name,) in read("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                                 " AND relkind IN ('r', 'p', 'v', 'm')")
    ]  # fmt: skip


def hide_all_tables() -> None:
    """From now on every table that is named without its schema is an empty one of our own making."""
    with connection.cursor() as cursor:
        for name in tables():
            cursor.execute(f'CREATE TEMPORARY TABLE "{name}" (LIKE public."{name}")')


def refused(sql: str, *params: Any) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        read(sql, *params)
        read("SET CONSTRAINTS ALL IMMEDIATE")
    return str(error.value)


# -- every function ------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_every_function_has_a_search_path_or_looked_its_names_up_when_it_was_made() -> None:
    functions = read(FUNCTIONS)
    assert len(functions) > 90
    without = [
        name for name, _, config, is_parsed in functions if not is_parsed and SEARCH_PATH not in config
    ]
    assert without == [], "portal/database_functions.py did not come by; is it called after migrate?"
    assert [name for name, _, config, _ in functions for one in config if one.startswith("search_path")
            and one != SEARCH_PATH] == []  # fmt: skip


@pytest.mark.django_db
def test_every_function_names_its_tables_with_their_schema() -> None:
    names = "|".join(sorted(tables(), key=len, reverse=True))
    bare = re.compile(rf"""(?:FROM|JOIN|INTO|UPDATE|TABLE|ONLY)\s+"?(?:{names})\b""", re.IGNORECASE)
    assert {name: found for name, text, *_ in read(FUNCTIONS) if (found := bare.findall(text))} == {}


@pytest.mark.django_db
def test_nobody_but_the_owner_makes_functions_or_tables_in_the_schema() -> None:
    assert "permission denied" in refused("CREATE FUNCTION public.f() RETURNS int LANGUAGE sql RETURN 1")
    assert "permission denied" in refused("CREATE TABLE public.cases_other (id int)")
    assert "must be owner" in refused("ALTER FUNCTION public.cases_check_move() RESET search_path")


# -- behind temporary tables ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_case_moves_only_as_listed(worker: Any) -> None:
    case = opened(worker)
    hide_all_tables()
    read("INSERT INTO pg_temp.cases_allowedmove SELECT * FROM public.cases_allowedmove LIMIT 1")
    read("UPDATE pg_temp.cases_allowedmove SET kind = %s, from_state = %s, to_state = 'elsewhere'", case.kind,
         case.state)  # fmt: skip
    said = refused(
        "UPDATE public.cases_case SET state = 'elsewhere', version = version + 1 WHERE id = %s", case.pk
    )
    assert "does not lead to" in said


@pytest.mark.django_db
def test_duties_that_exclude_each_other_stay_apart(worker: Any, clerk: Any) -> None:
    case = opened(worker)
    worker.account = clerk
    worker.save(update_fields=["account"])
    other = opened(make_worker(), duties={Duty.PREPARE: clerk.pk})
    hide_all_tables()
    add = "INSERT INTO public.cases_caseduty (case_id, duty, person_id) VALUES (%s, 'approve', %s)"
    assert "nobody decides on what is their own" in refused(add, case.pk, clerk.pk)
    assert "who holds prepare does not take on approve" in refused(add, other.pk, clerk.pk)


@pytest.mark.django_db
def test_roles_that_exclude_each_other_stay_apart(clerk: Any) -> None:
    hide_all_tables()
    said = refused(
        "INSERT INTO public.accounts_roleassignment (user_id, role, region_id, since)"
        " SELECT user_id, 'audit_admin', region_id, since FROM public.accounts_roleassignment"
        " WHERE user_id = %s",
        clerk.pk,
    )
    assert "excludes" in said


@pytest.mark.django_db
def test_a_confirmed_record_is_removed_by_two(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = recorded("credential", worker, CERTIFICATE, clerk, confirmed_by=reviewer)
    # a change of another record, made to look as if it were of this one
    other = recorded("employment", worker, EMPLOYED, clerk, confirmed_by=reviewer)
    changed("employment", other, EMPLOYED | {"continuous_months": 31}, clerk)
    hide_all_tables()
    read("INSERT INTO pg_temp.workforce_recordchange SELECT * FROM public.workforce_recordchange")
    read(
        "UPDATE pg_temp.workforce_recordchange SET kind = 'credential', record_id = %s, state = 'confirmed',"
        " what = 'remove', before = '{}', decided_in = pg_current_xact_id()::text::bigint",
        record.pk,
    )
    said = refused("DELETE FROM public.workforce_skillcredential WHERE id = %s", record.pk)
    assert "what counts is changed by two" in said


@pytest.mark.django_db
def test_whoever_wrote_a_record_does_not_confirm_it(worker: Any, clerk: Any, second_clerk: Any) -> None:
    record = recorded("credential", worker, CERTIFICATE, clerk)
    changed("credential", record, CERTIFICATE | {"number": "S2"}, second_clerk)
    hide_all_tables()
    refused(
        "UPDATE public.workforce_skillcredential SET verification = 'confirmed', verified_by_id = %s,"
        " verified_at = now(), verified_from = '原件' WHERE id = %s",
        clerk.pk,
        record.pk,
    )


@pytest.mark.django_db
def test_where_somebody_works_is_changed_by_two(worker: Any, clerk: Any, reviewer: Any) -> None:
    recorded("credential", worker, CERTIFICATE, clerk, confirmed_by=reviewer)
    elsewhere = Region.objects.banners().exclude(pk=worker.work_region_id).first()
    hide_all_tables()
    said = refused(
        "UPDATE public.workforce_worker SET work_region_id = %s WHERE id = %s", elsewhere.pk, worker.pk
    )
    assert "changed by two" in said


@pytest.mark.django_db
def test_the_history_of_a_row_is_written_where_it_is_read(worker: Any) -> None:
    hide_all_tables()
    read("UPDATE public.workforce_worker SET name = '另一名' WHERE id = %s", worker.pk)
    kept = "SELECT name FROM {}.workforce_workerevent WHERE pgh_obj_id = %s"
    assert read(kept.format("public"), worker.pk) == [(worker.name,)]
    assert read(kept.format("pg_temp"), worker.pk) == []


@pytest.mark.django_db
def test_an_entry_of_the_audit_is_linked_in_the_chain_of_all(worker: Any) -> None:
    hide_all_tables()
    before = read("SELECT count(*) FROM public.audit_chainlink")
    read(
        "INSERT INTO public.audit_entry (at, actor_name, action, object_type, object_ref, region_code, address,"
        " detail) VALUES (now(), 'x', 'x', '', '', '', '', '{}')"
    )
    read("SET CONSTRAINTS ALL IMMEDIATE")
    assert read("SELECT count(*) FROM public.audit_chainlink") == [(before[0][0] + 1,)]


# -- triggers of models --------------------------------------------------------------------------------------
def ignore(*models: Any) -> str:
    names = ",".join(trigger.get_pgid(model) for model in models for trigger in model._meta.triggers)
    return f"SELECT set_config('pgtrigger.ignore', '{{{names}}}', false)"


def all_triggers() -> str:
    return "SELECT set_config('pgtrigger.ignore', array_agg(tgname::text)::text, false) FROM pg_trigger"


@pytest.mark.django_db
def test_the_application_cannot_switch_the_history_off(worker: Any) -> None:
    read(all_triggers())
    read("UPDATE public.workforce_worker SET name = '另一名' WHERE id = %s", worker.pk)
    assert read("SELECT name FROM public.workforce_workerevent WHERE pgh_obj_id = %s", worker.pk) == [
        (worker.name,)
    ]


@pytest.mark.django_db
def test_the_application_cannot_switch_a_guard_of_a_model_off(
    worker: Any, clerk: Any, second_clerk: Any
) -> None:
    record = recorded("credential", worker, CERTIFICATE, clerk)
    changed("credential", record, CERTIFICATE | {"number": "S2"}, second_clerk)
    read(ignore(SkillCredential))
    said = refused(
        "UPDATE public.workforce_skillcredential SET verification = 'confirmed', verified_by_id = %s,"
        " verified_at = now(), verified_from = '原件' WHERE id = %s",
        clerk.pk,
        record.pk,
    )
    assert "does not judge it" in said


def test_behind_the_guards_of_models_stand_those_of_the_database(
    committed: str, owner_sql: Callable[..., list[tuple]], worker: Any, clerk: Any, second_clerk: Any
) -> None:
    """The owner may switch the triggers of models off, to encrypt anew; our own guards hold then too."""
    record = recorded("credential", worker, CERTIFICATE, clerk)
    changed("credential", record, CERTIFICATE | {"number": "S2"}, second_clerk)
    owner_sql(ignore(SkillCredential))
    with pytest.raises(Exception, match="somebody who wrote none of it"):
        owner_sql(
            "UPDATE workforce_skillcredential SET verification = 'confirmed', verified_by_id = %s,"
            " verified_at = now(), verified_from = '原件' WHERE id = %s",
            clerk.pk,
            record.pk,
        )


# -- the step ------------------------------------------------------------------------------------------------
def test_a_function_that_comes_later_is_made_safe_too(
    committed: str, owner_sql: Callable[..., list[tuple]]
) -> None:
    owner_sql(
        "CREATE FUNCTION later_count() RETURNS bigint LANGUAGE sql AS"
        " 'SELECT count(*) FROM cases_case JOIN \"audit_entry\" ON true'"
    )
    # As `pgtrigger install` puts it back.
    owner_sql(
        "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean"
        " LANGUAGE plpgsql AS 'BEGIN RETURN current_setting(''pgtrigger.ignore'', true) IS NOT NULL; END'"
    )
    owner = psycopg2.connect(renamed(os.environ["DATABASE_OWNER_URL"], committed))
    with owner:
        assert secure(owner) == 1  # type: ignore[arg-type]  # all it asks of a connection is a cursor
        assert secure(owner) == 0  # type: ignore[arg-type]
    owner.close()
    [(text, config)] = read("SELECT prosrc, proconfig FROM pg_proc WHERE proname = 'later_count'")
    assert 'FROM public.cases_case JOIN public."audit_entry"' in text and config == [SEARCH_PATH]
    assert read("SELECT prosqlbody IS NOT NULL FROM pg_proc WHERE proname = '_pgtrigger_should_ignore'") == [
        (True,)
    ]
