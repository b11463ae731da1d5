"""The names of accounts in the form of all names of people, so that a search finds them. Going back leaves them so."""

from importlib import import_module

from django.db import migrations

FORM = import_module("portal.workforce.migrations.0006_one_form_of_names")
ACCOUNTS = f"""
UPDATE accounts_user u SET display_name = n.name
FROM (
    SELECT id, {FORM.normal_name("display_name")} AS name
    FROM accounts_user WHERE display_name !~ {FORM.PLAIN}
) n
WHERE n.id = u.id AND n.name <> u.display_name AND n.name <> ''
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_roles_apart"),
        ("workforce", "0010_folded_in_less_time"),
    ]

    operations = [migrations.RunSQL([(ACCOUNTS, None)], migrations.RunSQL.noop)]
