"""The guards of money asked as sets, also of many rows (portal.funds.many_rows_guards); days of many transfers sealed
(portal.funds.seal_many_guards).
"""

from django.db import migrations

from portal.funds import many_rows_guards, seal_many_guards


class Migration(migrations.Migration):

    dependencies = [('funds', '0011_recoveries'), ('cases', '0012_duties_of_many')]

    operations = [
        migrations.RunSQL(many_rows_guards.INSTALL, many_rows_guards.REMOVE),
        migrations.RunSQL(seal_many_guards.INSTALL, seal_many_guards.REMOVE),
    ]
