"""Commands of this Python in processes of their own, and waiting for what they do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def start(*command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **environment):
    """A running process; a setting of None leaves a variable out of its environment."""
    settings = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": None, **environment}
    # these would be inherited: in the background, or with nohup
    ignored = [number for number in STOPS if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, *map(str, command)],
            cwd=cwd,
            env={name: str(value) for name, value in settings.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            text=True,
        )
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def finish(process, seconds=300):
    """What it has printed, and its exit status, when it has ended by itself; else it is killed."""
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
        process.wait()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run(*command, **settings):
    return finish(start(*command, **settings))


def wait_for(condition, what, seconds=60):
    """The first answer of `condition` that is true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.01)
    return answer
