"""One program at a time in a folder of this machine."""

import os
from pathlib import Path


class Taken(Exception):
    """Another program has the folder."""


class FolderLock:
    """Held from when it is made; the system releases it when this process ends, even by kill -9."""

    def __init__(self, folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        self.file = open(Path(folder, "lock"), "a")  # noqa: SIM115, open as long as the lock is held
        try:
            lock_file(self.file)
        except (BlockingIOError, PermissionError):
            self.file.close()
            raise Taken from None

    def renew(self):
        """Only a bucket's lock needs it."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


def lock_file(file):
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
