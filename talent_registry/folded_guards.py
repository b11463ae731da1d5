"""A published unit is compared by its folded name: another spelling of the same name is no difference."""

from talent_registry.merged_guards import INSTALL as _FIRST

_BY_SPELLING = _FIRST[: _FIRST.index("CREATE OR REPLACE FUNCTION registry_compare_worker()")]
_COMPARED_AGAIN = """
SELECT registry_compare(array_agg(worker_id)) FROM talent_registry_registryentry HAVING count(*) > 0;
"""


def _by_folded_name(text: str) -> str:
    """The function with both of its comparisons of a unit's name replaced."""
    for before, after in (
        (
            "e.employer_name NOT IN ('', coalesce(u.name, ''))",
            "e.employer_name <> ''\n"
            "                   AND workforce_unit_folded(e.employer_name) <> coalesce(u.folded_name, '')",
        ),
        ("x.name = e.employer_name", "x.folded_name = workforce_unit_folded(e.employer_name)"),
    ):
        if text.count(before) != 1:
            raise ValueError(f"once in the function: {before}")
        text = text.replace(before, after)
    return text


INSTALL = _by_folded_name(_BY_SPELLING) + _COMPARED_AGAIN
REMOVE = _BY_SPELLING + _COMPARED_AGAIN
