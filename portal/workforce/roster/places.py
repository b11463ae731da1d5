"""The region a cell names: by its code, or by its name where only one place is meant."""

from __future__ import annotations

from portal.regions.models import Region
from portal.workforce.identity import narrow
from portal.workforce.roster.cells import Wrong

_WHOLE = "内蒙古自治区"
_SHORT = "内蒙古"


class PlaceNames:
    """All regions, by code and by every way of naming them: 土默特左旗, 呼和浩特市土默特左旗, with 内蒙古 in front."""

    def __init__(self) -> None:
        regions = list(Region.objects.select_related("parent"))
        self.codes = {region.code for region in regions}
        # A name that several places have stands for none of them.
        self._named: dict[str, set[str]] = {}
        for region in regions:
            for name in (region.name, region.full_name):
                self._named.setdefault(name, set()).add(region.code)

    def code_of(self, text: str) -> str:
        """Raises Wrong for what is no region, or may be one of several."""
        plain = "".join(narrow(text).split())
        if plain.isascii() and plain.isdigit():
            return self._code(plain)
        named = self._find(plain)
        if len(named) > 1:
            raise Wrong(f"名为“{plain[:20]}”的地区不止一个，请写明盟市，或填写6位区划代码")
        if not named:
            raise Wrong("不是内蒙古自治区的6位区划代码或地区名称，请按国家统计用区划填写")
        return next(iter(named))

    def _code(self, code: str) -> str:
        # Nine and twelve digits name a township or village, whose first six are its banner.
        if len(code) in {9, 12}:
            code = code[:6]
        if len(code) != 6:
            raise Wrong("不是内蒙古自治区的6位区划代码，请按国家统计用区划代码填写")
        if code not in self.codes:
            raise Wrong("没有这个区划代码，请核对")
        return code

    def _find(self, plain: str) -> set[str]:
        for front in ("", _WHOLE, _SHORT):
            if plain.startswith(front):
                name = plain.removeprefix(front).lstrip("-—/\\,，、·")
                for written in (name, "".join(part for part in name if part not in "-—/\\,，、·")):
                    if written in self._named:
                        return self._named[written]
        return set()
