"""Occupation, level and place of a published row are corrected as well; earlier corrections left them as they
were.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from talent_registry import all_fields_guards

_LEVELS = [
    (0, "无"),
    (10, "学徒工"),
    (20, "初级工"),
    (30, "中级工"),
    (40, "高级工"),
    (50, "技师"),
    (60, "高级技师"),
    (70, "特级技师"),
    (80, "首席技师"),
]
# What was decided is changed by nobody; what is added here was said by none of them.
_FILL = """
ALTER TABLE talent_registry_entrycorrection DISABLE TRIGGER registry_keep_correction;
UPDATE talent_registry_entrycorrection c
SET occupation_before = e.occupation, occupation = e.occupation,
    skill_level_before = e.skill_level, skill_level = e.skill_level,
    region_before_id = e.region_id, region_id = e.region_id
FROM talent_registry_registryentry e WHERE e.id = c.entry_id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE talent_registry_entrycorrection ENABLE TRIGGER registry_keep_correction;
"""
_SAYS_SOMETHING = """
ALTER TABLE talent_registry_entrycorrection DROP CONSTRAINT correction_corrects_something;
ALTER TABLE talent_registry_entrycorrection ADD CONSTRAINT correction_corrects_something
    CHECK (state = 'kept' OR name <> name_before OR id_shown <> id_shown_before
           OR employer_name <> employer_name_before OR occupation <> occupation_before
           OR skill_level <> skill_level_before OR region_id <> region_before_id);
"""
# What corrected nothing but these fields stays as it was decided.
_SAYS_SOMETHING_AGAIN = """
ALTER TABLE talent_registry_entrycorrection DROP CONSTRAINT correction_corrects_something;
ALTER TABLE talent_registry_entrycorrection ADD CONSTRAINT correction_corrects_something
    CHECK (state = 'kept' OR name <> name_before OR id_shown <> id_shown_before
           OR employer_name <> employer_name_before) NOT VALID;
"""
_LEVEL = {"choices": _LEVELS, "default": 0}
_PLACE = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": "regions.region"}


def _says_something(*fields: str) -> models.CheckConstraint:
    condition = Q(state="kept")
    for field in ("name", "id_shown", "employer_name", *fields):
        condition |= ~Q(**{field: F(f"{field}_before")})
    return models.CheckConstraint(condition=condition, name="correction_corrects_something")


class Migration(migrations.Migration):
    dependencies = [
        ("talent_registry", "0008_units_by_folded_name"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "entrycorrection",
            "occupation_before",
            models.CharField(blank=True, default="", max_length=60, verbose_name="原公布职业（工种）"),
            preserve_default=False,
        ),
        migrations.AddField(
            "entrycorrection",
            "occupation",
            models.CharField(blank=True, default="", max_length=60, verbose_name="职业（工种）"),
            preserve_default=False,
        ),
        migrations.AddField(
            "entrycorrection",
            "skill_level_before",
            models.SmallIntegerField(verbose_name="原公布技能等级", **_LEVEL),
            preserve_default=False,
        ),
        migrations.AddField(
            "entrycorrection",
            "skill_level",
            models.SmallIntegerField(verbose_name="技能等级", **_LEVEL),
            preserve_default=False,
        ),
        migrations.AddField(
            "entrycorrection",
            "region_before",
            models.ForeignKey(null=True, verbose_name="原公布工作地", **_PLACE),
        ),
        migrations.AddField(
            "entrycorrection",
            "region",
            models.ForeignKey(null=True, verbose_name="工作地", **_PLACE),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "entrycorrection",
            "region_before",
            models.ForeignKey(verbose_name="原公布工作地", **_PLACE),
        ),
        migrations.AlterField(
            "entrycorrection",
            "region",
            models.ForeignKey(verbose_name="工作地", **_PLACE),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(_SAYS_SOMETHING, _SAYS_SOMETHING_AGAIN)],
            [
                migrations.RemoveConstraint("entrycorrection", "correction_corrects_something"),
                migrations.AddConstraint(
                    "entrycorrection", _says_something("occupation", "skill_level", "region")
                ),
            ],
        ),
        migrations.AddField(
            "publisheddifference",
            "occupation",
            models.CharField(blank=True, db_default="", max_length=60, verbose_name="现登记职业（工种）"),
        ),
        migrations.AddField(
            "publisheddifference",
            "skill_level",
            models.SmallIntegerField(db_default=0, default=0, verbose_name="现登记技能等级"),
        ),
        migrations.AddField(
            "publisheddifference",
            "region",
            models.ForeignKey(null=True, verbose_name="现登记工作地", **_PLACE),
        ),
        migrations.AddField(
            "publisheddifference",
            "other_occupation",
            models.BooleanField(db_default=False, default=False, verbose_name="职业（工种）不一致"),
        ),
        migrations.AddField(
            "publisheddifference",
            "other_level",
            models.BooleanField(db_default=False, default=False, verbose_name="技能等级不一致"),
        ),
        migrations.AddField(
            "publisheddifference",
            "other_region",
            models.BooleanField(db_default=False, default=False, verbose_name="工作地不一致"),
        ),
        migrations.RunSQL(all_fields_guards.INSTALL, all_fields_guards.REMOVE),
    ]
