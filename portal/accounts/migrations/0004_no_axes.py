"""Failed tries to sign in are counted in the cache: the tables of earlier folders go, with the addresses in them."""

from django.db import migrations

DROP = """
DROP TABLE IF EXISTS axes_accessattemptexpiration;
DROP TABLE IF EXISTS axes_accessattempt;
DROP TABLE IF EXISTS axes_accessfailurelog;
DROP TABLE IF EXISTS axes_accesslog;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_releases")]

    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
