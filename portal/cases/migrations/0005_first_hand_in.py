from django.db import migrations

from portal.cases import application_guards


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0004_duties_in_pairs"),
    ]

    operations = [
        migrations.RunSQL(application_guards.INSTALL, application_guards.REMOVE),
    ]
