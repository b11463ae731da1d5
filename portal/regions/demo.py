"""Sample service windows, marked as samples on every page that shows them."""

from __future__ import annotations

from portal.demo import Demo
from portal.regions.models import ServiceWindow

# The rest of the windows stay empty and are shown as 待公布: that is what an office sees on its first day.
SAMPLES = ("150000", "150600", "150624", "150602", "150200", "150203", "150100", "150102")


def load(demo: Demo) -> None:
    for window in ServiceWindow.objects.filter(region_id__in=SAMPLES).select_related("region"):
        window.name = f"{window.region.name}高技能领军人才服务窗口"
        window.address = f"{window.region.name}政务服务中心二楼（示例地址）"
        window.hours = "工作日 9:00—12:00，14:30—17:30（示例）"
        window.phone = "0470-0000000（示例）"
        window.materials = "居民身份证原件；技能等级证书；荣誉证书或表彰文件（示例）"
        window.handling_time = "以窗口告知为准（示例）"
        window.is_sample = True
        window.save()
