"""Whoever reviewed a case does not release its payment."""

from django.db import migrations

from portal.cases import duty_guards


class Migration(migrations.Migration):

    dependencies = [('cases', '0009_notices_of_many_cases')]

    operations = [migrations.RunSQL(duty_guards.REVIEW_APART_FROM_PAY, duty_guards.COUNTERSIGNED)]
