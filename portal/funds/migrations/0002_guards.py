"""What the database itself holds about money (portal.funds.guards)."""

from django.db import migrations

from portal.funds import guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0001_initial'),
        ('workforce', '0030_days_that_turn'),
    ]

    operations = [migrations.RunSQL(guards.INSTALL, guards.REMOVE)]
