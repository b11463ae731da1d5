"""What a person signs in with besides the password, and the mark of a demonstration. Demonstrations of earlier
releases are marked.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import portal.fields
from django.conf import settings
from django.db import migrations, models

from portal.accounts.factor_guards import KEEP_MARK, KEEP_USED, LEAVE_MARK, LEAVE_USED, MARK_EARLIER


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_past_passwords"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DemonstrationMark",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_demonstration_mark")
                ],
            },
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("credential_id", models.BinaryField(unique=True)),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField()),
                (
                    "transports",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("host", models.CharField(max_length=253)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passkeys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "name"),
                        name="one_passkey_of_a_name",
                        violation_error_message="已有同名的通行密钥，请换一个名称。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sign_count__gte", 0)), name="passkey_counts_upwards"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at__isnull", True), ("used_at__gte", models.F("made_at")), _connector="OR"
                        ),
                        name="recovery_code_is_used_after_it_is_made",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TotpDevice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("secret", portal.fields.EncryptedTextField(editable=True)),
                ("last_step", models.BigIntegerField()),
                ("confirmed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="totp_devices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "name"),
                        name="one_totp_device_of_a_name",
                        violation_error_message="已有同名的验证器，请换一个名称。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_step__gt", 0)), name="totp_step_is_counted"
                    ),
                ],
            },
        ),
        migrations.RunSQL(MARK_EARLIER, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP_MARK, LEAVE_MARK),
        migrations.RunSQL(KEEP_USED, LEAVE_USED),
    ]
