"""What an extract says is looked at once a row, and the other guards rely on it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from portal.workforce import extract_guards


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0028_what_extracts_say'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='unemploymentinsurance',
            name='judged_by_no_author',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unemploymentinsurance',
            trigger=pgtrigger.compiler.Trigger(name='judged_by_no_author', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id AND (NEW.extract_id IS NULL OR NEW.extract_id IS NOT DISTINCT FROM OLD.extract_id))', declare='DECLARE wrote boolean;', func="\nEXECUTE format(\n    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'\n) INTO wrote USING NEW.id, NEW.verified_by_id;\nIF wrote THEN\n    RAISE EXCEPTION 'who wrote any of a record does not judge it'\n        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';\nEND IF;\nRETURN NEW;\n", hash='d0454d924614e35797d8f31011a40f2e7483fe98', operation='UPDATE', pgid='pgtrigger_judged_by_no_author_973d8', table='workforce_unemploymentinsurance', when='BEFORE')),
        ),
        migrations.RunSQL(extract_guards.IN_LESS_TIME, extract_guards.AS_BEFORE),
    ]
