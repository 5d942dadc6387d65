"""outputs, unattended: runs that nobody watches, as a picture, as a movie."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import toy
from conftest import for_toys, need
from PIL import Image
from processes import finish, start, wait_for
from screens import panels_in

from dashboard import networks
from dashboard.panels import charts, pixels, style
from dashboard.run import diagnosis
from dashboard.run.text import Earlier
from dashboard.screens import outputs


@pytest.fixture(autouse=True)
def without_a_display(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)


def status_of(**options):
    """Of a short run in this process."""
    with pytest.raises(SystemExit) as end:
        toy.lesson(100, 0, **options)
    return end.value.code


@pytest.mark.parametrize("suffix", outputs.PICTURES)
def test_the_final_picture_is_saved(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    toy.lesson(60, 0, save_image=path)
    if suffix == ".png":
        picture = np.asarray(Image.open(path).convert("RGB"))
        assert picture.shape == (756, 1344, 3) and panels_in(picture) == "cwbd"
    assert path.read_bytes().startswith({".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[suffix])
    assert list(tmp_path.iterdir()) == [path], "nothing else is left"


def test_a_movie_has_a_frame_for_each_update(tmp_path):
    need("ffmpeg", "ffprobe")
    movies = {"save_movie": tmp_path / "a.mp4", "save_image": tmp_path / "a.png"}
    toy.lesson(100, 0, **movies)
    entries = ["-show_entries", "stream=nb_frames,width,height,codec_name", "-of", "csv=p=0"]
    command = ["ffprobe", "-v", "error", *entries, tmp_path / "a.mp4"]
    probe = subprocess.run(command, capture_output=True, text=True)
    assert probe.stdout.strip() == "h264,1344,756,12"  # at 0, 10, ... 100, and "finished"
    assert (tmp_path / "a.png").exists(), "both may be asked for"


def test_an_animated_gif_has_them_too(tmp_path):
    toy.lesson(100, 0, save_movie=tmp_path / "a.gif", view="w")
    movie = Image.open(tmp_path / "a.gif")
    assert movie.n_frames == 12
    movie.seek(11)
    colors = np.asarray(movie.convert("RGB")).reshape(-1, 3).astype(int)
    assert np.abs(colors - pixels.rgb(style.TEST)).sum(axis=1).min() < 20, "few are red, and stay red"


def test_a_frame_tells_when_its_values_were_measured(tmp_path, monkeypatch):
    """Not the iteration that has been reached when it is drawn. It has the diagnosis too, as a window has."""
    told = []
    monkeypatch.setattr(diagnosis, "told", lambda run, dead_layers: "ill")
    monkeypatch.setattr(outputs.Gif, "add", lambda gif: told.append(words_above(gif.canvas.figure)))
    monkeypatch.setattr(outputs.Gif, "close", lambda gif: None)
    toy.lesson(40, 0, save_movie=tmp_path / "a.gif")
    for words, i in zip(told, (0, 10, 20, 30, 40, 40), strict=True):
        assert f"iteration {i} of 40" in words
    finished = [any("finished" in part for part in words) for words in told]
    assert finished == [*[False] * 5, True], "there are no keys in a file"
    assert any(" · ill" in part for part in told[2]) and any(" · finished, ill" in part for part in told[5])


def words_above(figure):
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize("ending, reason", [
    ("exit 1", ""), ("cat >/dev/null; exit 1", ""),
    ("cat >/dev/null; echo No space left >&2", " No space left"),
])  # fmt: skip
def test_a_movie_that_ffmpeg_cannot_write(tmp_path, monkeypatch, capsys, ending, reason):
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.write_text(f"#!/bin/sh\n{ending}\n")
    ffmpeg.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    path = tmp_path / "a.mp4"
    assert status_of(save_movie=path) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].startswith("max test accuracy")
    assert err == f"{path} is not written: ffmpeg failed.{reason}\n"


@pytest.mark.parametrize("name, option, save", [
    ("a.png", "save_image", "matplotlib.figure.Figure.savefig"),
    ("a.gif", "save_movie", "PIL.Image.Image.save"),
])  # fmt: skip
def test_what_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch, capsys, name, option, save):
    def write_a_part(picture, path, **options):
        Path(path).write_text("a part of it")
        raise OSError(28, "No space left on device")

    path = tmp_path / name
    path.write_text("the one before")
    monkeypatch.setattr(save, write_a_part)
    assert status_of(**{option: path}) == 1
    assert path.read_text() == "the one before" and list(tmp_path.iterdir()) == [path]
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].startswith("max test accuracy")
    assert err.startswith(f"{path} is not written: ") and err.count("\n") == 1


def test_a_fault_in_training_is_no_result(tmp_path, capsys):
    for options in {"text": True}, {"save_image": tmp_path / "a.png"}:
        with pytest.raises(TypeError):
            toy.lesson(100, None, **options)
        assert "max test accuracy" not in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("movie", ["a.gif", "a.mp4"])
def test_a_signal_ends_a_movie_but_does_not_spoil_it(toy, tmp_path, number, movie):
    if movie == "a.mp4":
        need("ffmpeg")
    run = toy(f"from pathlib import Path\nlesson(100_000, save_movie=Path('{movie}'))")
    wait_for(lambda: "\n30: " in run.text(), "some frames")
    run.send_signal(number)
    assert run.wait(30) == 128 + number
    assert re.search(r"final test accuracy: 0\.\d{4}\nmax test accuracy: 0\.\d{4}\n$", run.text())
    assert (tmp_path / movie).stat().st_size > 10_000
    if movie == "a.mp4" and shutil.which("ffprobe"):
        probe = subprocess.run(["ffprobe", "-v", "error", tmp_path / movie], capture_output=True)
        assert (probe.returncode, probe.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_full_disk_leaves_the_one_before(toy, tmp_path):
    """Here, a limit for the size of a file, which holds for ffmpeg too."""
    names = ["a.png", "a.svg", "a.pdf", "a.gif", *(["a.mp4"] if shutil.which("ffmpeg") else [])]
    for name in names:
        (tmp_path / name).write_text("the one before")
    run = toy(f"""
