"""The door of what is for the staff alone, as the pages have it: who lacks the permission everywhere is told so (403)."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from portal.accounts.access import require


class ForStaff(APIView):
    """What is shown starts with visible_to(user); whether the user may do what is asked is for the action to say."""

    permission: ClassVar[str]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(request.user, self.permission)
