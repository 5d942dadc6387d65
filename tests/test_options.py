"""options: what can be asked of a lesson, and that wrong use is one line."""

import re
import sys

import pytest
from conftest import LESSONS
from processes import finish, run, start

import tensorflowvisu
from dashboard import options
from dashboard.panels.views import VIEWS
from dashboard.screens.outputs import OUTPUTS

SOFTMAX = LESSONS[0]
OPTIONS = [
    "--text",
    "--iterations",
    "--seed",
    "--data",
    "--view",
    *OUTPUTS,
    "--save-curves",
    "--compare",
    "--save-page",
    "--save-network",
]


def parsed(*arguments):
    return tensorflowvisu.command_line(arguments=arguments, tensorflow=False)


def said(capsys, *arguments):
    """The one line that these arguments end with."""
    with pytest.raises(SystemExit) as end:
        parsed(*arguments)
    out, err = capsys.readouterr()
    assert end.value.code == 2 and out == ""
    (line,) = err.splitlines()
    assert line.endswith("--help lists the options.")
    return line


def test_help_lists_every_option_with_its_default_and_every_view():
    started = [start(lesson, "--help") for lesson in LESSONS]
    for lesson, done in zip(LESSONS, map(finish, started)):
        assert done.returncode == 0 and done.stderr == ""
        listed = re.findall(r"^  (?:-h, )?(--[\w-]+)", done.stdout, re.MULTILINE)
        assert listed == ["--help", *OPTIONS]
        iterations = 2000 if lesson == SOFTMAX else 10000
        assert f"default: {iterations}" in done.stdout and "default: 0" in done.stdout
        words = " ".join(done.stdout.split())
        for view in VIEWS:
            assert f"{view.keys[0]}: {view.meaning}" in words
        assert "mnist_" in done.stdout
        assert "Final test accuracy" in done.stdout, "the lesson's own introduction"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder in which a program works")
@pytest.mark.parametrize("option, name", [("--save-curves", "x.csv"), ("--save-network", "x")])
def test_a_working_directory_that_is_gone_is_one_line(option, name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    assert "No such file or directory" in said(capsys, option, name)


@pytest.mark.parametrize("arguments, part", [
    (["--frobnicate"], "--frobnicate"),
    (["--iterations", "0"], "whole number from 1"),
    (["--iterations", "-5"], "--iterations"),
    (["--iterations", "many"], "whole number from 1"),
    (["--iterations", "1.5"], "whole number from 1"),
    (["--iterations", "99999999999999999999"], "whole number from 1"),
    (["--iterations", "9" * 5000], "whole number from 1"),
    (["--iterations", "²"], "whole number from 1"),
    (["--iterations"], "--iterations"),
    (["--seed", "-1"], "--seed"),
    (["--seed", "x"], "whole number from 0"),
    (["--iter", "5"], "--iter"),  # no abbreviations: they change when options are added
    (["folder"], "folder"),
    (["--text", "--data"], "--data"),
    (["--save-image", "picture.bmp"], "does not end in .png or .svg or .pdf"),
    (["--save-movie", "movie.avi"], "does not end in .mp4 or .gif"),
    (["--save-image", "no/such/folder/picture.png"], "there is no folder"),
    (["--save-movie", "no/such/folder/movie.gif"], "there is no folder"),
    (["--save-network", "no/such/folder"], "there is no folder"),
    (["--save-image", "n" * 300 + ".png"], "cannot be written: File name too long"),
    (["--save-network", "n" * 300], "File name too long"),
    (["--view", "x"], "--view"),
    (["--view", "escape"], "--view"),
    (["--save-network", "."], "exists"),
    (["--text", "--save-image", "picture.png"], "leave out --save-image, or --text"),
    (["--text", "--save-movie", "movie.gif"], "leave out --save-movie, or --text"),
    (["--text", "--view", "m"], "leave out --view, or --text"),
])  # fmt: skip
def test_wrong_use_is_one_line_and_status_2(arguments, part, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert part in said(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_so_it_is_in_a_lesson():
    done = run(SOFTMAX, "--frobnicate")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_folder_is_no_file_to_write_to(capsys, tmp_path):
    (tmp_path / "a.png").mkdir()
    assert "it is a folder" in said(capsys, "--save-image", str(tmp_path / "a.png"))


def test_an_mp4_needs_ffmpeg(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert "ffmpeg is needed" in said(capsys, "--save-movie", str(tmp_path / "run.mp4"))
    assert parsed("--save-movie", str(tmp_path / "run.gif")).save_movie == tmp_path / "run.gif"


@pytest.mark.parametrize("tensorflow", [True, False])
def test_a_program_that_uses_another_library_need_not_start_tensorflow(tensorflow):
    code = f"""
import sys, tensorflowvisu
tensorflowvisu.command_line(arguments=[], tensorflow={tensorflow})
print('tensorflow' in sys.modules, 'matplotlib' in sys.modules)
"""
    done = run("-c", code)
    assert (done.stdout, done.stderr) == (f"{tensorflow} False\n", "")


def test_a_program_without_options_has_the_same_defaults():
    assert vars(parsed()) == vars(options.defaults())
    assert (options.defaults().iterations, options.defaults().seed, options.defaults().view) == (1000, 0, "0")


@pytest.mark.parametrize("docstring, title", [
    ("Lesson 2.2: dropout, against overfitting.\n\nMore of it.", "Lesson 2.2: dropout, against overfitting"),
    ("Lessons of my own", "own"), (None, "own"),
])  # fmt: skip
def test_a_lesson_is_called_as_its_docstring_begins_an_own_program_as_its_file(docstring, title, monkeypatch):
    monkeypatch.setattr(options.startup, "program_name", lambda: "own")
    assert options.title_of(docstring) == title


def test_every_view_can_be_the_first():
    assert [parsed("--view", view.keys[0]).view for view in VIEWS] == [view.keys[0] for view in VIEWS]


@pytest.mark.parametrize("program", ["ipykernel_launcher.py", "colab_kernel_launcher.py"])
def test_a_notebooks_own_arguments_are_not_the_lessons(program, monkeypatch):
    monkeypatch.setattr("sys.argv", [f"/somewhere/{program}", "-f", "connection.json"])
    assert tensorflowvisu.command_line(tensorflow=False).iterations == 1000


def test_a_saved_network_needs_predict(capsys):
    wanted = options.defaults()
    wanted.save_network = "folder"
    with pytest.raises(SystemExit, match="2"):
        tensorflowvisu.MnistDataVis(wanted)
    assert capsys.readouterr().err == "--save-network needs MnistDataVis(predict=...).\n"
