"""A screen that nobody sees, for the tests and the benchmark of the dashboard."""

import contextlib
import os
import subprocess


@contextlib.contextmanager
def screen(size="1600x1000", dots_per_inch=96):
    """The name of its display."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-noreset", "-screen", "0", f"{size}x24"]
    command += ["-dpi", str(dots_per_inch)]
    process = subprocess.Popen(command, pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)  # so that reading ends if Xvfb does
    try:
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb does not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()
