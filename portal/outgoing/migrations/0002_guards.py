"""What the database holds about messages: said once, sent once."""

from django.db import migrations

from portal.outgoing import guards


class Migration(migrations.Migration):
    dependencies = [("outgoing", "0001_initial")]

    operations = [migrations.RunSQL(guards.INSTALL, guards.REMOVE)]
