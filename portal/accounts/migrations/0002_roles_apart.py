"""Roles that exclude each other are kept apart by the database, in either order."""

from django.db import migrations

from portal.accounts.guards import KEEP_APART, LET_TOGETHER


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(KEEP_APART, LET_TOGETHER)]
