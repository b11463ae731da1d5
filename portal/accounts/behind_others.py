"""A program of its own: computes keys of passwords at a lower priority, a line of JSON for each, until nobody asks.

A thread would not do: it shares a lock with the threads of the web server, and they would wait for it whenever it had
to wait for the processor.
"""

import hashlib
import json
import os
import signal
import sys

# How much lower than whoever started it: it gets a tenth of what they get, and all that they leave.
LOWER = 10


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(LOWER)
    for line in sys.stdin:
        password, salt, iterations, digest = json.loads(line)
        key = hashlib.pbkdf2_hmac(digest, password.encode(), salt.encode(), iterations)
        sys.stdout.write(f"{key.hex()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
