"""Copies the moves, funds and thresholds into the database. Runs as the owner when the application is installed."""

from __future__ import annotations

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange, NumericRange

from portal.funds.catalogue import FUNDS
from portal.funds.channel_catalogue import CHANNELS, PROFILES
from portal.funds.models import (
    BankProfile,
    Channel,
    ChannelRule,
    Fund,
    FundRule,
    LedgerMove,
    SignatureThreshold,
    Threshold,
)
from portal.funds.models.funds import Use
from portal.funds.moves import MOVES

# How many people approve is the house's own rule until an office sets others: the sums say that they are samples.
_SAMPLE = "示例（待本级财务制度确定）"
_SAMPLES = ((1, 10_000_001, 1), (10_000_001, None, 2))
_SINCE = date(2019, 1, 1)


def load_moves() -> None:
    """A move that is listed no longer stays as long as transfers name it."""
    for move in MOVES.values():
        LedgerMove.objects.update_or_create(
            code=move.code,
            defaults={
                "from_bucket": move.from_bucket,
                "to_bucket": move.to_bucket,
                "within_line": move.within_line,
                "of_payable": move.of_payable,
                "of_recovery": move.of_recovery,
                "needs_approval": move.needs_approval,
                "needs_bank_row": move.needs_bank_row,
                "spends": move.spends,
            },
        )


def load_funds() -> None:
    """Funds and their closed lists, exactly as in the catalogue."""
    for place, described in enumerate(FUNDS, start=1):
        fund, _ = Fund.objects.update_or_create(
            code=described.code,
            defaults={
                "name": described.name,
                "rests_on": described.rests_on,
                "arrives_by": described.arrives_by,
                "pays_a_right": described.pays_a_right,
                "sets_off_by": described.sets_off_by,
                "place": place,
            },
        )
        kept = []
        for rule in described.rules:
            is_use = isinstance(rule.of, Use)
            stored, _ = FundRule.objects.update_or_create(
                fund=fund,
                use=rule.of if is_use else "",
                payee="" if is_use else rule.of,
                defaults={
                    "permitted": rule.permitted,
                    "document": rule.document,
                    "article": rule.article,
                },
            )
            kept.append(stored.pk)
        fund.rules.exclude(pk__in=kept).delete()


def load_thresholds() -> None:
    """The samples, where nobody has set any yet."""
    if Threshold.objects.exists():
        return
    for lower, upper, approvals in _SAMPLES:
        Threshold.objects.create(
            amounts=NumericRange(lower, upper),
            days=DateRange(_SINCE, None),
            approvals=approvals,
            document=_SAMPLE,
        )


# How many sign a batch is the house's own rule as well.
_SIGNATURES = ((1, 50_000_001, 1), (50_000_001, None, 2))


def load_signature_thresholds() -> None:
    """The samples, where nobody has set any yet."""
    if SignatureThreshold.objects.exists():
        return
    for lower, upper, signatures in _SIGNATURES:
        SignatureThreshold.objects.create(
            amounts=NumericRange(lower, upper),
            days=DateRange(_SINCE, None),
            signatures=signatures,
            document=_SAMPLE,
        )


def load_profiles() -> None:
    """Profiles as in the catalogue. ValueError where one changed under its code: files were made by it."""
    for place, profile in enumerate(PROFILES, start=1):
        stored, is_new = BankProfile.objects.get_or_create(
            code=profile.code,
            defaults={
                "name": profile.name,
                "source": profile.source,
                "definition": profile.definition,
                "place": place,
            },
        )
        if not is_new and stored.definition != profile.definition:
            raise ValueError(f"the profile {profile.code} changed: give it another code")


def load_channels() -> None:
    """Channels and whom they serve, exactly as in the catalogue."""
    for place, described in enumerate(CHANNELS, start=1):
        channel, _ = Channel.objects.update_or_create(
            code=described.code,
            defaults={
                "name": described.name,
                "profile_id": described.profile,
                "document": described.document,
                "place": place,
            },
        )
        kept = [
            ChannelRule.objects.get_or_create(channel=channel, fund_id=fund, payee=payee)[0].pk
            for fund, payee in described.serves
        ]
        channel.rules.exclude(pk__in=kept).delete()
