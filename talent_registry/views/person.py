"""A worker as the pages of the registry show them: each fact with where it comes from, the ID number masked."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from portal.pages.case_page import Fact
from portal.workforce.models import Employment, SkillCredential, Worker
from portal.workforce.occupations import NOT_LISTED, unlisted
from portal.workforce.sources import sources_of


class PersonFacts:
    """The facts of one worker; what is not asked for is not read. `for_office` marks what an officer should look
    into.
    """

    def __init__(self, worker: Worker, *, for_office: bool = False) -> None:
        self.worker = worker
        self.for_office = for_office

    @cached_property
    def _sources(self) -> dict[str, Any]:
        return {name: found["source"] for name, found in sources_of(self.worker).items()}

    @cached_property
    def _employment(self) -> Employment | None:
        return self.worker.employments.filter(ended_on__isnull=True).first()

    @property
    def name(self) -> Fact:
        return Fact("姓名", self.worker.name, self.worker.source)

    @property
    def id_number(self) -> Fact:
        return Fact("证件号码", self.worker.masked_id_number, self.worker.source)

    @property
    def work_region(self) -> Fact:
        return Fact("工作地", self.worker.work_region.full_name, self._sources.get("work_region"))

    @property
    def employer(self) -> Fact:
        employer = self.worker.employer
        return Fact("用人单位", employer and employer.name, self._sources.get("employment"))

    @property
    def occupation(self) -> Fact:
        source = self._sources.get("certificate_occupation") or self._sources.get("employment")
        name = self.worker.occupation
        mark = NOT_LISTED if self.for_office and unlisted([name]) else ""
        return Fact("职业（工种）", name, source, mark)

    @property
    def skill_level(self) -> Fact:
        level = self.worker.get_skill_level_display() if self.worker.skill_level else ""
        return Fact("技能等级", level, self._sources.get("skill_level"))

    @property
    def certificates(self) -> Fact:
        described = "；".join(_describe(certificate) for certificate in self.worker.credentials.all())
        return Fact("技能证书", described, self._sources.get("certificate_level"))

    @property
    def front_line(self) -> Fact:
        on_front_line = self._employment.on_front_line if self._employment else None
        words = {True: "是", False: "否", None: ""}
        return Fact("一线岗位", words[on_front_line], self._sources.get("on_front_line"))

    @property
    def front_line_years(self) -> Fact:
        years = self._employment.front_line_years if self._employment else None
        words = "" if years is None else f"{years.normalize():f}年"
        return Fact("一线年限", words, self._sources.get("front_line_years"))


def _describe(certificate: SkillCredential) -> str:
    number = certificate.number and f"证书编号{certificate.number}"
    parts = [str(certificate), number, certificate.get_verified_how_display()]
    return "，".join(filter(None, parts))
