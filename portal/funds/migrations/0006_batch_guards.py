"""What the database itself holds about batches (portal.funds.batch_guards) and the bank's answers (answer_guards)."""

from django.db import migrations

from portal.funds import answer_guards, batch_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0005_batches'),
        ('cases', '0010_who_reviewed_does_not_pay'),
    ]

    operations = [
        migrations.RunSQL(batch_guards.INSTALL, batch_guards.REMOVE),
        migrations.RunSQL(answer_guards.INSTALL, answer_guards.REMOVE),
    ]
