import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import portal.fields
import portal.workforce.models.people
from portal.workforce.roster import statistics


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("jobs", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("regions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Employer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="单位名称")),
                (
                    "credit_code",
                    models.CharField(
                        blank=True, max_length=18, null=True, unique=True, verbose_name="统一社会信用代码"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("state_owned", "国有企业"),
                            ("private", "非公有制企业"),
                            ("public_institution", "机关事业单位"),
                            ("social_organisation", "社会组织"),
                        ],
                        max_length=24,
                        verbose_name="单位性质",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="所在地",
                    ),
                ),
                (
                    "league_code",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Concat(
                            django.db.models.functions.text.Left("region_id", 4), models.Value("00")
                        ),
                        output_field=models.CharField(max_length=6),
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "用人单位",
                "verbose_name_plural": "用人单位",
                "ordering": ["name"],
                "indexes": [
                    models.Index(fields=["league_code", "name"], name="workforce_e_league__39c3b1_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("credit_code__isnull", True)),
                        fields=("name", "region"),
                        name="one_employer_of_a_name_without_code",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EmployerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.employer",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=120, verbose_name="单位名称")),
                (
                    "credit_code",
                    models.CharField(blank=True, max_length=18, null=True, verbose_name="统一社会信用代码"),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("state_owned", "国有企业"),
                            ("private", "非公有制企业"),
                            ("public_institution", "机关事业单位"),
                            ("social_organisation", "社会组织"),
                        ],
                        max_length=24,
                        verbose_name="单位性质",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="regions.region",
                        verbose_name="所在地",
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EmployerAgent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agents",
                        to="workforce.employer",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="employers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                ("authority", models.CharField(blank=True, max_length=120, verbose_name="委托文书")),
                (
                    "appointed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="任用人",
                    ),
                ),
                (
                    "appointed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="任用时间"),
                ),
            ],
            options={
                "verbose_name": "单位经办人",
                "verbose_name_plural": "单位经办人",
                "constraints": [models.UniqueConstraint(fields=("employer", "user"), name="one_agency")],
            },
        ),
        migrations.CreateModel(
            name="EmployerAgentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.employeragent",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "employer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.employer",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                ("authority", models.CharField(blank=True, max_length=120, verbose_name="委托文书")),
                (
                    "appointed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="任用人",
                    ),
                ),
                (
                    "appointed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="任用时间"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="姓名")),
                ("id_number", portal.fields.EncryptedTextField(editable=True, verbose_name="证件号码")),
                ("id_digest", models.BinaryField(unique=True)),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("female", "女"), ("male", "男")],
                        max_length=6,
                        verbose_name="性别",
                    ),
                ),
                ("birth_on", models.DateField(null=True, verbose_name="出生日期")),
                ("phone", portal.fields.EncryptedTextField(editable=True, null=True, verbose_name="手机号")),
                ("phone_digest", models.BinaryField(null=True)),
                (
                    "work_region",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="工作地",
                    ),
                ),
                (
                    "league_code",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Concat(
                            django.db.models.functions.text.Left("work_region_id", 4), models.Value("00")
                        ),
                        output_field=models.CharField(max_length=6),
                    ),
                ),
                (
                    "household_region",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="户籍地",
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="workers",
                        to="workforce.employer",
                        verbose_name="用人单位",
                    ),
                ),
                (
                    "skill_level",
                    models.SmallIntegerField(
                        choices=[
                            (0, "无"),
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        default=0,
                        verbose_name="最高技能等级",
                    ),
                ),
                ("occupation", models.CharField(blank=True, max_length=60, verbose_name="职业（工种）")),
                (
                    "account",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="worker",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="建档时间"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
            ],
            options={
                "verbose_name": "技术工人",
                "verbose_name_plural": "技术工人",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["league_code", "-id"], name="worker_by_league"),
                    models.Index(fields=["work_region", "-id"], name="worker_by_region"),
                    models.Index(fields=["skill_level", "-id"], name="worker_by_level"),
                    models.Index(fields=["occupation", "-id"], name="worker_by_occupation"),
                    models.Index(fields=["employer", "-id"], name="worker_by_employer"),
                    models.Index(
                        condition=models.Q(("household_region__isnull", False)),
                        fields=["household_region"],
                        name="worker_by_household",
                    ),
                    models.Index(
                        models.F("phone_digest"),
                        condition=models.Q(("phone_digest__isnull", False)),
                        name="worker_by_phone",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        portal.workforce.models.people.Characters("name"),
                        fastupdate=True,
                        gin_pending_list_limit=1024,
                        name="worker_name_characters",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.worker",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=60, verbose_name="姓名")),
                ("id_number", portal.fields.EncryptedTextField(editable=True, verbose_name="证件号码")),
                ("id_digest", models.BinaryField()),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("female", "女"), ("male", "男")],
                        max_length=6,
                        verbose_name="性别",
                    ),
                ),
                ("birth_on", models.DateField(null=True, verbose_name="出生日期")),
                ("phone", portal.fields.EncryptedTextField(editable=True, null=True, verbose_name="手机号")),
                ("phone_digest", models.BinaryField(null=True)),
                (
                    "work_region",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="regions.region",
                        verbose_name="工作地",
                    ),
                ),
                (
                    "household_region",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="regions.region",
                        verbose_name="户籍地",
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.employer",
                        verbose_name="用人单位",
                    ),
                ),
                (
                    "skill_level",
                    models.SmallIntegerField(
                        choices=[
                            (0, "无"),
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        default=0,
                        verbose_name="最高技能等级",
                    ),
                ),
                ("occupation", models.CharField(blank=True, max_length=60, verbose_name="职业（工种）")),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="建档时间"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Employment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="employments",
                        to="workforce.worker",
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="employments",
                        to="workforce.employer",
                        verbose_name="用人单位",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("employed", "在职"),
                            ("unemployed", "失业"),
                            ("self_employed", "个体或灵活就业"),
                        ],
                        default="employed",
                        max_length=16,
                        verbose_name="就业状态",
                    ),
                ),
                ("occupation", models.CharField(blank=True, max_length=60, verbose_name="职业（工种）")),
                (
                    "on_front_line",
                    models.BooleanField(blank=True, null=True, verbose_name="在生产服务一线岗位"),
                ),
                (
                    "front_line_years",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=4, null=True, verbose_name="一线年限"
                    ),
                ),
                (
                    "in_skilled_post",
                    models.BooleanField(blank=True, null=True, verbose_name="在技能岗位工作"),
                ),
                (
                    "public_institution_payroll",
                    models.BooleanField(blank=True, null=True, verbose_name="机关事业单位在编"),
                ),
                (
                    "worked_years",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=4, null=True, verbose_name="累计工作年限"
                    ),
                ),
                (
                    "continuous_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="连续工作月数"),
                ),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="起始日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
            ],
            options={
                "verbose_name": "就业信息",
                "verbose_name_plural": "就业信息",
                "ordering": ["-started_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("worker",),
                        name="one_open_employment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("started_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="employment_ends_after_it_begins",
                        violation_error_message="终止日期不能早于起始日期。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EmploymentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.employment",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.employer",
                        verbose_name="用人单位",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("employed", "在职"),
                            ("unemployed", "失业"),
                            ("self_employed", "个体或灵活就业"),
                        ],
                        default="employed",
                        max_length=16,
                        verbose_name="就业状态",
                    ),
                ),
                ("occupation", models.CharField(blank=True, max_length=60, verbose_name="职业（工种）")),
                (
                    "on_front_line",
                    models.BooleanField(blank=True, null=True, verbose_name="在生产服务一线岗位"),
                ),
                (
                    "front_line_years",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=4, null=True, verbose_name="一线年限"
                    ),
                ),
                (
                    "in_skilled_post",
                    models.BooleanField(blank=True, null=True, verbose_name="在技能岗位工作"),
                ),
                (
                    "public_institution_payroll",
                    models.BooleanField(blank=True, null=True, verbose_name="机关事业单位在编"),
                ),
                (
                    "worked_years",
                    models.DecimalField(
                        blank=True, decimal_places=1, max_digits=4, null=True, verbose_name="累计工作年限"
                    ),
                ),
                (
                    "continuous_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="连续工作月数"),
                ),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="起始日期")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SkillCredential",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credentials",
                        to="workforce.worker",
                    ),
                ),
                ("occupation", models.CharField(max_length=60, verbose_name="职业（工种）")),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        verbose_name="技能等级",
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="证书编号")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="发证日期")),
                (
                    "verified_how",
                    models.CharField(
                        choices=[
                            ("not_yet", "未核验"),
                            ("roster", "花名册报送"),
                            ("original_seen", "查验原件"),
                            ("national_query", "全国联网查询"),
                        ],
                        default="not_yet",
                        max_length=16,
                        verbose_name="核验方式",
                    ),
                ),
            ],
            options={
                "verbose_name": "技能证书",
                "verbose_name_plural": "技能证书",
                "ordering": ["-level", "-issued_on", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worker", "occupation", "level", "number"),
                        name="one_record_of_a_certificate",
                        violation_error_message="该证书已登记。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SkillCredentialEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.skillcredential",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                ("occupation", models.CharField(max_length=60, verbose_name="职业（工种）")),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        verbose_name="技能等级",
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="证书编号")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="发证日期")),
                (
                    "verified_how",
                    models.CharField(
                        choices=[
                            ("not_yet", "未核验"),
                            ("roster", "花名册报送"),
                            ("original_seen", "查验原件"),
                            ("national_query", "全国联网查询"),
                        ],
                        default="not_yet",
                        max_length=16,
                        verbose_name="核验方式",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PayeeAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="payee_accounts",
                        to="workforce.worker",
                    ),
                ),
                ("bank", models.CharField(max_length=80, verbose_name="开户银行")),
                ("account_number", portal.fields.EncryptedTextField(editable=True, verbose_name="银行账号")),
                ("account_digest", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待复核"),
                            ("confirmed", "已复核"),
                            ("refused", "复核未通过"),
                            ("replaced", "已更换"),
                        ],
                        default="proposed",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="复核人",
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("verdict", models.CharField(blank=True, max_length=200, verbose_name="复核意见")),
            ],
            options={
                "verbose_name": "收款账户",
                "verbose_name_plural": "收款账户",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "confirmed")),
                        fields=("worker",),
                        name="one_confirmed_payee_account",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("worker",),
                        name="one_proposed_payee_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("recorded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="payee_confirmed_by_another",
                        violation_error_message="收款账户须由另一人复核。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="confirmed_payee_has_a_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayeeAccountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.payeeaccount",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                ("bank", models.CharField(max_length=80, verbose_name="开户银行")),
                ("account_number", portal.fields.EncryptedTextField(editable=True, verbose_name="银行账号")),
                ("account_digest", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待复核"),
                            ("confirmed", "已复核"),
                            ("refused", "复核未通过"),
                            ("replaced", "已更换"),
                        ],
                        default="proposed",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="复核人",
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("verdict", models.CharField(blank=True, max_length=200, verbose_name="复核意见")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="KnownFacts",
            fields=[
                ("birth_on", models.DateField(null=True, verbose_name="出生日期")),
                (
                    "sex",
                    models.TextField(
                        choices=[("female", "女"), ("male", "男")], null=True, verbose_name="性别"
                    ),
                ),
                ("work_region", models.TextField(null=True, verbose_name="工作地区划代码")),
                ("household_region", models.TextField(null=True, verbose_name="户籍地区划代码")),
                (
                    "employment",
                    models.TextField(
                        choices=[
                            ("employed", "在职"),
                            ("unemployed", "失业"),
                            ("self_employed", "灵活就业或自主创业"),
                        ],
                        null=True,
                        verbose_name="就业状态",
                    ),
                ),
                (
                    "employer_kind",
                    models.TextField(
                        choices=[
                            ("state_owned", "国有企业"),
                            ("private", "非公有制企业"),
                            ("public_institution", "机关事业单位"),
                            ("social_organisation", "社会组织"),
                        ],
                        null=True,
                        verbose_name="用人单位类型",
                    ),
                ),
                (
                    "public_institution_payroll",
                    models.BooleanField(null=True, verbose_name="机关事业单位在编人员"),
                ),
                ("on_front_line", models.BooleanField(null=True, verbose_name="在生产服务一线岗位工作")),
                (
                    "front_line_years",
                    models.DecimalField(
                        decimal_places=2, max_digits=6, null=True, verbose_name="一线岗位工作年限"
                    ),
                ),
                ("in_skilled_post", models.BooleanField(null=True, verbose_name="在技能岗位工作")),
                (
                    "skill_level",
                    models.SmallIntegerField(
                        choices=[
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        null=True,
                        verbose_name="现有最高技能等级",
                    ),
                ),
                (
                    "certificate_level",
                    models.SmallIntegerField(
                        choices=[
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        null=True,
                        verbose_name="申领所依据证书的等级",
                    ),
                ),
                ("certificate_occupation", models.TextField(null=True, verbose_name="证书职业（工种）")),
                ("certificate_issued_on", models.DateField(null=True, verbose_name="证书核发日期")),
                (
                    "attended_senior_technician_upskilling",
                    models.BooleanField(null=True, verbose_name="参加过高级技师岗位技能提升培训"),
                ),
                (
                    "unemployment_insured_months",
                    models.IntegerField(null=True, verbose_name="失业保险累计缴费月数"),
                ),
                (
                    "drawing_unemployment_benefit",
                    models.BooleanField(null=True, verbose_name="正在领取失业保险金"),
                ),
                (
                    "claims_this_year",
                    models.IntegerField(null=True, verbose_name="本年度已申领技能提升补贴次数"),
                ),
                (
                    "claimed_same_occupation_level",
                    models.BooleanField(null=True, verbose_name="同一职业同一等级已享受过补贴"),
                ),
                (
                    "highest_level_claimed",
                    models.SmallIntegerField(
                        choices=[
                            (0, "无"),
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        null=True,
                        verbose_name="同一职业已享受补贴的最高等级",
                    ),
                ),
                (
                    "training_subsidy_for_same_certificate",
                    models.BooleanField(null=True, verbose_name="同一证书已享受职业培训补贴"),
                ),
                (
                    "honours",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), null=True, size=None, verbose_name="荣誉"
                    ),
                ),
                (
                    "special_allowance",
                    models.TextField(
                        choices=[
                            ("none", "未享受"),
                            ("national", "国务院政府特殊津贴"),
                            ("autonomous_region", "自治区政府特殊津贴"),
                        ],
                        null=True,
                        verbose_name="政府特殊津贴",
                    ),
                ),
                (
                    "recognised_scarce_talent",
                    models.BooleanField(null=True, verbose_name="自治区认定的“高精尖缺”高技能人才"),
                ),
                ("leading_talent", models.BooleanField(null=True, verbose_name="已纳入高技能领军人才名录")),
                (
                    "liaison_expert",
                    models.BooleanField(null=True, verbose_name="经遴选纳入党委和政府联系专家范围"),
                ),
                (
                    "recruited",
                    models.TextField(
                        choices=[("none", "不是"), ("by_region", "自治区引进"), ("other", "其他方式引进")],
                        null=True,
                        verbose_name="引进人才",
                    ),
                ),
                (
                    "solved_major_technical_problem",
                    models.BooleanField(null=True, verbose_name="解决重大工艺技术难题或重大质量问题"),
                ),
                (
                    "regional_innovation_award",
                    models.BooleanField(null=True, verbose_name="技术创新成果获自治区级以上奖项"),
                ),
                ("outstanding_mentor", models.BooleanField(null=True, verbose_name="“师带徒”业绩突出")),
                ("superb_skill", models.BooleanField(null=True, verbose_name="掌握高超技能")),
                ("outstanding_contribution", models.BooleanField(null=True, verbose_name="作出突出贡献")),
                (
                    "jobless_willing_spouse_or_child",
                    models.BooleanField(null=True, verbose_name="配偶或子女有就业意愿但未就业"),
                ),
                (
                    "hard_to_employ_family_member",
                    models.BooleanField(null=True, verbose_name="该家属符合就业困难人员条件"),
                ),
                (
                    "child_in_compulsory_education",
                    models.BooleanField(null=True, verbose_name="随迁子女需在义务教育阶段学校入学"),
                ),
                (
                    "technical_school_class",
                    models.TextField(
                        choices=[
                            ("none", "不是技工院校毕业生"),
                            ("intermediate", "中级工班"),
                            ("senior", "高级工班"),
                            ("pre_technician", "预备技师班"),
                        ],
                        null=True,
                        verbose_name="技工院校毕业班别",
                    ),
                ),
                (
                    "competition",
                    models.TextField(
                        choices=[
                            ("none", "未参加"),
                            ("worldskills", "世界技能大赛"),
                            ("national_class_one", "国家级一类大赛"),
                            ("national_class_two", "国家级二类大赛"),
                            ("regional", "自治区级大赛"),
                        ],
                        null=True,
                        verbose_name="参加的技能竞赛",
                    ),
                ),
                ("competition_edition", models.IntegerField(null=True, verbose_name="竞赛届次")),
                ("competition_rank", models.IntegerField(null=True, verbose_name="竞赛名次")),
                (
                    "competition_prize",
                    models.TextField(
                        choices=[
                            ("gold", "金牌"),
                            ("silver", "银牌"),
                            ("bronze", "铜牌"),
                            ("excellence", "优胜奖"),
                            ("none", "未获奖"),
                        ],
                        null=True,
                        verbose_name="竞赛奖项",
                    ),
                ),
                (
                    "competition_role",
                    models.TextField(
                        choices=[
                            ("competitor", "选手"),
                            ("technical_expert", "技术指导专家"),
                            ("coach", "教练"),
                            ("interpreter", "技术翻译"),
                        ],
                        null=True,
                        verbose_name="竞赛身份",
                    ),
                ),
                ("for_inner_mongolia", models.BooleanField(null=True, verbose_name="代表我区参赛")),
                (
                    "worked_years",
                    models.DecimalField(
                        decimal_places=2, max_digits=6, null=True, verbose_name="累计工作年限"
                    ),
                ),
                ("continuous_months", models.IntegerField(null=True, verbose_name="连续工作月数")),
                (
                    "worker",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="known",
                        serialize=False,
                        to="workforce.worker",
                    ),
                ),
                ("changed_in", models.BigIntegerField(default=0, verbose_name="更新批次")),
            ],
            options={
                "verbose_name": "事实汇总",
                "verbose_name_plural": "事实汇总",
                "indexes": [
                    models.Index(fields=["changed_in"], name="known_by_change"),
                    models.Index(fields=["certificate_issued_on"], name="known_by_certificate_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refresh",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="基准日")),
                ("whole", models.BooleanField(verbose_name="全部重建")),
                ("seen_until", models.DateTimeField(verbose_name="变更截至")),
                ("changed", models.PositiveIntegerField(verbose_name="更新人数")),
                ("finished_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "事实汇总记录",
                "verbose_name_plural": "事实汇总记录",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="UnemploymentInsurance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="insurance",
                        to="workforce.worker",
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="累计缴费月数"),
                ),
                (
                    "drawing_benefit",
                    models.BooleanField(blank=True, null=True, verbose_name="正在领取失业保险金"),
                ),
                ("as_of", models.DateField(verbose_name="截至日期")),
            ],
            options={
                "verbose_name": "失业保险",
                "verbose_name_plural": "失业保险",
            },
        ),
        migrations.CreateModel(
            name="UnemploymentInsuranceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.unemploymentinsurance",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="累计缴费月数"),
                ),
                (
                    "drawing_benefit",
                    models.BooleanField(blank=True, null=True, verbose_name="正在领取失业保险金"),
                ),
                ("as_of", models.DateField(verbose_name="截至日期")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TechnicalSchooling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="schoolings",
                        to="workforce.worker",
                    ),
                ),
                (
                    "graduated_from",
                    models.CharField(
                        choices=[
                            ("intermediate", "中级工班"),
                            ("senior", "高级工班"),
                            ("pre_technician", "预备技师班"),
                        ],
                        max_length=16,
                        verbose_name="毕业班别",
                    ),
                ),
                ("school", models.CharField(max_length=80, verbose_name="院校")),
                ("graduated_on", models.DateField(blank=True, null=True, verbose_name="毕业日期")),
            ],
            options={
                "verbose_name": "技工院校学历",
                "verbose_name_plural": "技工院校学历",
                "indexes": [models.Index(fields=["worker"], name="workforce_t_worker__d2955d_idx")],
            },
        ),
        migrations.CreateModel(
            name="TechnicalSchoolingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.technicalschooling",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                (
                    "graduated_from",
                    models.CharField(
                        choices=[
                            ("intermediate", "中级工班"),
                            ("senior", "高级工班"),
                            ("pre_technician", "预备技师班"),
                        ],
                        max_length=16,
                        verbose_name="毕业班别",
                    ),
                ),
                ("school", models.CharField(max_length=80, verbose_name="院校")),
                ("graduated_on", models.DateField(blank=True, null=True, verbose_name="毕业日期")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CompetitionResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="competition_results",
                        to="workforce.worker",
                    ),
                ),
                (
                    "competition",
                    models.CharField(
                        choices=[
                            ("worldskills", "世界技能大赛"),
                            ("national_class_one", "国家级一类大赛"),
                            ("national_class_two", "国家级二类大赛"),
                            ("regional", "自治区级大赛"),
                        ],
                        max_length=20,
                        verbose_name="赛事",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="赛事名称")),
                ("edition", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="届次")),
                ("rank", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="名次")),
                (
                    "prize",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("gold", "金牌"),
                            ("silver", "银牌"),
                            ("bronze", "铜牌"),
                            ("excellence", "优胜奖"),
                            ("none", "无"),
                        ],
                        max_length=12,
                        verbose_name="奖项",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("competitor", "选手"),
                            ("technical_expert", "技术指导专家"),
                            ("coach", "教练"),
                            ("interpreter", "技术翻译"),
                        ],
                        default="competitor",
                        max_length=20,
                        verbose_name="身份",
                    ),
                ),
                (
                    "for_inner_mongolia",
                    models.BooleanField(blank=True, null=True, verbose_name="代表内蒙古参赛"),
                ),
                ("held_on", models.DateField(blank=True, null=True, verbose_name="比赛日期")),
                ("document", models.CharField(blank=True, max_length=80, verbose_name="文号")),
            ],
            options={
                "verbose_name": "竞赛成绩",
                "verbose_name_plural": "竞赛成绩",
                "indexes": [models.Index(fields=["worker"], name="workforce_c_worker__14f5e9_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rank__isnull", True), ("rank__gte", 1), _connector="OR"),
                        name="rank_begins_at_one",
                        violation_error_message="名次从1开始。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CompetitionResultEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.competitionresult",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                (
                    "competition",
                    models.CharField(
                        choices=[
                            ("worldskills", "世界技能大赛"),
                            ("national_class_one", "国家级一类大赛"),
                            ("national_class_two", "国家级二类大赛"),
                            ("regional", "自治区级大赛"),
                        ],
                        max_length=20,
                        verbose_name="赛事",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="赛事名称")),
                ("edition", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="届次")),
                ("rank", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="名次")),
                (
                    "prize",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("gold", "金牌"),
                            ("silver", "银牌"),
                            ("bronze", "铜牌"),
                            ("excellence", "优胜奖"),
                            ("none", "无"),
                        ],
                        max_length=12,
                        verbose_name="奖项",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("competitor", "选手"),
                            ("technical_expert", "技术指导专家"),
                            ("coach", "教练"),
                            ("interpreter", "技术翻译"),
                        ],
                        default="competitor",
                        max_length=20,
                        verbose_name="身份",
                    ),
                ),
                (
                    "for_inner_mongolia",
                    models.BooleanField(blank=True, null=True, verbose_name="代表内蒙古参赛"),
                ),
                ("held_on", models.DateField(blank=True, null=True, verbose_name="比赛日期")),
                ("document", models.CharField(blank=True, max_length=80, verbose_name="文号")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BenefitClaim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="workforce.worker",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("skill_upgrade", "技能提升补贴"), ("training_subsidy", "职业培训补贴")],
                        max_length=20,
                        verbose_name="补贴种类",
                    ),
                ),
                ("occupation", models.CharField(max_length=60, verbose_name="职业（工种）")),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        verbose_name="等级",
                    ),
                ),
                ("certificate_number", models.CharField(blank=True, max_length=40, verbose_name="证书编号")),
                ("claimed_on", models.DateField(verbose_name="申领日期")),
            ],
            options={
                "verbose_name": "以往补贴",
                "verbose_name_plural": "以往补贴",
                "indexes": [
                    models.Index(fields=["worker", "occupation"], name="workforce_b_worker__45a243_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worker", "kind", "occupation", "level"),
                        name="one_claim_of_a_level",
                        violation_error_message="该补贴已登记。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BenefitClaimEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.benefitclaim",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("skill_upgrade", "技能提升补贴"), ("training_subsidy", "职业培训补贴")],
                        max_length=20,
                        verbose_name="补贴种类",
                    ),
                ),
                ("occupation", models.CharField(max_length=60, verbose_name="职业（工种）")),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        verbose_name="等级",
                    ),
                ),
                ("certificate_number", models.CharField(blank=True, max_length=40, verbose_name="证书编号")),
                ("claimed_on", models.DateField(verbose_name="申领日期")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AttestedFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attested_facts",
                        to="workforce.worker",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("leading_talent", "已列入高技能领军人才名录"),
                            ("liaison_expert", "党委和政府联系专家"),
                            ("recruited", "引进人才"),
                            ("solved_major_technical_problem", "解决重大工艺技术难题或重大质量问题"),
                            ("regional_innovation_award", "技术创新成果获自治区级以上奖项"),
                            ("outstanding_mentor", "“师带徒”业绩突出"),
                            ("superb_skill", "掌握高超技能"),
                            ("outstanding_contribution", "作出突出贡献"),
                            ("attended_senior_technician_upskilling", "参加高级技师岗位技能提升培训"),
                            ("jobless_willing_spouse_or_child", "配偶或子女有就业意愿但未就业"),
                            ("hard_to_employ_family_member", "家属属于就业困难人员"),
                            ("child_in_compulsory_education", "子女处于义务教育阶段"),
                        ],
                        max_length=48,
                        verbose_name="事项",
                    ),
                ),
                ("value", models.JSONField(verbose_name="内容")),
                ("since", models.DateField(verbose_name="自")),
                ("until", models.DateField(blank=True, null=True, verbose_name="至")),
                ("document", models.CharField(blank=True, max_length=120, verbose_name="依据文件")),
            ],
            options={
                "verbose_name": "核定事项",
                "verbose_name_plural": "核定事项",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("worker", "code"),
                        name="one_open_attestation",
                        violation_error_message="该事项已有有效记录，请先终止原记录。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="attestation_ends_after_it_begins",
                        violation_error_message="截止日期不能早于起始日期。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AttestedFactEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.attestedfact",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("leading_talent", "已列入高技能领军人才名录"),
                            ("liaison_expert", "党委和政府联系专家"),
                            ("recruited", "引进人才"),
                            ("solved_major_technical_problem", "解决重大工艺技术难题或重大质量问题"),
                            ("regional_innovation_award", "技术创新成果获自治区级以上奖项"),
                            ("outstanding_mentor", "“师带徒”业绩突出"),
                            ("superb_skill", "掌握高超技能"),
                            ("outstanding_contribution", "作出突出贡献"),
                            ("attended_senior_technician_upskilling", "参加高级技师岗位技能提升培训"),
                            ("jobless_willing_spouse_or_child", "配偶或子女有就业意愿但未就业"),
                            ("hard_to_employ_family_member", "家属属于就业困难人员"),
                            ("child_in_compulsory_education", "子女处于义务教育阶段"),
                        ],
                        max_length=48,
                        verbose_name="事项",
                    ),
                ),
                ("value", models.JSONField(verbose_name="内容")),
                ("since", models.DateField(verbose_name="自")),
                ("until", models.DateField(blank=True, null=True, verbose_name="至")),
                ("document", models.CharField(blank=True, max_length=120, verbose_name="依据文件")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HonourType",
            fields=[
                (
                    "code",
                    models.SlugField(max_length=60, primary_key=True, serialize=False, verbose_name="代码"),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("honour", "荣誉称号"),
                            ("special_allowance", "政府特殊津贴"),
                            ("scarce_talent", "高精尖缺人才认定"),
                        ],
                        default="honour",
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("national", "国家级"),
                            ("autonomous_region", "自治区级"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="级别",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
            ],
            options={
                "verbose_name": "荣誉类型",
                "verbose_name_plural": "荣誉类型",
                "ordering": ["category", "code"],
            },
        ),
        migrations.CreateModel(
            name="HonourAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="workforce.honourtype",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="别名")),
                ("since", models.DateField(blank=True, null=True, verbose_name="自")),
                ("until", models.DateField(blank=True, null=True, verbose_name="至")),
            ],
            options={
                "ordering": ["type", "name"],
                "constraints": [models.UniqueConstraint(fields=("name",), name="one_honour_of_a_name")],
            },
        ),
        migrations.CreateModel(
            name="Honour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="登记时间"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="honours",
                        to="workforce.worker",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="honours",
                        to="workforce.honourtype",
                        verbose_name="荣誉",
                    ),
                ),
                ("named_as", models.CharField(max_length=60, verbose_name="原文名称")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("conferred_on", models.DateField(blank=True, null=True, verbose_name="授予日期")),
                ("document", models.CharField(blank=True, max_length=80, verbose_name="文号")),
                (
                    "state",
                    models.CharField(
                        choices=[("unverified", "待核实"), ("verified", "已核实"), ("refuted", "核实不符")],
                        default="unverified",
                        max_length=12,
                        verbose_name="核实状态",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="核实人",
                    ),
                ),
                ("verified_at", models.DateTimeField(null=True, verbose_name="核实时间")),
                ("verdict", models.CharField(blank=True, max_length=200, verbose_name="核实意见")),
            ],
            options={
                "verbose_name": "荣誉",
                "verbose_name_plural": "荣誉",
                "ordering": ["-year", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "unverified")),
                        fields=["state", "id"],
                        name="honour_to_verify",
                    ),
                    models.Index(fields=["type", "state", "worker"], name="honour_by_type"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worker", "type", "year"),
                        name="one_honour_a_year",
                        violation_error_message="该荣誉已登记。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_by__isnull", True),
                            ("recorded_by__isnull", True),
                            models.Q(("verified_by", models.F("recorded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="honour_verified_by_another",
                        violation_error_message="登记人不能核实自己登记的荣誉。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "unverified"),
                                ("verified_at__isnull", True),
                                ("verified_by__isnull", True),
                            ),
                            models.Q(
                                models.Q(("state", "unverified"), _negated=True),
                                ("verified_at__isnull", False),
                                ("verified_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="verified_honour_has_a_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HonourEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="workforce.honour",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(max_length=120, verbose_name="来源")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.worker",
                    ),
                ),
                (
                    "type",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="workforce.honourtype",
                        verbose_name="荣誉",
                    ),
                ),
                ("named_as", models.CharField(max_length=60, verbose_name="原文名称")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("conferred_on", models.DateField(blank=True, null=True, verbose_name="授予日期")),
                ("document", models.CharField(blank=True, max_length=80, verbose_name="文号")),
                (
                    "state",
                    models.CharField(
                        choices=[("unverified", "待核实"), ("verified", "已核实"), ("refuted", "核实不符")],
                        default="unverified",
                        max_length=12,
                        verbose_name="核实状态",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="核实人",
                    ),
                ),
                ("verified_at", models.DateTimeField(null=True, verbose_name="核实时间")),
                ("verdict", models.CharField(blank=True, max_length=200, verbose_name="核实意见")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RosterImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "job",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="roster_import",
                        to="jobs.job",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="导入人",
                    ),
                ),
                ("file_name", models.CharField(max_length=100, verbose_name="文件名")),
                ("suffix", models.CharField(choices=[(".csv", "CSV"), (".xlsx", "Excel")], max_length=5)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("received", "等待处理"),
                            ("reading", "逐行核对"),
                            ("merging", "写入档案"),
                            ("done", "已完成"),
                            ("failed", "未导入"),
                        ],
                        default="received",
                        max_length=12,
                        verbose_name="阶段",
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=600, verbose_name="说明")),
                ("rows_read", models.PositiveIntegerField(default=0, verbose_name="读取")),
                ("added", models.PositiveIntegerField(default=0, verbose_name="新增")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="更新")),
                ("unchanged", models.PositiveIntegerField(default=0, verbose_name="无变化")),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="未通过")),
                ("held", models.PositiveIntegerField(default=0, verbose_name="姓名待核对")),
                ("has_refused_file", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="提交时间"),
                ),
                ("merged_at", models.DateTimeField(null=True, verbose_name="写入时间")),
                ("source_deleted_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "花名册导入",
                "verbose_name_plural": "花名册导入",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["by", "-id"], name="roster_import_by_person"),
                    models.Index(
                        condition=models.Q(("source_deleted_at__isnull", True)),
                        fields=["created_at"],
                        name="roster_file_to_delete",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("held__lte", models.F("refused")),
                            (
                                "rows_read",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("added"), "+", models.F("changed")
                                        ),
                                        "+",
                                        models.F("unchanged"),
                                    ),
                                    "+",
                                    models.F("refused"),
                                ),
                            ),
                        ),
                        name="roster_rows_add_up",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NameConflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="name_conflicts",
                        to="workforce.worker",
                    ),
                ),
                (
                    "roster_import",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="name_conflicts",
                        to="workforce.rosterimport",
                    ),
                ),
                ("registered_name", models.CharField(max_length=60, verbose_name="登记姓名")),
                ("roster_name", models.CharField(max_length=60, verbose_name="花名册姓名")),
                (
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="导入人",
                    ),
                ),
                (
                    "raised_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="提出时间"),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("keep", "保留登记姓名"), ("replace", "改为花名册姓名")],
                        max_length=8,
                        verbose_name="处理结果",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="依据")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="处理人",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="处理时间")),
            ],
            options={
                "verbose_name": "姓名不一致",
                "verbose_name_plural": "姓名不一致",
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("decision", "")),
                        fields=["worker", "id"],
                        name="open_name_conflicts",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "")),
                        fields=("worker", "roster_name"),
                        name="one_open_name_conflict",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")
                            ),
                            models.Q(
                                models.Q(("decision", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="decided_name_has_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("raised_by__isnull", True),
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("raised_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="name_decided_by_another",
                        violation_error_message="导入人不能处理自己导入的姓名差异。",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_employerevent" ("created_at", "credit_code", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "source") SELECT old_values."created_at", old_values."credit_code", old_values."id", old_values."kind", old_values."name", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."region_id", old_values."source" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."credit_code" IS DISTINCT FROM (new_values."credit_code") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."region_id" IS DISTINCT FROM (new_values."region_id") OR old_values."source" IS DISTINCT FROM (new_values."source")) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="0318a4ceceb8acf1c3046b5fdb672bb612a43837",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ecbb7",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_employer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_employerevent" ("created_at", "credit_code", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "source") SELECT old_values."created_at", old_values."credit_code", old_values."id", old_values."kind", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."region_id", old_values."source" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="7c5714a50f3ab6aa62b4e79e9bbba0767a852451",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ea088",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_employer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employeragent",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_employeragentevent" ("appointed_at", "appointed_by_id", "authority", "employer_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT old_values."appointed_at", old_values."appointed_by_id", old_values."authority", old_values."employer_id", old_values."id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="6122c05a61dc25c4549c93638b18e9947248f7c7",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6761d",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_employeragent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employeragent",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_employeragentevent" ("appointed_at", "appointed_by_id", "authority", "employer_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT old_values."appointed_at", old_values."appointed_by_id", old_values."authority", old_values."employer_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="7c580a0a539db802da93ab015e1ff34fb4f9ecf4",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_0ed14",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_employeragent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="worker",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_workerevent" ("account_id", "birth_on", "created_at", "employer_id", "household_region_id", "id", "id_digest", "id_number", "name", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone_digest", "sex", "skill_level", "source", "work_region_id") SELECT old_values."account_id", old_values."birth_on", old_values."created_at", old_values."employer_id", old_values."household_region_id", old_values."id", old_values."id_digest", old_values."id_number", old_values."name", old_values."occupation", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."phone", old_values."phone_digest", old_values."sex", old_values."skill_level", old_values."source", old_values."work_region_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."account_id" IS DISTINCT FROM (new_values."account_id") OR old_values."birth_on" IS DISTINCT FROM (new_values."birth_on") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."employer_id" IS DISTINCT FROM (new_values."employer_id") OR old_values."household_region_id" IS DISTINCT FROM (new_values."household_region_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."id_digest" IS DISTINCT FROM (new_values."id_digest") OR old_values."id_number" IS DISTINCT FROM (new_values."id_number") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."occupation" IS DISTINCT FROM (new_values."occupation") OR old_values."phone" IS DISTINCT FROM (new_values."phone") OR old_values."phone_digest" IS DISTINCT FROM (new_values."phone_digest") OR old_values."sex" IS DISTINCT FROM (new_values."sex") OR old_values."skill_level" IS DISTINCT FROM (new_values."skill_level") OR old_values."source" IS DISTINCT FROM (new_values."source") OR old_values."work_region_id" IS DISTINCT FROM (new_values."work_region_id")) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="bb51991319fdc966d6f93eb7d7fec7891ae7fd85",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d1b0f",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_worker",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="worker",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_workerevent" ("account_id", "birth_on", "created_at", "employer_id", "household_region_id", "id", "id_digest", "id_number", "name", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "phone_digest", "sex", "skill_level", "source", "work_region_id") SELECT old_values."account_id", old_values."birth_on", old_values."created_at", old_values."employer_id", old_values."household_region_id", old_values."id", old_values."id_digest", old_values."id_number", old_values."name", old_values."occupation", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."phone_digest", old_values."sex", old_values."skill_level", old_values."source", old_values."work_region_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="766d1446af437432cdd3ff71181d379ec8c29504",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ac11b",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_worker",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="honour",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_honourevent" ("conferred_on", "document", "id", "named_as", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "state", "type_id", "verdict", "verified_at", "verified_by_id", "worker_id", "year") SELECT old_values."conferred_on", old_values."document", old_values."id", old_values."named_as", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."state", old_values."type_id", old_values."verdict", old_values."verified_at", old_values."verified_by_id", old_values."worker_id", old_values."year" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5a630088f7845bf8d0f43441d0ca0c7a53a6697c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_07aef",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_honour",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="honour",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_honourevent" ("conferred_on", "document", "id", "named_as", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "state", "type_id", "verdict", "verified_at", "verified_by_id", "worker_id", "year") SELECT old_values."conferred_on", old_values."document", old_values."id", old_values."named_as", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."state", old_values."type_id", old_values."verdict", old_values."verified_at", old_values."verified_by_id", old_values."worker_id", old_values."year" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="f511954dc1c80b0ef86e5a1246cb35b04d7368c2",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1a23e",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_honour",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_employmentevent" ("continuous_months", "employer_id", "ended_on", "front_line_years", "id", "in_skilled_post", "occupation", "on_front_line", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_institution_payroll", "recorded_at", "recorded_by_id", "source", "started_on", "status", "worked_years", "worker_id") SELECT old_values."continuous_months", old_values."employer_id", old_values."ended_on", old_values."front_line_years", old_values."id", old_values."in_skilled_post", old_values."occupation", old_values."on_front_line", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."public_institution_payroll", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."started_on", old_values."status", old_values."worked_years", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="2e39657826b18df8828496cd1b51a92a59739ce6",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_5f059",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_employment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_employmentevent" ("continuous_months", "employer_id", "ended_on", "front_line_years", "id", "in_skilled_post", "occupation", "on_front_line", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "public_institution_payroll", "recorded_at", "recorded_by_id", "source", "started_on", "status", "worked_years", "worker_id") SELECT old_values."continuous_months", old_values."employer_id", old_values."ended_on", old_values."front_line_years", old_values."id", old_values."in_skilled_post", old_values."occupation", old_values."on_front_line", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."public_institution_payroll", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."started_on", old_values."status", old_values."worked_years", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="c1fdcdd2a56be05fdf1abf306960b632409a5e29",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_34344",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_employment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="competitionresult",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_competitionresultevent" ("competition", "document", "edition", "for_inner_mongolia", "held_on", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prize", "rank", "recorded_at", "recorded_by_id", "role", "source", "worker_id") SELECT old_values."competition", old_values."document", old_values."edition", old_values."for_inner_mongolia", old_values."held_on", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."prize", old_values."rank", old_values."recorded_at", old_values."recorded_by_id", old_values."role", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="0f4c0809ca991dda3c248e03612825a5555d1b7a",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_54e73",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_competitionresult",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="competitionresult",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_competitionresultevent" ("competition", "document", "edition", "for_inner_mongolia", "held_on", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prize", "rank", "recorded_at", "recorded_by_id", "role", "source", "worker_id") SELECT old_values."competition", old_values."document", old_values."edition", old_values."for_inner_mongolia", old_values."held_on", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."prize", old_values."rank", old_values."recorded_at", old_values."recorded_by_id", old_values."role", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="63ef1ed38b593b5e648e01b7d48337085c749148",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_5fd70",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_competitionresult",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="benefitclaim",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_benefitclaimevent" ("certificate_number", "claimed_on", "id", "kind", "level", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "worker_id") SELECT old_values."certificate_number", old_values."claimed_on", old_values."id", old_values."kind", old_values."level", old_values."occupation", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="9d403a14290723f784c8a7ad21abd2750db0b230",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_21cde",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_benefitclaim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="benefitclaim",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_benefitclaimevent" ("certificate_number", "claimed_on", "id", "kind", "level", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "worker_id") SELECT old_values."certificate_number", old_values."claimed_on", old_values."id", old_values."kind", old_values."level", old_values."occupation", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="350f2a1b2310409fb620070ffa74b8a533b81427",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_fca59",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_benefitclaim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attestedfact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_attestedfactevent" ("code", "document", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "since", "source", "until", "value", "worker_id") SELECT old_values."code", old_values."document", old_values."id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."since", old_values."source", old_values."until", old_values."value", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="e9b482d318d0fbbefb6f63c6caab58b0a47c121a",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ba515",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_attestedfact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attestedfact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_attestedfactevent" ("code", "document", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "since", "source", "until", "value", "worker_id") SELECT old_values."code", old_values."document", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."since", old_values."source", old_values."until", old_values."value", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ab62b7a519b46563a6dfc319f254227d90b73c98",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_8af7e",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_attestedfact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payeeaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_payeeaccountevent" ("account_digest", "account_number", "bank", "confirmed_at", "confirmed_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "state", "verdict", "worker_id") SELECT old_values."account_digest", old_values."account_number", old_values."bank", old_values."confirmed_at", old_values."confirmed_by_id", old_values."id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."state", old_values."verdict", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="25547e7532a1f3ce2fea61768ef5d6f5d7ea406e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ab4f1",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_payeeaccount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="payeeaccount",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_payeeaccountevent" ("account_digest", "account_number", "bank", "confirmed_at", "confirmed_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "state", "verdict", "worker_id") SELECT old_values."account_digest", old_values."account_number", old_values."bank", old_values."confirmed_at", old_values."confirmed_by_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."state", old_values."verdict", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="e44c379ab67dd864b3347dc728357e840b2fa9d4",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_362f9",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_payeeaccount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="skillcredential",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_skillcredentialevent" ("id", "issued_on", "level", "number", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "verified_how", "worker_id") SELECT old_values."id", old_values."issued_on", old_values."level", old_values."number", old_values."occupation", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."verified_how", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="280843093e3838b43fdea2a3d5ea9b82722eb8f0",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cc5c7",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_skillcredential",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="skillcredential",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_skillcredentialevent" ("id", "issued_on", "level", "number", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "verified_how", "worker_id") SELECT old_values."id", old_values."issued_on", old_values."level", old_values."number", old_values."occupation", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."verified_how", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="394de386cd0cee2b50c878e3d48e93a933e4c0cb",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b01f1",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_skillcredential",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="technicalschooling",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_technicalschoolingevent" ("graduated_from", "graduated_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "school", "source", "worker_id") SELECT old_values."graduated_from", old_values."graduated_on", old_values."id", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."school", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="0466d0739b2df6e8dc39eaea258f71ea6532a27a",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_21e4c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_technicalschooling",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="technicalschooling",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_technicalschoolingevent" ("graduated_from", "graduated_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "school", "source", "worker_id") SELECT old_values."graduated_from", old_values."graduated_on", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."school", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="99fed8137944b665c59098b8c94df44fd8964b29",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_7c50f",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_technicalschooling",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unemploymentinsurance",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_unemploymentinsuranceevent" ("as_of", "drawing_benefit", "id", "months", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "worker_id") SELECT old_values."as_of", old_values."drawing_benefit", old_values."id", old_values."months", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="3887f65c0970bd3421b356df25fff8c889f1c369",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f1dff",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="workforce_unemploymentinsurance",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unemploymentinsurance",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_unemploymentinsuranceevent" ("as_of", "drawing_benefit", "id", "months", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "worker_id") SELECT old_values."as_of", old_values."drawing_benefit", old_values."id", old_values."months", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="93f213809ed7d6cc30d64ab6e37ca0e4295cc2c7",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2b37d",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="workforce_unemploymentinsurance",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(statistics.INSTALL, statistics.REMOVE),
    ]