import resource
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
for path in map(Path, {names}):
    try:
        lesson(30, 0, **{{"save_movie" if path.suffix in (".gif", ".mp4") else "save_image": path}})
    except SystemExit as end:
        assert end.code == 1
""")
    assert run.wait(60) == 0, run.text()
    assert run.text().count("max test accuracy: 0.3600\n") == len(names)
    for name in names:
        assert run.text().count(f"{name} is not written: ") == 1
        assert (tmp_path / name).read_text() == "the one before"
    assert "Traceback" not in run.text()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "words0"])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals to send")
def test_ctrl_c_in_a_terminal_reaches_all_its_programs_and_the_movie_is_whole(toy, tmp_path):
    need("ffmpeg", "ffprobe")
    run = toy("import os\nos.setsid()\nfrom pathlib import Path\nlesson(10**6, 0, save_movie=Path('a.mp4'))")
    wait_for(lambda: "\n100: " in run.text(), "some frames")
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(30) == 130 and "Traceback" not in run.text(), run.text()
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames"]
    probe = subprocess.run([*command, "-of", "csv=p=0", tmp_path / "a.mp4"], capture_output=True, text=True)
    assert probe.stderr == "" and int(probe.stdout) >= 10


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_run_that_cannot_tell_its_results_still_writes_its_picture(tmp_path):
    code = """
import startup
startup.start_program()
from pathlib import Path
from toy import *
lesson(60, 0, save_image=Path("a.png"))
"""
    with open("/dev/full", "w") as full:
        run = start("-c", code, cwd=tmp_path, stdout=full, **for_toys())
        done = finish(run, 30)
    assert (done.returncode, done.stderr) == (1, "The output cannot be written: No space left on device.\n")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_an_error_in_drawing_costs_a_picture_never_the_results(tmp_path, monkeypatch, capsys):
    def fail(panel, run, look):
        raise ZeroDivisionError("in a panel")

    saved = []
    monkeypatch.setattr(networks, "save", lambda predict, folder, shape: saved.append(folder))
    monkeypatch.setattr(charts.Loss, "update", fail)
    assert status_of(save_image=tmp_path / "a.png", predict=len, save_network="folder") == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "max test accuracy: 0.5000" and saved == ["folder"]
    assert err == "Error in the dashboard, which continues: ZeroDivisionError: in a panel\n"
    picture = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    assert panels_in(picture) == "cwbd", "the other panels"


def test_absurd_numbers_of_an_earlier_run_cost_no_picture(tmp_path, capsys, recwarn):
    numbers = np.array([[0, 0.1, 1e308], [10, 0.5, -1e308], [20, 0.6, 1e308]])
    toy.lesson(60, 0, save_image=tmp_path / "a.png", compare=[Earlier("absurd", numbers, numbers)])
    assert capsys.readouterr().err == "" and not recwarn.list
    assert panels_in(np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))) == "cwbd"
