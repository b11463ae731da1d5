"""The guard of duties asked as a set, also of many rows (portal.cases.many_rows_guards)."""

from django.db import migrations

from portal.cases import many_rows_guards


class Migration(migrations.Migration):

    dependencies = [('cases', '0011_notes')]

    operations = [migrations.RunSQL(many_rows_guards.INSTALL, many_rows_guards.REMOVE)]
