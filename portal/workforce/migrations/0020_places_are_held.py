"""Where somebody works, of whom anything counts, and what kind a unit is, change by two people only."""

from django.db import migrations

from portal.workforce import place_guards


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0019_what_is_confirmed_is_held'),
    ]

    operations = [
        migrations.RunSQL(place_guards.INSTALL, place_guards.REMOVE),
    ]
