"""Where somebody is signed in, and tokens with which programs ask in somebody's name."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from portal.accounts.models.accounts import User


class StoredSession(AbstractBaseSession):
    """A session of a browser, under the digest of its key: who reads the table cannot use what it says."""

    session_key = models.CharField("会话摘要", max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    since = models.DateTimeField("登录时间", null=True)
    last_used = models.DateTimeField("最近使用", default=timezone.now)
    address = models.CharField("地址", max_length=45, blank=True, default="")
    browser = models.CharField("浏览器", max_length=40, blank=True, default="")

    class Meta(AbstractBaseSession.Meta):
        verbose_name = verbose_name_plural = "登录"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from portal.accounts.session_store import SessionStore

        return SessionStore


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def live(self) -> AccessTokenQuerySet:
        """Neither ended nor past their time."""
        return self.filter(ended_at__isnull=True, expires_at__gt=timezone.now())


class AccessToken(models.Model):
    """A token of the API: issued on a page to whoever is signed in there, kept as its digest."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField("用途", max_length=40)
    digest = models.BinaryField(unique=True)
    # Of the session in which it was issued, which takes it along when it ends.
    session = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField("领取时间", default=timezone.now)
    expires_at = models.DateTimeField("有效期至")
    last_used_at = models.DateTimeField("最近使用", null=True)
    ended_at = models.DateTimeField("停用时间", null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = verbose_name_plural = "接口令牌"
        indexes = [models.Index(fields=["user", "expires_at"]), models.Index(fields=["session"])]

    def __str__(self) -> str:
        return f"{self.name} {self.user}"
