"""Where a run goes that nobody watches in a window: a picture, a movie, a notebook's cell."""

import contextlib
import io
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

import startup
from dashboard.panels.painter import Painter

FRAMES_PER_SECOND = 25  # of an MP4
GIF_FRAME, GIF_END = 200, 2000  # milliseconds for each frame of a GIF, and for its last
NOTEBOOK_PICTURES_PER_SECOND = 4
NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows' name for a session of its own


class Image:
    """The dashboard at the end."""

    moves = False  # it needs no frames on the way

    def __init__(self, path: Path, board: Painter):
        self.path, self.figure = path, board.figure

    def add(self) -> None:
        """A frame."""

    def close(self) -> None:
        with startup.atomic_write(self.path) as unfinished:
            self.figure.savefig(unfinished)


class Mp4:
    """A movie, through ffmpeg."""

    moves = True

    def __init__(self, path: Path, board: Painter):
        self.path, self.canvas = path, board.canvas
        self.messages = tempfile.TemporaryFile()  # noqa: SIM115, open as long as ffmpeg runs
        width, height = self.canvas.get_width_height()
        self.ffmpeg = subprocess.Popen(
            ["ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgba",
             "-s", f"{width}x{height}", "-r", str(FRAMES_PER_SECOND), "-i", "-",
             "-pix_fmt", "yuv420p", "-movflags", "faststart", str(startup.temporary_path(path).absolute())],
            stdin=subprocess.PIPE, stderr=self.messages,
            start_new_session=True, creationflags=NEW_GROUP,  # because it has to finish after a Ctrl-C
        )  # fmt: skip

    def add(self) -> None:
        with contextlib.suppress(OSError):  # it has ended; close() reports why
            self.ffmpeg.stdin.write(self.canvas.buffer_rgba())

    def close(self) -> None:
        with startup.atomic_write(self.path):
            with contextlib.suppress(OSError):
                self.ffmpeg.stdin.close()
            status = self.ffmpeg.wait()
            self.messages.seek(0)
            said = self.messages.read().decode(errors="replace").strip()
            if status or "No space" in said:  # on a full disk, its status is 0
                raise OSError(f"ffmpeg failed. {said.splitlines()[-1] if said else ''}".strip())


class Gif:
    """A movie, through pillow."""

    moves = True

    def __init__(self, path: Path, board: Painter):
        self.path, self.canvas, self.pictures = path, board.canvas, []

    def add(self) -> None:
        from PIL import Image as Pillow

        picture = Pillow.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB").reduce(2)
        self.pictures.append(picture.quantize(256, Pillow.Quantize.MAXCOVERAGE))  # few red pixels stay red

    def close(self) -> None:
        first, *rest = self.pictures
        times = [GIF_FRAME] * len(rest) + [GIF_END]
        with startup.atomic_write(self.path) as unfinished:
            first.save(unfinished, save_all=True, append_images=rest, duration=times, loop=0)


class NotebookCell:
    """A picture in a notebook's cell, replaced a few times a second."""

    path = "the notebook's picture"
    moves = True

    def __init__(self, path: Path, board: Painter):
        from IPython.display import display

        self.canvas, self.shown = board.canvas, time.perf_counter()
        self.handle = display(self.png(), display_id=True)

    def png(self):
        from IPython.display import Image as Png

        data = io.BytesIO()
        self.canvas.print_png(data)
        return Png(data.getvalue())

    def add(self) -> None:
        if time.perf_counter() - self.shown > 1 / NOTEBOOK_PICTURES_PER_SECOND:
            self.close()

    def close(self) -> None:
        """Show how it is now."""
        self.handle.update(self.png())
        self.shown = time.perf_counter()


PICTURES, MOVIES = dict.fromkeys((".png", ".svg", ".pdf"), Image), {".mp4": Mp4, ".gif": Gif}
OUTPUTS = {  # option: (help, {suffix of its file: output})
    "--save-image": ("no window; the final dashboard as a picture (PNG, SVG or PDF)", PICTURES),
    "--save-movie": ("no window; the whole run as a movie (MP4, which needs ffmpeg, or GIF)", MOVIES),
}


def destination(option):
    """Where argparse puts its value."""
    return option.removeprefix("--").replace("-", "_")


def chosen(options):
    """(class, path) of each output that the options ask for."""
    for option, (_, kinds) in OUTPUTS.items():
        if path := getattr(options, destination(option)):
            yield kinds[path.suffix.lower()], path
