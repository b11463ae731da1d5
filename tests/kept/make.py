"""Makes the kept data folder of this release, and notes the migrations that landed.

    python -m tests.kept.make              the folder of this release, tests/kept/folders/VERSION.tar.xz
    python -m tests.kept.make --replace    the same over one that is there: only until the release is out
    python -m tests.kept.make --digests    adds new migrations to tests/kept/landed.txt

Run it from the root with the Python of the environment (.venv/bin/python). It starts servers of its own,
loads the demonstration, builds every letter and does every job, then writes down what a later release must
find.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

from portal.run import scratch
from portal.run.postgres import Postgres
from portal.run.preparation import Preparation
from portal.run.processes import StartFailed
from portal.run.supervisor import Supervisor
from tests.kept import archive, landed

ROOT = Path(__file__).resolve().parents[2]
# Rows that come and go in the life of a portal, or are derived from others and written anew.
PASSING = {
    "accounts_storedsession",
    "django_session",
    "django_content_type",
    "auth_permission",
    "jobs_job",
    "jobs_jobitem",
    "cases_allowedmove",
    "cases_dutypair",
    "entitlements_matchstate",
    "workforce_knownfacts",
    "workforce_refresh",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kept.make")
    parser.add_argument(
        "--replace", action="store_true", help="over the folder of this release that is there"
    )
    parser.add_argument("--digests", action="store_true", help="only note the migrations that landed")
    given = parser.parse_args()
    if given.digests:
        return note_migrations()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    path = archive.FOLDERS / f"{version}.tar.xz"
    if path.exists() and not given.replace:
        print(f"{path} is there already; a new release has a new version in pyproject.toml", file=sys.stderr)
        return 1
    make_folder(path)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def note_migrations() -> int:
    """1 when one that landed is not what it was: then nothing is written."""
    # Values of no consequence: nothing is connected to, migrations are only read.
    address = "postgres://nobody@127.0.0.1/none"
    os.environ |= {
        "JHT_SECRET_KEY": os.urandom(40).hex(),
        "JHT_DATA_KEYS": "1:" + os.urandom(16).hex(),
        "JHT_INDEX_KEY": os.urandom(32).hex(),
        "JHT_AUDIT_KEY": os.urandom(32).hex(),
        "DATABASE_URL": address,
        "DATABASE_OWNER_URL": address,
        "REDIS_URL": "redis://127.0.0.1",
    }
    set_up_django()
    problems = landed.note()
    print("\n".join(problems) or f"{len(landed.noted())} migrations noted", file=sys.stderr)
    return 1 if problems else 0


def set_up_django() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    django.setup()


def make_folder(path: Path) -> None:
    supervisor = Supervisor(quiet_end=True)
    with scratch.servers(supervisor, durable=False) as (folders, env):
        preparation = Preparation(supervisor, folders, env)
        preparation.database()
        preparation.demo()
        os.environ |= env
        set_up_django()
        finish_work()
        archive.pack(folders, Postgres(folders), look(), path)


def finish_work() -> None:
    """Every letter has its file and every job is done, as in a portal that ran for a while."""
    from portal.jobs.models import Job
    from portal.jobs.runner import run_job
    from portal.letters import building
    from portal.letters.models import FileState, LetterFile

    for job_id in Job.objects.unfinished().values_list("pk", flat=True):
        run_job(job_id)
    waiting = LetterFile.objects.exclude(state=FileState.BUILT).values_list("letter_id", flat=True)
    outcome = building.build(list(waiting))
    if outcome.failed or Job.objects.unfinished().exists():
        raise StartFailed("a letter could not be built, or a job did not end; see above")


def look() -> dict[str, Any]:
    """What a later release must find in the folder. Everybody in it is synthetic."""
    from django.utils import timezone

    from portal.audit.chain import verify
    from portal.letters.models import LetterFile
    from portal.policy.models import Determination
    from portal.workforce.models import Worker
    from talent_registry.models import SelectionRound

    chain = verify()
    worker = Worker.objects.order_by("pk").first()
    assert worker is not None
    rounds = SelectionRound.objects.exclude(standing_list=None).select_related("standing_list")
    files = LetterFile.objects.select_related("letter").order_by("pk")
    return {
        "made_on": timezone.localdate().isoformat(),
        "audit": {"links": chain.links, "head": chain.head},
        "determinations": Determination.objects.count(),
        "worker": {"id": worker.pk, "number": worker.id_number},
        "lists": {str(round_.year): round_.standing_list.digest for round_ in rounds},
        "letters": [{"code": one.letter.code, "path": one.path, "sha256": one.sha256} for one in files],
        "rows": count_rows(),
    }


def count_rows() -> dict[str, int]:
    """How many rows each table has, but for those whose rows come and go."""
    from django.db import connection

    counts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in PASSING:
                continue
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            counts[table] = cursor.fetchone()[0]
    return counts


if __name__ == "__main__":
    sys.exit(main())
