"""Occupations of published rows are compared as everywhere else: by the register's own folding, which knows brackets
of every kind and a level behind the name.
"""

from talent_registry.all_fields_guards import COMPARE

_COMPARING = COMPARE[COMPARE.index("CREATE OR REPLACE FUNCTION registry_compare(") :]

INSTALL = (
    _COMPARING.replace("registry_occupation_folded", "workforce_occupation_folded")
    + """
DROP FUNCTION registry_occupation_folded(text);
-- What differed in its spelling alone.
SELECT registry_compare(array_agg(e.worker_id)) FROM talent_registry_publisheddifference d
JOIN talent_registry_registryentry e ON e.id = d.entry_id WHERE d.other_occupation HAVING count(*) > 0;
"""
)
REMOVE = COMPARE
