import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import portal.fields
import portal.letters.models
from portal.letters import guards


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("cases", "0001_initial"),
        ("jobs", "0001_initial"),
        ("regions", "0001_initial"),
        ("workforce", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Issuer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=6, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=60, verbose_name="发文机关")),
                ("mark", models.CharField(max_length=20, unique=True, verbose_name="机关代字")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="所属地区",
                    ),
                ),
                ("is_sample", models.BooleanField(default=True, verbose_name="示例")),
            ],
            options={
                "verbose_name": "发文机关",
                "verbose_name_plural": "发文机关",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="LetterSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="series",
                        to="letters.issuer",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("last_number", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("issuer", "year"), name="one_series_a_year")],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="letters.issuer",
                        verbose_name="发文机关",
                    ),
                ),
                ("issuer_name", models.CharField(max_length=60)),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("sequence", models.PositiveIntegerField(verbose_name="顺序号")),
                ("number_text", models.CharField(max_length=40, unique=True, verbose_name="发文字号")),
                ("kind", models.CharField(max_length=48, verbose_name="种类")),
                ("template_version", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=120, verbose_name="标题")),
                ("addressee", models.CharField(max_length=120, verbose_name="主送")),
                ("context", portal.fields.EncryptedJSONField(editable=True)),
                (
                    "worker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="workforce.worker",
                        verbose_name="技术工人",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="cases.case",
                        verbose_name="办件",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="地区",
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
                (
                    "code",
                    models.CharField(
                        default=portal.letters.models.new_code,
                        max_length=12,
                        unique=True,
                        verbose_name="验证码",
                    ),
                ),
                ("is_sample", models.BooleanField(default=False, verbose_name="示例")),
                ("issued_on", models.DateField(verbose_name="成文日期")),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发人",
                    ),
                ),
                (
                    "superseded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supersedes",
                        to="letters.letter",
                        verbose_name="被替代为",
                    ),
                ),
                ("adverse", models.BooleanField(default=False, verbose_name="不利决定")),
                (
                    "grounds",
                    portal.fields.EncryptedTextField(editable=True, null=True, verbose_name="事实和理由"),
                ),
                ("clause", models.CharField(blank=True, max_length=160, verbose_name="依据条款")),
                ("remedy", models.CharField(blank=True, max_length=400, verbose_name="救济途径")),
                (
                    "served_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("in_person", "直接送达"),
                            ("post", "邮寄送达"),
                            ("electronic", "电子送达"),
                            ("entrusted", "委托送达"),
                            ("left", "留置送达"),
                            ("announced", "公告送达"),
                        ],
                        max_length=12,
                        verbose_name="送达方式",
                    ),
                ),
                ("served_on", models.DateField(null=True, verbose_name="送达日期")),
            ],
            options={
                "verbose_name": "信函",
                "verbose_name_plural": "信函",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["worker", "-id"], name="letters_let_worker__3753d9_idx"),
                    models.Index(fields=["league_code", "-id"], name="letters_let_league__f67374_idx"),
                    models.Index(fields=["region", "-id"], name="letters_let_region__3bf47c_idx"),
                    models.Index(fields=["kind", "-id"], name="letters_let_kind_1e9353_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("issuer", "year", "sequence"), name="one_letter_a_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sequence__gte", 1)), name="letter_numbers_begin_at_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("adverse", False),
                            models.Q(
                                ("grounds__isnull", False),
                                models.Q(("clause", ""), _negated=True),
                                models.Q(("remedy", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="an_adverse_letter_says_why",
                        violation_error_message="不利决定须写明事实和理由、依据条款和救济途径。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("served_how", ""), ("served_on__isnull", True)),
                            models.Q(
                                models.Q(("served_how", ""), _negated=True),
                                ("served_on__isnull", False),
                                ("served_on__gte", models.F("issued_on")),
                            ),
                            _connector="OR",
                        ),
                        name="service_has_way_and_day",
                        violation_error_message="送达须同时登记方式和日期，且不得早于成文日期。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("superseded_by__isnull", True),
                            models.Q(("superseded_by", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="no_letter_supersedes_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterFile",
            fields=[
                (
                    "letter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="file",
                        serialize=False,
                        to="letters.letter",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "生成中"), ("built", "已生成"), ("failed", "生成失败")],
                        default="pending",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("path", models.CharField(blank=True, max_length=120)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "earlier_sha256",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                    ),
                ),
                ("size", models.PositiveIntegerField(null=True)),
                ("pages", models.PositiveSmallIntegerField(null=True)),
                ("renderer", models.CharField(blank=True, max_length=80)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("queued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("built_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "built"), _negated=True),
                        fields=["queued_at"],
                        name="letter_unbuilt",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "built"), _negated=True),
                            models.Q(
                                models.Q(("path", ""), _negated=True),
                                models.Q(("sha256", ""), _negated=True),
                                ("built_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_built_letter_has_its_file",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PrintFile",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="print_file", to="jobs.job"
                    ),
                ),
                (
                    "letters",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("double_sided", models.BooleanField(default=False, verbose_name="双面打印")),
                ("path", models.CharField(blank=True, max_length=120)),
                ("pages", models.PositiveIntegerField(null=True)),
                ("size", models.PositiveBigIntegerField(null=True)),
            ],
            options={
                "verbose_name": "打印文件",
                "verbose_name_plural": "打印文件",
                "ordering": ["-id"],
            },
        ),
        migrations.RunSQL(guards.INSTALL, guards.REMOVE),
    ]
