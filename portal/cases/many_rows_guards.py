"""The guard of duties over many rows, and how a guard of a statement is planned for many.

A guard of a statement looks for a row that is wrong. Where it asks for one only (LIMIT 1), it is planned as if one stood
there, and goes through the others one by one to find none; asked for all of them, it is planned for all. And a guard keeps
the plan that was made first: for a few rows, or while tables were empty. It is planned anew where many rows come, and once
more when few come again.
"""

import re

from portal.cases import duty_guards

PLANS = """
CREATE FUNCTION plan_anew_for_many() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    many boolean := (SELECT count(*) FROM (SELECT FROM added LIMIT 500) AS first) = 500;
BEGIN
    IF many OR current_setting('jht.planned_for_many', true) = 'yes' THEN
        DISCARD PLANS;
        PERFORM set_config('jht.planned_for_many', CASE WHEN many THEN 'yes' ELSE 'no' END, false);
    END IF;
    RETURN NULL;
END
$$;
"""
NO_PLANS = "DROP FUNCTION plan_anew_for_many();\n"


def planned_anew(table: str) -> str:
    """A trigger of the table, which comes before its guards: of those of one moment the name decides."""
    return f"""
CREATE TRIGGER a_plan_for_many AFTER INSERT ON {table}
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION plan_anew_for_many();
"""


def planned_once(table: str) -> str:
    """The way back."""
    return f"DROP TRIGGER a_plan_for_many ON {table};\n"


def function(name: str, text: str) -> str:
    """A guard's function in a text of guards, to be replaced."""
    text = text[text.index(f"FUNCTION {name}()") :]
    return "CREATE OR REPLACE " + text[: text.index("\n$$;") + len("\n$$;\n")]


def looking_for_all(text: str, *changes: tuple[str, str]) -> str:
    """A function that looks for all that is wrong, with these changes; ValueError where it is another one than they were
    written for.
    """
    for before, after in changes:
        if text.count(before) != 1:
            raise ValueError(f"the guard is another one: {before}")
        text = text.replace(before, after)
    return re.sub(r"\s+LIMIT 1;", ";", text)


_DUTIES = function("cases_check_duties", duty_guards.INSTALL)

INSTALL = PLANS + planned_anew("cases_caseduty") + looking_for_all(_DUTIES)
REMOVE = planned_once("cases_caseduty") + NO_PLANS + _DUTIES
