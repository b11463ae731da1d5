"""Honours on the pages: the list, many at once by a job, one beside its documents, and what was judged meanwhile."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.audit.models import Entry
from portal.jobs.models import Job
from portal.jobs.runner import run_job
from portal.workforce.models import Honour, RecordDocument
from tests.cases.conftest import picture, upload
from tests.cast import KUNDULUN, make_honour, make_worker

pytestmark = pytest.mark.django_db


def test_the_list_of_honours_and_its_filters(cast, as_user):
    first = make_honour(make_worker("王建国"), recorded_by=cast("clerk"))
    second = make_honour(
        make_worker("李秀英"),
        recorded_by=cast("reviewer"),
        year=2020,
        document="",
        type="special_allowance_regional",
    )
    make_honour(make_worker("赵外地", region=KUNDULUN), recorded_by=None)
    client, address = as_user(cast("reviewer")), reverse("window:honours")

    def shown(**query):
        return [row["honour"] for row in client.get(address, query).context["rows"]]

    assert shown() == [first, second]
    assert (
        shown(year="2020")
        == shown(gap="on")
        == shown(name="秀")
        == shown(type="special_allowance_regional")
        == [second]
    )
    assert shown(document="2025") == shown(type="national_technical_expert") == [first]
    assert shown(state="verified") == [] and shown(region="150602") == []
    rows = client.get(address).context["rows"]
    assert [row["may"] for row in rows] == [True, False]


def test_the_number_of_queries_does_not_grow_with_honours(cast, as_user, django_assert_max_num_queries):
    for n in range(25):
        make_honour(make_worker(f"工人{n}"), recorded_by=cast("clerk"))
    client = as_user(cast("reviewer"))
    with django_assert_max_num_queries(14):
        client.get(reverse("window:honours"))


def test_several_are_confirmed_then_done_by_a_job(cast, as_user, django_capture_on_commit_callbacks):
    honours = [make_honour(make_worker(f"工人{n}"), recorded_by=cast("clerk")) for n in "甲乙"]
    own = make_honour(make_worker("工人丙"), recorded_by=cast("reviewer"))
    client, address = as_user(cast("reviewer")), reverse("window:honour_verify")
    asked = client.post(address, {"what": "chosen", "chosen": [h.pk for h in [*honours, own]]})
    html = asked.content.decode()
    assert (
        "将核实 2 项荣誉，涉及 2 人" in html
        and "工人甲" in html
        and "工人丙" not in html
        and not Job.objects.exists()
    )
    done = client.post(address, {"signed": asked.context["signed"]})
    job = Job.objects.get()
    assert done["Location"] == reverse("window:job", args=[job.pk])
    run_job(job.pk)
    assert Honour.objects.verified().count() == 2
    page = client.get(done["Location"]).content.decode()
    assert "工人甲" in page and "已完成" in page


def test_all_that_the_filter_gives(cast, as_user):
    for n in range(3):
        make_honour(make_worker(f"工人{n}"), recorded_by=cast("clerk"), year=2020 + n)
    make_honour(make_worker("工人九"), recorded_by=cast("clerk"), year=2021)
    client, address = as_user(cast("reviewer")), reverse("window:honour_verify")
    asked = client.post(address, {"what": "all", "filters": "year=2021"})
    assert asked.context["count"] == 2
    # One alone stands beside its documents.
    one = Honour.objects.get(year=2022)
    asked = client.post(address, {"what": "all", "filters": "year=2022"})
    assert asked["Location"] == reverse("window:honour_confirm", args=[one.pk])


def test_a_forged_choice_is_nothing(cast, as_user):
    foreign = make_honour(make_worker(region=KUNDULUN), recorded_by=None)
    client, address = as_user(cast("reviewer")), reverse("window:honour_verify")
    for sent in ({"signed": "forged"}, {"chosen": [foreign.pk]}, {"chosen": ["1 OR 1=1"]}, {}):
        assert client.post(address, sent)["Location"] == reverse("window:honours")
    foreign.refresh_from_db()
    assert foreign.state == "unverified"


def test_one_is_verified_at_once(cast, as_user):
    honour = make_honour(make_worker(), recorded_by=cast("clerk"), document="")
    client, address = as_user(cast("reviewer")), reverse("window:honour_verify")
    one = reverse("window:honour_confirm", args=[honour.pk])
    assert client.get(address, {"chosen": honour.pk})["Location"] == one
    refused = client.post(one, {"seen": ""})
    assert "没有文号" in refused.content.decode() and "seen" in refused.context["form"].errors
    assert client.post(one, {"seen": "查验证书原件"})["Location"] == reverse("window:honours")
    honour.refresh_from_db()
    assert (honour.state, honour.verdict) == ("verified", "查验证书原件")


def test_an_honour_stands_beside_its_picture(cast, as_user):
    """Given a certificate handed in, when the honour is judged, then fact and picture are on one screen."""
    honour = make_honour(make_worker(), recorded_by=cast("clerk"), document="")
    sent = {"label": "荣誉证书", "file": upload(picture("JPEG"), "荣誉.jpg")}
    as_user(cast("clerk")).post(reverse("window:record_documents", args=["honour", honour.pk]), sent)
    document = RecordDocument.objects.get()
    reviewer = as_user(cast("reviewer"))
    for what in ("confirm", "refute"):
        page = reviewer.get(reverse(f"window:honour_{what}", args=[honour.pk])).content.decode()
        picture_of_it = f'<img src="{reverse("window:record_document", args=[document.pk])}"'
        assert str(honour.type) in page and honour.worker.name in page
        # on a phone nobody comes to the verdict before the picture
        assert page.index(picture_of_it) < page.index('class="form__actions"')
    one = reverse("window:honour_confirm", args=[honour.pk])
    assert "请选择已核对的上传材料" in reviewer.post(one, {"seen": ""}).content.decode()
    assert reviewer.post(one, {"documents": [document.pk]}).status_code == 302
    honour.refresh_from_db()
    assert (honour.state, honour.verdict) == ("verified", "上传的材料：荣誉证书")
    assert Entry.objects.get(action="honour.verify").detail["documents"] == [document.digest]


def test_an_honour_with_a_number_needs_no_more(cast, as_user):
    honour = make_honour(make_worker(), recorded_by=cast("clerk"), document="内政发〔2025〕1号")
    done = as_user(cast("reviewer")).post(reverse("window:honour_confirm", args=[honour.pk]), {"seen": ""})
    assert done["Location"] == reverse("window:honours")


@pytest.mark.parametrize(("verdict", "said"), [("confirm", "已核实"), ("refute", "核实不符")])
def test_what_another_judged_sends_back_to_the_list(cast, as_user, verdict, said):
    honour = make_honour(make_worker(), recorded_by=cast("clerk"), document="内政发〔2025〕1号")
    address = reverse(f"window:honour_{verdict}", args=[honour.pk])
    given = {"seen": "证书原件", "reason": "文件名单中没有此人"}
    assert as_user(cast("reviewer")).post(address, given).status_code == 302
    another = as_user(cast("second_reviewer"))
    for again in (another.get(address, follow=True), another.post(address, given, follow=True)):
        assert again.redirect_chain[-1][0] == reverse("window:honours")
        assert f"结果为“{said}”" in again.content.decode()


def test_one_is_refuted_with_a_reason(cast, as_user):
    honour = make_honour(make_worker(), recorded_by=cast("clerk"))
    address = reverse("window:honour_refute", args=[honour.pk])
    assert "reason" in as_user(cast("reviewer")).post(address, {"reason": ""}).context["form"].errors
    as_user(cast("reviewer")).post(address, {"reason": "文件名单中没有此人"})
    honour.refresh_from_db()
    assert (honour.state, honour.verdict) == ("refuted", "文件名单中没有此人")
