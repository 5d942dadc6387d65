"""One program at a time in a folder of this machine."""

import os
import socket
from pathlib import Path


class Taken(Exception):
    """Another program has the folder: as text, which one."""


def this_process():
    """As it is named in a lock."""
    return f"{socket.gethostname()}, process {os.getpid()}"


class FolderLock:
    """Held from when it is made; the system releases it when this process ends, even by kill -9."""

    def __init__(self, folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        path = Path(folder, "lock")
        self.file = open(path, "a")  # noqa: SIM115, open as long as the lock is held
        try:
            lock_file(self.file)
        except (BlockingIOError, PermissionError):
            self.file.close()
            raise Taken(holder(path)) from None
        self.file.truncate(0)
        self.file.write(this_process())
        self.file.flush()

    def renew(self):
        """Only a bucket's lock needs it."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


def holder(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")[:200] or "it is just starting"
    except OSError:  # Windows lets nobody read what is locked
        return "which one cannot be read"


def lock_file(file):
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
