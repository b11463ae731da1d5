"""A mail server in a thread: takes what is sent, or answers as it is told to."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage
from typing import Any


class MailServer:
    """Speaks as much SMTP as is asked of it. `answers` maps a command to another answer; an answer that is empty breaks
    the connection off. What was taken is in `taken`, to whom in `recipients`.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.connections = 0
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handler(self) -> Any:
        mail_server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                mail_server.connections += 1
                mail_server._talk(self)

        return Handler

    def _talk(self, line: Any) -> None:
        def say(text: str) -> None:
            line.wfile.write(f"{text}\r\n".encode())

        say("220 test")
        while said := line.rfile.readline():
            command = said.decode().split(" ")[0].split(":")[0].strip().upper()
            answer = self.answers.get(command, "354 go on" if command == "DATA" else "250 fine")
            if not answer:
                return
            if command == "DATA" and answer.startswith("354"):
                say(answer)
                content = b"".join(iter(line.rfile.readline, b".\r\n"))
                end = self.answers.get("END", "250 taken")
                if end.startswith("250") or not end:
                    self.taken.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
                if not end:
                    return
                say(end)
                continue
            if command == "RCPT" and answer.startswith("250"):
                self.recipients.append(said.decode().partition("<")[2].partition(">")[0])
            say("221 bye" if command == "QUIT" else answer)
            if command == "QUIT":
                return
