"""What a record is worth: somebody wrote it down, or somebody else has held it against a document."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from portal.workforce.models.base import Sourced


class Verification(models.TextChoices):
    STATED = "stated", "未核验"
    CONFIRMED = "confirmed", "已核验"
    REFUTED = "refuted", "核验不符"


class Verifiable(Sourced):
    """A record that counts for money, selection and publication once another person has confirmed it.

    The database holds it: a record begins unconfirmed, whoever wrote it down cannot confirm it, and once it is
    confirmed it changes only by a change that is confirmed as well (portal.workforce.change_guards).
    """

    verification = models.CharField(
        "核验状态",
        max_length=10,
        choices=Verification,
        default=Verification.STATED,
        db_default=Verification.STATED,
    )
    verified_by = models.ForeignKey(
        "accounts.User",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="核验人",
        db_index=False,  # verified_by_index
    )
    verified_at = models.DateTimeField("核验时间", null=True)
    # The document that was seen; of a refuted record, what does not agree.
    verified_from = models.CharField("核验依据", max_length=200, blank=True, default="", db_default="")

    class Meta:
        abstract = True


def verification_constraints(name: str) -> list[models.BaseConstraint]:
    """What every verifiable table holds; `name` begins the names of its constraints."""
    judged = Q(verified_by__isnull=False, verified_at__isnull=False) & ~Q(verified_from="")
    unjudged = Q(verified_by__isnull=True, verified_at__isnull=True, verified_from="")
    return [
        models.CheckConstraint(
            condition=Q(verified_by__isnull=True)
            | Q(recorded_by__isnull=True)
            | ~Q(verified_by=F("recorded_by")),
            name=f"{name}_verified_by_another",
            violation_error_message="登记人不能核验自己登记的信息。",
        ),
        models.CheckConstraint(
            condition=(Q(verification=Verification.STATED) & unjudged)
            | (~Q(verification=Verification.STATED) & judged),
            name=f"{name}_verification_has_a_person",
        ),
    ]


def verified_by_index(name: str) -> models.Index:
    """Of those who confirmed something: an import, which confirms nothing, has nothing to enter into it."""
    return models.Index(
        fields=["verified_by"], name=f"{name}_verified_by", condition=Q(verified_by__isnull=False)
    )


def stated_index(name: str) -> models.Index:
    """Of those that wait to be confirmed: how many there are is asked whenever somebody opens the worklist."""
    return models.Index(fields=["id"], name=f"{name}_stated", condition=Q(verification=Verification.STATED))


_BEGINS_UNCONFIRMED = "RAISE EXCEPTION 'a record is confirmed after it was written down, by somebody else';"
_FALLS_WITH_CHANGE = """
IF ({old}) IS DISTINCT FROM ({new}) THEN
    IF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verification <> 'stated' THEN
        RAISE EXCEPTION 'a record is not changed and confirmed in one step';
    END IF;
    NEW.verification := 'stated';
    NEW.verified_by_id := NULL;
    NEW.verified_at := NULL;
    NEW.verified_from := '';
END IF;
RETURN NEW;
"""


_JUDGED = "OLD.verification = 'refuted' OR OLD.verification = 'stated' AND NEW.verification <> 'stated'"
# Of a confirmed record every column is held (portal.workforce.change_guards).
_SAME_EXTRACT = "NEW.extract_id IS NULL OR NEW.extract_id IS NOT DISTINCT FROM OLD.extract_id"
_NOT_BY_EXTRACT = f"OLD.verification <> 'confirmed' AND ({_SAME_EXTRACT})"
_WROTE_IT = """
EXECUTE format(
    'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'
) INTO wrote USING NEW.id, NEW.verified_by_id;
IF wrote THEN
    RAISE EXCEPTION 'who wrote any of a record does not judge it'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_judged_by_no_author';
END IF;
RETURN NEW;
"""


def judged_by_no_author(*, by_extract: bool = False) -> pgtrigger.Trigger:
    """Nor can whoever wrote what stood there before another person changed it. Of what an extract says that is looked
    at with the extract.
    """
    return pgtrigger.Trigger(
        name="judged_by_no_author",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "NEW.verified_by_id IS NOT NULL AND NEW.verified_by_id IS DISTINCT FROM OLD.verified_by_id"
            + (f" AND ({_SAME_EXTRACT})" if by_extract else "")
        ),
        declare=[("wrote", "boolean")],
        func=_WROTE_IT,
    )


def verification_triggers(*columns: str, by_extract: bool = False) -> list[pgtrigger.Trigger]:
    """A record begins unconfirmed, and is so again when one of these columns changes; but what an extract of an
    official register says, which the database looks at elsewhere (portal.workforce.extract_guards).
    """
    func = _FALLS_WITH_CHANGE.format(
        old=", ".join(f"OLD.{column}" for column in columns),
        new=", ".join(f"NEW.{column}" for column in columns),
    )
    return [
        pgtrigger.Trigger(
            name="begins_unconfirmed",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            condition=pgtrigger.Condition(
                "NEW.verification <> 'stated' AND NEW.extract_id IS NULL"
                if by_extract
                else "NEW.verification <> 'stated'"
            ),
            func=_BEGINS_UNCONFIRMED,
        ),
        pgtrigger.Trigger(
            name="change_is_unconfirmed",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            # What is confirmed is held altogether: portal.workforce.change_guards.
            condition=pgtrigger.Condition(f"{_NOT_BY_EXTRACT} AND ({_JUDGED})" if by_extract else _JUDGED),
            func=func,
        ),
        judged_by_no_author(by_extract=by_extract),
    ]
