"""What is left on a closed line, or comes back to it, goes where the decision says."""

from django.db import migrations

from portal.funds import returns_guards


class Migration(migrations.Migration):
    dependencies = [("funds", "0007_closings")]

    operations = [migrations.RunSQL(returns_guards.INSTALL, returns_guards.REMOVE)]
