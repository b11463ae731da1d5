"""One dash in the numbers of certificates, whichever was typed; who confirmed a number has confirmed it."""

from django.db import migrations

DASHES = "‐‑‒–—―−﹣─"
KEEP_CONFIRMED = (
    "SELECT set_config('pgtrigger.ignore', '{pgtrigger_change_is_unconfirmed_8803e}', true)"
)
CONFIRM_AGAIN = "SELECT set_config('pgtrigger.ignore', '', true)"
ONE_DASH = f"translate(number, '{DASHES}', '{'-' * len(DASHES)}')"
# Of two spellings of one number of one person the second stays: somebody must say which record is right.
NUMBERS = f"""
UPDATE workforce_skillcredential c SET number = n.number
FROM (
    SELECT id, number AS was, {ONE_DASH} AS number,
           row_number() OVER (PARTITION BY worker_id, occupation, level, {ONE_DASH}
                              ORDER BY number <> {ONE_DASH}, id) AS place
    FROM workforce_skillcredential WHERE number ~ '[-{DASHES}]'
) n
WHERE n.id = c.id AND n.place = 1 AND n.number <> n.was
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("workforce", "0013_judged_by_no_author")]

    operations = [
        # The history keeps how a number was written.
        migrations.RunSQL(
            [(KEEP_CONFIRMED, None), (NUMBERS, None), (CONFIRM_AGAIN, None)], migrations.RunSQL.noop
        ),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
    ]
