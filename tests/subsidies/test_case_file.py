"""A finished claim as one PDF/A and one zip: everything of it is in there, for who may see everything, with digests."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from typing import Any

import pikepdf
import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.cases.evidence import files
from portal.entitlements.wording import determination_conditions
from portal.file_inspection import sm3
from portal.jobs.runner import run_job
from portal.letters import building, case_archives, case_files
from portal.letters.models import Letter
from subsidies import claiming, handling
from subsidies.models import Claim
from tests.cases.conftest import picture, upload
from tests.subsidies.conftest import MONDAY

pytestmark = pytest.mark.django_db
LABEL = "技能证书/原件:正面"


@pytest.fixture
def approved(cast: Any, welding: Any) -> Claim:
    """Handed in at the window with a picture, taken in, reviewed and approved; its letters are built."""
    clerk = cast("clerk")
    claim = claiming.draft(welding.pk, "subsidies.skill-upgrade", channel="window", by=clerk, on=MONDAY)
    files.attach(claim.pk, upload(picture(), "证书.png"), label=LABEL, by=clerk, on=MONDAY)
    claiming.hand_in(claim.pk, by=clerk, on=MONDAY)
    claiming.accept(claim.pk, by=clerk, on=MONDAY)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY, note="与证书原件一致。🙂")
    done = handling.approve(claim.pk, by=cast("approver"), on=MONDAY)
    building.build(list(Letter.objects.values_list("pk", flat=True)))
    return done


def laid_out(case: Any, by: Any) -> bytes:
    run_job(case_files.lay_out(case, by=by).pk)
    pdf = case_files.kept_pdf(case)
    assert pdf is not None
    return pdf


def text_of(html: str) -> str:
    return " ".join(html.split())


def test_the_pdf_tells_all_of_it(approved: Claim, cast: Any) -> None:
    """Given an approved claim, when its file is laid out, then it is PDF/A and says who asked, what was determined with
    clauses and what was observed, the evidence with digests, what happened, the decision and the letters.
    """
    said = text_of(case_files.drawable(case_files.html_of(approved.case)))
    evidence, letter = approved.case.evidence.get(), Letter.objects.latest("pk")
    for words in (
        "王建国",
        approved.worker.masked_id_number,
        "技能提升补贴",
        "焊工中级工（S000015000001）",
        "失业保险累计缴费达到规定月数",
        determination_conditions(approved.decision)[0]["clause"],
        "审批时的认定",
        approved.decision.digest,
        "1,500元",
        evidence.digest,
        "与证书原件一致。〓",
        "巴特尔（盟市审核员）",
        "孙立新",
        letter.number_text,
        letter.file.sha256,
    ):
        assert words in said, words
    assert approved.worker.id_number not in said and "🙂" not in said
    with pikepdf.open(io.BytesIO(laid_out(approved.case, cast("reviewer")))) as pdf:
        assert b"<pdfaid:part>2</pdfaid:part>" in pdf.Root.Metadata.read_bytes()
        assert approved.case.number in str(pdf.docinfo["/Title"])


def test_the_zip_holds_the_files_and_a_manifest_of_their_digests(
    approved: Claim, cast: Any, as_user: Any
) -> None:
    """Given the file was laid out, when a reviewer fetches the zip, then Python opens it, every file has the digests that
    the manifest says, evidence is as it was handed in, and the audit has the digest of the whole.
    """
    pdf = laid_out(approved.case, cast("reviewer"))
    answer = as_user(cast("reviewer")).get(reverse("window:case_file_zip", args=[approved.case.number]))
    content = b"".join(answer.streaming_content)
    assert answer["Content-Length"] == str(len(content))
    digest = hashlib.sha256(content).digest()
    assert answer["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        held = {name: archive.read(name) for name in names if name != "manifest.json"}
    assert (manifest["case"], manifest["state"], manifest["left_out"]) == (approved.case.number, "已批准", [])
    assert {one["name"] for one in manifest["files"]} == held.keys()
    for one in manifest["files"]:
        assert one["sha256"] == hashlib.sha256(held[one["name"]]).hexdigest()
        assert one["sm3"] == sm3(held[one["name"]]) and one["size"] == len(held[one["name"]])
    assert held["案卷.pdf"] == pdf
    [evidence] = [name for name in names if name.startswith("佐证材料/")]
    assert evidence == "佐证材料/01-技能证书_原件_正面-证书.png" and held[evidence] == picture()
    assert sum(name.startswith("信函/") for name in names) == Letter.objects.count() == 2
    noted = Entry.objects.about_worker(approved.worker_id).filter(action="case.file").latest("pk")
    assert (noted.detail["form"], noted.detail["sha256"]) == ("zip", digest.hex())


def test_written_twice_it_is_the_same_and_one_file_at_a_time(
    approved: Claim, cast: Any, monkeypatch: Any
) -> None:
    """No piece that is sent is larger than what is written at once, whatever the size of a file."""
    monkeypatch.setattr(case_archives, "_PIECE", 512)
    archive = case_archives.CaseArchive(
        approved.case, laid_out(approved.case, cast("reviewer")), cast("reviewer")
    )
    pieces = list(archive.pieces())
    assert b"".join(pieces) == b"".join(archive.pieces())
    assert archive.measured().size == sum(map(len, pieces))
    # The directory at the end is written at once.
    assert max(map(len, pieces[:-1])) < 2048 < len(b"".join(pieces))


def test_what_cannot_be_given_out_is_said_in_the_manifest(approved: Claim, cast: Any) -> None:
    """Given the evidence was changed on the disk and a letter has no file, when the zip is written, then both are left out
    and it says why.
    """
    pdf = laid_out(approved.case, cast("reviewer"))
    evidence = approved.case.evidence.get()
    files.path_of(evidence.stored_as).write_bytes(b"changed")
    letter = Letter.objects.latest("pk")
    from portal import sealed_files

    sealed_files.path_of(letter.file.path).unlink()
    archive = case_archives.CaseArchive(approved.case, pdf, cast("reviewer"))
    with zipfile.ZipFile(io.BytesIO(b"".join(archive.pieces()))) as held:
        manifest = json.loads(held.read("manifest.json"))
    problems = {one["what"]: one["problem"] for one in manifest["left_out"]}
    assert "摘要不符" in problems[LABEL] and "尚未生成" in problems[letter.title]
    assert len(manifest["files"]) == 2


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("reviewer", 200),
        ("regional_reviewer", 200),
        ("auditor", 200),
        ("clerk", 403),
        ("approver", 403),
        ("baotou_reviewer", 404),
    ],
)
def test_who_may_see_everything_has_it(
    approved: Claim, cast: Any, as_user: Any, who: str, status: int
) -> None:
    client, number = as_user(cast(who)), approved.case.number
    assert client.get(reverse("window:case_file", args=[number])).status_code == status
    page = client.get(reverse("subsidies:claim", args=[number]))
    if page.status_code == 200:
        assert ("取出案卷" in page.content.decode()) is (status == 200)
    if status != 200:
        for name in ("case_file_pdf", "case_file_zip", "case_file_progress"):
            assert client.get(reverse(f"window:{name}", args=[number])).status_code == status
        assert client.post(reverse("window:case_file", args=[number])).status_code == status
        assert client.get(f"/api/cases/{number}/file/").status_code == status


def test_an_open_case_has_none(cast: Any, as_user: Any, handed_in: Any, welding: Any) -> None:
    case = handed_in(welding).case
    reviewer = as_user(cast("reviewer"))
    assert reviewer.get(reverse("window:case_file", args=[case.number])).status_code == 404
    assert "取出案卷" not in reviewer.get(reverse("subsidies:claim", args=[case.number])).content.decode()


def test_from_the_page_to_the_files(approved: Claim, cast: Any, as_user: Any, monkeypatch: Any) -> None:
    from portal.jobs import runner

    monkeypatch.setattr(runner.run_job, "delay", lambda job: None)
    reviewer, here = as_user(cast("reviewer")), reverse("window:case_file", args=[approved.case.number])
    assert "生成案卷" in reviewer.get(here).content.decode()
    pdf, archive = (
        reverse(f"window:case_file_{kind}", args=[approved.case.number]) for kind in ("pdf", "zip")
    )
    assert reviewer.get(pdf)["Location"] == reviewer.get(archive)["Location"] == here
    assert reviewer.post(here)["Location"] == reviewer.post(here)["Location"] == here
    job = case_files.job_of(approved.case, cast("reviewer"))
    assert job is not None and "progress" in reviewer.get(here).content.decode()
    assert reviewer.get(f"{here}progress/").status_code == 200
    run_job(job.pk)
    assert reviewer.get(f"{here}progress/")["HX-Refresh"] == "true"
    page = reviewer.get(here).content.decode()
    assert pdf in page and archive in page and job.items.count() == 0
    assert reviewer.get(pdf)["Content-Type"] == "application/pdf"
    assert Entry.objects.filter(action="case.file", detail__form="pdf").exists()


def test_over_the_api(approved: Claim, cast: Any, as_user: Any) -> None:
    reviewer, address = as_user(cast("reviewer")), f"/api/cases/{approved.case.number}/file/"
    first = reviewer.get(address)
    assert first.status_code == 409 and "尚未生成" in first.json()["errors"][0]["problem"]
    run_job(reviewer.post(address).json()["id"])
    answer = reviewer.get(address)
    assert zipfile.is_zipfile(io.BytesIO(b"".join(answer.streaming_content)))


def test_what_has_changed_is_laid_out_anew_and_old_files_go(
    approved: Claim, cast: Any, monkeypatch: Any
) -> None:
    import os
    import time

    laid_out(approved.case, cast("reviewer"))
    Claim.objects.filter(pk=approved.pk).update(prefilled=True)
    assert case_files.kept_pdf(approved.case) is None
    long_ago = time.time() - case_files.KEPT_FOR.total_seconds() - 60
    for path in case_files._kept():
        os.utime(path, (long_ago, long_ago))
    assert case_files.clear_old() >= 1 and case_files._kept() == []


def test_whose_role_has_ended_gets_nothing_laid_out(approved: Claim, cast: Any) -> None:
    from portal.accounts.actions import end_role

    reviewer = cast("reviewer")
    job = case_files.lay_out(approved.case, by=reviewer)
    for held in reviewer.assignments.all():
        end_role(held.pk, by=None)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and "不再有权" in job.message and case_files.kept_pdf(approved.case) is None
