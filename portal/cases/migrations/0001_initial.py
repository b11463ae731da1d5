import datetime

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import portal.fields
from portal.cases import guards as case_guards
from portal.cases.notices import guards as notice_guards


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("regions", "0001_initial"),
        ("workforce", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="办件编号")),
                ("kind", models.CharField(max_length=48, verbose_name="事项")),
                (
                    "region",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="办理地区",
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
                    "worker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="workforce.worker",
                        verbose_name="技术工人",
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="workforce.employer",
                        verbose_name="用人单位",
                    ),
                ),
                ("subject", models.CharField(max_length=160, verbose_name="摘要")),
                ("state", models.CharField(max_length=24, verbose_name="状态")),
                (
                    "state_since",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="进入状态时间"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="发起日期")),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                ("started_on", models.DateField(null=True, verbose_name="计时起始")),
                ("due_on", models.DateField(null=True, verbose_name="办理期限")),
                ("due_certain", models.BooleanField(default=True, verbose_name="期限依据官方日历")),
                ("stopped_on", models.DateField(null=True, verbose_name="计时暂停")),
                (
                    "due_sort",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.F("due_on"), models.Value(datetime.date(9999, 12, 31))
                        ),
                        output_field=models.DateField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "办件",
                "verbose_name_plural": "办件",
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["kind", "state", "due_sort", "id"],
                        name="case_open_work",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["league_code", "due_sort", "id"],
                        include=("stopped_on", "kind", "state"),
                        name="case_open_by_league",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["region", "due_sort", "id"],
                        include=("stopped_on", "kind", "state"),
                        name="case_open_by_region",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["due_sort", "id"],
                        include=("stopped_on",),
                        name="case_open",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["assigned_to", "due_sort", "id"],
                        name="case_open_by_person",
                    ),
                    models.Index(
                        condition=models.Q(("stopped_on__isnull", False)),
                        fields=["due_sort", "id"],
                        name="case_stopped",
                    ),
                    models.Index(fields=["league_code", "-id"], name="case_by_league"),
                    models.Index(fields=["region", "-id"], name="case_by_region"),
                    models.Index(fields=["worker", "-id"], name="cases_case_worker__fd3162_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stopped_on__isnull", True), ("closed_at__isnull", True), _connector="OR"
                        ),
                        name="a_closed_case_has_no_stopped_clock",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="cases.case"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("action", models.CharField(max_length=32)),
                ("label", models.CharField(max_length=40)),
                ("from_state", models.CharField(blank=True, max_length=24)),
                ("to_state", models.CharField(max_length=24)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("window_clerk", "窗口经办员"),
                            ("league_reviewer", "盟市审核员"),
                            ("regional_reviewer", "自治区复核员"),
                            ("approver", "审批人"),
                            ("finance_officer", "财务经办员"),
                            ("registry_officer", "名录管理员"),
                            ("policy_officer", "政策管理员"),
                            ("supervisor", "业务主管"),
                            ("auditor", "审计员"),
                            ("panel_expert", "评审专家"),
                            ("employer_agent", "单位经办人"),
                            ("training_provider", "培训机构"),
                            ("worker", "技术工人"),
                            ("system_admin", "系统管理员"),
                            ("security_admin", "安全管理员"),
                            ("audit_admin", "审计管理员"),
                        ],
                        max_length=20,
                    ),
                ),
                ("on", models.DateField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["case", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "position"), name="one_event_at_a_position")
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseDuty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="duties", to="cases.case"
                    ),
                ),
                (
                    "duty",
                    models.CharField(
                        choices=[
                            ("prepare", "登记（提出）"),
                            ("accept", "受理"),
                            ("review", "审核（核实）"),
                            ("second_review", "复核"),
                            ("approve", "审批（确认）"),
                            ("pay", "支付"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("case", "person"),
                        name="one_duty_a_person",
                        violation_error_message="同一人不能在一件办件中承担两项不相容职责。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="cases.case",
                    ),
                ),
                ("missing", models.JSONField(verbose_name="需补正内容")),
                ("opened_on", models.DateField()),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("resolved_on", models.DateField(null=True)),
                (
                    "resolved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolved_on__isnull", True)),
                        fields=("case",),
                        name="one_open_correction",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefix", models.CharField(max_length=4)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("prefix", "year"), name="one_case_series")],
            },
        ),
        migrations.CreateModel(
            name="ClockRule",
            fields=[
                (
                    "kind",
                    models.CharField(max_length=48, primary_key=True, serialize=False, verbose_name="事项"),
                ),
                ("working_days", models.PositiveSmallIntegerField(verbose_name="办理时限（工作日）")),
                ("basis", models.CharField(max_length=160, verbose_name="依据")),
                ("is_sample", models.BooleanField(default=False, verbose_name="示例")),
            ],
        ),
        migrations.CreateModel(
            name="AllowedMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=48)),
                ("from_state", models.CharField(blank=True, max_length=24)),
                ("to_state", models.CharField(max_length=24)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "from_state", "to_state"), name="one_allowed_move"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="cases.case"
                    ),
                ),
                ("label", models.CharField(max_length=80, verbose_name="材料名称")),
                ("file_name", models.CharField(max_length=160, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField(verbose_name="大小（字节）")),
                ("digest", models.CharField(max_length=64)),
                ("stored_as", models.UUIDField(unique=True)),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提交人",
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="提交时间"),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "佐证材料",
                "verbose_name_plural": "佐证材料",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("case", "digest"),
                        name="one_evidence_of_a_content",
                        violation_error_message="该文件已提交过。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="公示编号")),
                ("kind", models.CharField(max_length=48)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="cases.case"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="标题")),
                ("legal_basis", models.CharField(max_length=500, verbose_name="公示依据")),
                ("body", models.TextField(verbose_name="正文")),
                ("published_on", models.DateField(verbose_name="发布日期")),
                ("opens_on", models.DateField(verbose_name="公示开始")),
                ("closes_on", models.DateField(verbose_name="公示截止")),
                ("working_days", models.PositiveSmallIntegerField(verbose_name="公示工作日")),
                ("closes_certain", models.BooleanField(default=True, verbose_name="期限依据官方日历")),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
            ],
            options={
                "verbose_name": "公示",
                "verbose_name_plural": "公示",
                "indexes": [models.Index(fields=["-published_on", "-id"], name="notice_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_on__gte", models.F("opens_on"))),
                        name="notice_closes_after_it_opens",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="cases.publicnotice",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="版次")),
                ("columns", models.JSONField()),
                ("rows", models.JSONField()),
                ("digest", models.CharField(max_length=64, verbose_name="名单摘要")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="变更原因")),
                ("moved", models.JSONField(default=list)),
                ("published_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["notice", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "position"), name="one_notice_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeExtension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="cases.publicnotice",
                    ),
                ),
                ("closed_on", models.DateField(verbose_name="原截止日期")),
                ("closes_on", models.DateField(verbose_name="延长至")),
                ("reason", models.CharField(max_length=300, verbose_name="延长原因")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_on__gt", models.F("closed_on"))),
                        name="an_extension_makes_it_longer",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="objection",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="cases.publicnotice",
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=40)),
                ("objector", portal.fields.EncryptedTextField(editable=True, verbose_name="异议人")),
                ("contact", portal.fields.EncryptedTextField(editable=True, verbose_name="联系方式")),
                ("text", portal.fields.EncryptedTextField(editable=True, verbose_name="异议内容")),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("received_on", models.DateField(verbose_name="收到日期")),
                ("reply", models.TextField(blank=True, max_length=2000, verbose_name="答复")),
                ("decided_on", models.DateField(null=True, verbose_name="答复日期")),
                ("remedy", models.CharField(blank=True, max_length=24, verbose_name="处理方式")),
            ],
            options={
                "verbose_name": "异议",
                "verbose_name_plural": "异议",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notice", "fingerprint"),
                        name="one_objection_of_a_content",
                        violation_error_message="该异议已提交过。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_on__isnull", True),
                            models.Q(("reply", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="decided_objection_has_a_reply",
                        violation_error_message="作出处理决定须写明答复。",
                    ),
                ],
            },
        ),
        migrations.RunSQL(case_guards.INSTALL, case_guards.REMOVE),
        migrations.RunSQL(notice_guards.INSTALL, notice_guards.REMOVE),
    ]
