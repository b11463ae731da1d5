"""Files in the clear that lie on no disk: in memory, without a name; and folders for programs that want names."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

_FOR_GOOD = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own in it, with names that cannot be guessed
# With less room there, files of a program that wants names lie in the temporary folder as long as it runs.
_ROOM = 1 << 30


def new() -> BufferedRandom:
    """An empty file."""
    return os.fdopen(os.memfd_create("portal", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b")


def of(content: bytes) -> BufferedRandom:
    """A file that holds this, and stays as it is."""
    file = new()
    file.write(content)
    return closed_to_writing(file)


def closed_to_writing(file: BufferedRandom) -> BufferedRandom:
    """The file, at its beginning; from now on it stays as it is."""
    file.flush()
    fcntl.fcntl(file.fileno(), fcntl.F_ADD_SEALS, _FOR_GOOD)
    file.seek(0)
    return file


def path_of(file: IO[bytes]) -> Path:
    """Under which a process opens it that has it: this one, and one that it was handed to."""
    return Path(f"/proc/self/fd/{file.fileno()}")


@contextmanager
def scratch() -> Iterator[str]:
    """A folder that is gone afterwards."""
    roomy = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
    roomy = roomy and shutil.disk_usage(_IN_MEMORY).free > _ROOM
    with tempfile.TemporaryDirectory(prefix="jht-", dir=_IN_MEMORY if roomy else None) as folder:
        yield folder


class InMemory(TemporaryFileUploadHandler):
    """Takes uploads that are too large for Django's own memory handler, which stands before it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        # Not that of the class above, which makes a file on the disk.
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        size = self.content_length or 0
        self.file: Any = UploadedFile(new(), self.file_name, self.content_type, size, self.charset)

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
