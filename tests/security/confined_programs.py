"""What the tests of confined processes let them do: tell what they may, or come to grief."""

from __future__ import annotations

import os
import resource
from typing import Any


def main(talk: Any) -> None:
    asked = (talk.receive() or b"").decode()
    if asked == "memory":
        bytearray(1 << 40)
    elif asked == "abort":
        os.abort()
    elif asked == "crash":
        os._exit(3)
    elif asked == "environment":
        talk.send_json(
            {
                "environment": list(os.environ),
                "process": os.getpid(),
                "may_write": resource.getrlimit(resource.RLIMIT_FSIZE)[0],
                "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
                "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
            }
        )
        talk.receive()
    while True:
        pass
