"""The offices that issue letters: the regional department and the bureau of each league and city.

Their names follow from the division of the region. The marks in their document numbers are each office's own
data, so the shipped ones are samples: until an office confirms its mark (`./jht manage set_issuer`) its
letters say that they are samples.
"""

from __future__ import annotations

from portal.letters.models import Issuer
from portal.regions.models import Region

# Sample marks: an abbreviation of the office and 匠 for this field of work.
_MARKS = {
    "150000": "内人社匠",
    "150100": "呼人社匠",
    "150200": "包人社匠",
    "150300": "乌人社匠",
    "150400": "赤人社匠",
    "150500": "通人社匠",
    "150600": "鄂人社匠",
    "150700": "呼伦人社匠",
    "150800": "巴人社匠",
    "150900": "乌察人社匠",
    "152200": "兴人社匠",
    "152500": "锡人社匠",
    "152900": "阿人社匠",
}


def load_issuers() -> None:
    """Adds the issuers that are missing; what an office has changed is left as it is."""
    names = dict(Region.objects.filter(code__in=_MARKS).values_list("code", "name"))
    Issuer.objects.bulk_create(
        [
            Issuer(
                code=code,
                region_id=code,
                mark=mark,
                is_sample=True,
                name=f"{names[code]}人力资源和社会保障{'厅' if code == '150000' else '局'}",
            )
            for code, mark in _MARKS.items()
            if code in names
        ],
        ignore_conflicts=True,
    )
