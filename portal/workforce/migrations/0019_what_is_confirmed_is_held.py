"""What is confirmed changes by two people only: no confirmation falls with a change any more."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from portal.workforce import confirmed_guards


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0018_changes_by_two'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='attestedfact',
            name='change_is_unconfirmed',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='competitionresult',
            name='change_is_unconfirmed',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='employment',
            name='change_is_unconfirmed',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='skillcredential',
            name='change_is_unconfirmed',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='technicalschooling',
            name='change_is_unconfirmed',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='unemploymentinsurance',
            name='change_is_unconfirmed',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attestedfact',
            trigger=pgtrigger.compiler.Trigger(name='change_is_unconfirmed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.verification = 'refuted' OR OLD.verification = 'stated' AND NEW.verification <> 'stated')", func="\nIF (OLD.worker_id, OLD.code, OLD.value, OLD.since, OLD.document) IS DISTINCT FROM (NEW.worker_id, NEW.code, NEW.value, NEW.since, NEW.document) THEN\n    IF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verification <> 'stated' THEN\n        RAISE EXCEPTION 'a record is not changed and confirmed in one step';\n    END IF;\n    NEW.verification := 'stated';\n    NEW.verified_by_id := NULL;\n    NEW.verified_at := NULL;\n    NEW.verified_from := '';\nEND IF;\nRETURN NEW;\n", hash='5e369efa076de5788142f2a90600186172e93a94', operation='UPDATE', pgid='pgtrigger_change_is_unconfirmed_a3b1e', table='workforce_attestedfact', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='competitionresult',
            trigger=pgtrigger.compiler.Trigger(name='change_is_unconfirmed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.verification = 'refuted' OR OLD.verification = 'stated' AND NEW.verification <> 'stated')", func="\nIF (OLD.worker_id, OLD.competition, OLD.name, OLD.edition, OLD.rank, OLD.prize, OLD.role, OLD.for_inner_mongolia, OLD.held_on, OLD.document) IS DISTINCT FROM (NEW.worker_id, NEW.competition, NEW.name, NEW.edition, NEW.rank, NEW.prize, NEW.role, NEW.for_inner_mongolia, NEW.held_on, NEW.document) THEN\n    IF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verification <> 'stated' THEN\n        RAISE EXCEPTION 'a record is not changed and confirmed in one step';\n    END IF;\n    NEW.verification := 'stated';\n    NEW.verified_by_id := NULL;\n    NEW.verified_at := NULL;\n    NEW.verified_from := '';\nEND IF;\nRETURN NEW;\n", hash='78182f5a1b9e43fbd625fefafe5a1bce48110e5c', operation='UPDATE', pgid='pgtrigger_change_is_unconfirmed_41a0c', table='workforce_competitionresult', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='employment',
            trigger=pgtrigger.compiler.Trigger(name='change_is_unconfirmed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.verification = 'refuted' OR OLD.verification = 'stated' AND NEW.verification <> 'stated')", func="\nIF (OLD.worker_id, OLD.employer_id, OLD.status, OLD.occupation, OLD.on_front_line, OLD.front_line_years, OLD.in_skilled_post, OLD.public_institution_payroll, OLD.worked_years, OLD.continuous_months, OLD.started_on) IS DISTINCT FROM (NEW.worker_id, NEW.employer_id, NEW.status, NEW.occupation, NEW.on_front_line, NEW.front_line_years, NEW.in_skilled_post, NEW.public_institution_payroll, NEW.worked_years, NEW.continuous_months, NEW.started_on) THEN\n    IF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verification <> 'stated' THEN\n        RAISE EXCEPTION 'a record is not changed and confirmed in one step';\n    END IF;\n    NEW.verification := 'stated';\n    NEW.verified_by_id := NULL;\n    NEW.verified_at := NULL;\n    NEW.verified_from := '';\nEND IF;\nRETURN NEW;\n", hash='844259b317739961a520c88c67ac98df7c253bf8', operation='UPDATE', pgid='pgtrigger_change_is_unconfirmed_3c8df', table='workforce_employment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='skillcredential',
            trigger=pgtrigger.compiler.Trigger(name='change_is_unconfirmed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.verification = 'refuted' OR OLD.verification = 'stated' AND NEW.verification <> 'stated')", func="\nIF (OLD.worker_id, OLD.occupation, OLD.level, OLD.number, OLD.issued_on) IS DISTINCT FROM (NEW.worker_id, NEW.occupation, NEW.level, NEW.number, NEW.issued_on) THEN\n    IF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verification <> 'stated' THEN\n        RAISE EXCEPTION 'a record is not changed and confirmed in one step';\n    END IF;\n    NEW.verification := 'stated';\n    NEW.verified_by_id := NULL;\n    NEW.verified_at := NULL;\n    NEW.verified_from := '';\nEND IF;\nRETURN NEW;\n", hash='e4023bee361b1e1b75d64b5fb894a669ac1aa38f', operation='UPDATE', pgid='pgtrigger_change_is_unconfirmed_8803e', table='workforce_skillcredential', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='technicalschooling',
            trigger=pgtrigger.compiler.Trigger(name='change_is_unconfirmed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.verification = 'refuted' OR OLD.verification = 'stated' AND NEW.verification <> 'stated')", func="\nIF (OLD.worker_id, OLD.graduated_from, OLD.school, OLD.graduated_on) IS DISTINCT FROM (NEW.worker_id, NEW.graduated_from, NEW.school, NEW.graduated_on) THEN\n    IF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verification <> 'stated' THEN\n        RAISE EXCEPTION 'a record is not changed and confirmed in one step';\n    END IF;\n    NEW.verification := 'stated';\n    NEW.verified_by_id := NULL;\n    NEW.verified_at := NULL;\n    NEW.verified_from := '';\nEND IF;\nRETURN NEW;\n", hash='fe8dc8ad3dca50bb43a3127bdb2de1d4d25b0efa', operation='UPDATE', pgid='pgtrigger_change_is_unconfirmed_3554e', table='workforce_technicalschooling', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unemploymentinsurance',
            trigger=pgtrigger.compiler.Trigger(name='change_is_unconfirmed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.verification = 'refuted' OR OLD.verification = 'stated' AND NEW.verification <> 'stated')", func="\nIF (OLD.worker_id, OLD.months, OLD.paying, OLD.drawing_benefit, OLD.as_of) IS DISTINCT FROM (NEW.worker_id, NEW.months, NEW.paying, NEW.drawing_benefit, NEW.as_of) THEN\n    IF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verification <> 'stated' THEN\n        RAISE EXCEPTION 'a record is not changed and confirmed in one step';\n    END IF;\n    NEW.verification := 'stated';\n    NEW.verified_by_id := NULL;\n    NEW.verified_at := NULL;\n    NEW.verified_from := '';\nEND IF;\nRETURN NEW;\n", hash='fe8bcafaabdadf749b2fdc1f380c7d22c68c881a', operation='UPDATE', pgid='pgtrigger_change_is_unconfirmed_1d330', table='workforce_unemploymentinsurance', when='BEFORE')),
        ),
        migrations.RunSQL(confirmed_guards.INSTALL, confirmed_guards.REMOVE),
    ]
