"""Who wrote any of a record, a colleague changed afterwards, does not judge it: the database holds it too."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0012_pointers'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='attestedfact',
            trigger=pgtrigger.compiler.Trigger(name='judged_by_no_author', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id)', declare='DECLARE wrote boolean;', func="\nEXECUTE format(\n    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'\n) INTO wrote USING NEW.id, NEW.verified_by_id;\nIF wrote THEN\n    RAISE EXCEPTION 'who wrote any of a record does not judge it'\n        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';\nEND IF;\nRETURN NEW;\n", hash='7d63ccd8320fb3e42548bb493cb68867a47401ad', operation='UPDATE', pgid='pgtrigger_judged_by_no_author_27551', table='workforce_attestedfact', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='competitionresult',
            trigger=pgtrigger.compiler.Trigger(name='judged_by_no_author', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id)', declare='DECLARE wrote boolean;', func="\nEXECUTE format(\n    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'\n) INTO wrote USING NEW.id, NEW.verified_by_id;\nIF wrote THEN\n    RAISE EXCEPTION 'who wrote any of a record does not judge it'\n        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';\nEND IF;\nRETURN NEW;\n", hash='08efad4abef9c1377345587b0c33a5bf7706a46d', operation='UPDATE', pgid='pgtrigger_judged_by_no_author_53a6e', table='workforce_competitionresult', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='employment',
            trigger=pgtrigger.compiler.Trigger(name='judged_by_no_author', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id)', declare='DECLARE wrote boolean;', func="\nEXECUTE format(\n    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'\n) INTO wrote USING NEW.id, NEW.verified_by_id;\nIF wrote THEN\n    RAISE EXCEPTION 'who wrote any of a record does not judge it'\n        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';\nEND IF;\nRETURN NEW;\n", hash='e27525239c86017fc2e3849ea22b31fdb604f73c', operation='UPDATE', pgid='pgtrigger_judged_by_no_author_f771b', table='workforce_employment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='honour',
            trigger=pgtrigger.compiler.Trigger(name='judged_by_no_author', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id)', declare='DECLARE wrote boolean;', func="\nEXECUTE format(\n    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'\n) INTO wrote USING NEW.id, NEW.verified_by_id;\nIF wrote THEN\n    RAISE EXCEPTION 'who wrote any of a record does not judge it'\n        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';\nEND IF;\nRETURN NEW;\n", hash='f6686e80fb0c7f68861bb62ff21ce920ad93aa0a', operation='UPDATE', pgid='pgtrigger_judged_by_no_author_3acd5', table='workforce_honour', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='skillcredential',
            trigger=pgtrigger.compiler.Trigger(name='judged_by_no_author', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id)', declare='DECLARE wrote boolean;', func="\nEXECUTE format(\n    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'\n) INTO wrote USING NEW.id, NEW.verified_by_id;\nIF wrote THEN\n    RAISE EXCEPTION 'who wrote any of a record does not judge it'\n        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';\nEND IF;\nRETURN NEW;\n", hash='f3576ddbc5c13d364d7ca09e6c00de7bd565bc61', operation='UPDATE', pgid='pgtrigger_judged_by_no_author_3cc4d', table='workforce_skillcredential', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='technicalschooling',
            trigger=pgtrigger.compiler.Trigger(name='judged_by_no_author', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id)', declare='DECLARE wrote boolean;', func="\nEXECUTE format(\n    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'\n) INTO wrote USING NEW.id, NEW.verified_by_id;\nIF wrote THEN\n    RAISE EXCEPTION 'who wrote any of a record does not judge it'\n        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';\nEND IF;\nRETURN NEW;\n", hash='5e63a33f8c5aea5582ed7b958ec4dc68ef0e8729', operation='UPDATE', pgid='pgtrigger_judged_by_no_author_38645', table='workforce_technicalschooling', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unemploymentinsurance',
            trigger=pgtrigger.compiler.Trigger(name='judged_by_no_author', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id)', declare='DECLARE wrote boolean;', func="\nEXECUTE format(\n    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'\n) INTO wrote USING NEW.id, NEW.verified_by_id;\nIF wrote THEN\n    RAISE EXCEPTION 'who wrote any of a record does not judge it'\n        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';\nEND IF;\nRETURN NEW;\n", hash='934459d39b4c6cfdf66cd751cf3cf133ceaa4a49', operation='UPDATE', pgid='pgtrigger_judged_by_no_author_973d8', table='workforce_unemploymentinsurance', when='BEFORE')),
        ),
    ]
