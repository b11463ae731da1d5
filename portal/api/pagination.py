"""Pages by cursor: the deepest page costs what the first one costs."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from portal.api.errors import BadField


def _described(name: str, said: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "required": False, "in": "query", "description": said, "schema": schema}


class ByCursor(CursorPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-id"

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """What is taken, as the description says it: not every number and every text."""
        place = {"type": "string", "format": "cursor", "minLength": 1}
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [
            _described("cursor", "上一次返回的 next 或 previous 地址中的游标", place),
            _described("page_size", "每页条数", size),
        ]

    def get_page_size(self, request: Request) -> int:
        requested = request.query_params.get(self.page_size_query_param)
        if requested is None:
            return self.page_size
        if (
            not (requested.isascii() and requested.isdigit())
            or not 1 <= int(requested[:6]) <= self.max_page_size
        ):
            raise BadField("page_size", f"“{requested}”不是有效的每页条数。", f"1 至 {self.max_page_size}")
        return int(requested)

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
        except NotFound as unreadable:
            raise BadField("cursor", "游标无效，请使用上一次返回的 next 或 previous 地址。") from unreadable
        if cursor is not None and cursor.position is not None and not self.is_valid_position(cursor.position):
            raise BadField("cursor", "游标无效，请使用上一次返回的 next 或 previous 地址。")
        return cursor

    def is_valid_position(self, position: str) -> bool:
        """Whether the position can be one of this list's; a forged one must not reach the database."""
        return position.isascii() and position.isdigit() and len(position) < 19


class ByCode(ByCursor):
    ordering = "code"

    def is_valid_position(self, position: str) -> bool:
        return len(position) <= 60 and "\x00" not in position
