from django.db import migrations, models

from portal.audit import moments


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField("chainlink", "at", models.DateTimeField(null=True)),
        migrations.RunSQL([(moments.INSTALL, None)], [(moments.REMOVE, None)]),
    ]
