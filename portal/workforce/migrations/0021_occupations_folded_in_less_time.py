"""The folded occupation in less time: a name of Chinese characters alone is folded already.

Every certificate and every earlier subsidy is folded when it is written down, and when all of them are compared.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("portal.workforce.migrations.0017_occupations_folded")
FOLDED = f"""
CREATE OR REPLACE FUNCTION workforce_occupation_folded(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN name COLLATE "C" ~ '^[一-鿿]*$' THEN name ELSE regexp_replace(
        lower(regexp_replace(translate(normalize(name, NFKC), '[{{〔【〖〘]}}〕】〗〙', '(((((())))))'), '\\s', '', 'g')),
        '{BEFORE.LEVEL_BEHIND}', '\\1'
    ) END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("workforce", "0020_places_are_held")]

    operations = [
        migrations.RunSQL(
            [(FOLDED, None)],
            [(BEFORE.FOLDED.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"), None)],
        )
    ]
