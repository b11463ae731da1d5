"""A browser in words, from what it says of itself: enough to tell one's own sessions apart."""

from __future__ import annotations

from django.http import HttpRequest

# The first that is found: others are built upon these and say so too.
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("QQBrowser", "QQ浏览器"),
    ("UCBrowser", "UC浏览器"),
    ("360SE", "360浏览器"),
    ("QIHU", "360浏览器"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("OPR", "Opera"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("UOS", "统信"),
    ("Kylin", "麒麟"),
    ("Linux", "Linux"),
)


def in_words(request: HttpRequest) -> str:
    """For example “Windows 上的 Edge”."""
    said = request.headers.get("User-Agent", "")[:400]
    browser = next((words for mark, words in _BROWSERS if mark in said), "其他程序")
    system = next((words for mark, words in _SYSTEMS if mark in said), "")
    return f"{system}上的{browser}" if system else browser
