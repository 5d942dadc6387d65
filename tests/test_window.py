"""window, stage: a window that suits the screen, or where there is none, why."""

import re

import pytest
from conftest import need_toolkit
from screens import Window, screen

from dashboard.screens import stage


@pytest.mark.parametrize("dots_per_inch", [96, 144])
def test_a_window_is_no_larger_than_the_screen(toy, need_a_screen, dots_per_inch):
    with screen("1280x720", dots_per_inch) as display:
        toy("lesson(30)", DISPLAY=display, MPLBACKEND="tkagg")
        width, height = Window(display, "iteration").size()
        assert width <= 1280 and height <= 720


@pytest.mark.parametrize("backend", [None, "tkagg", "nbagg", "module://matplotlib_inline.backend_inline"])
def test_without_a_display_there_is_text_and_a_hint(toy, backend):
    run = toy("lesson(20, 0)", DISPLAY=None, WAYLAND_DISPLAY=None, MPLBACKEND=backend)
    assert run.wait(20) == 0
    (hint,) = [line for line in run.text().splitlines() if "MPLBACKEND=webagg" in line]
    assert "text only" in hint and run.text().endswith("max test accuracy: 0.3000\n")


@pytest.mark.parametrize("before, advice, environment", [
    ("import sys; sys.modules['matplotlib'] = None", "matplotlib is missing", {}),
    ("import matplotlib; matplotlib.__version_info__ = (3, 7, 5)", "3.8 is needed", {}),
    ("import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: n != 'tornado' and f(n, *a)",
     "pip install tornado", {"MPLBACKEND": "webagg"}),
    ("", "MPLBACKEND=webag:", {"MPLBACKEND": "webag"}),
])  # fmt: skip
def test_what_is_missing_is_said_before_training(toy, before, advice, environment):
    run = toy(f"{before}\nlesson(20)", **environment)
    assert run.wait(20) == 2
    assert advice in run.text() and run.text().count("\n") == 1


def test_which_backends_are_a_notebooks():
    notebooks = (
        "module://matplotlib_inline.backend_inline",
        "nbagg",
        "notebook",
        "widget",
        "module://ipympl.backend_nbagg",
    )
    assert all(map(stage.is_for_notebooks, notebooks))
    assert not any(map(stage.is_for_notebooks, ("agg", "tkagg", "qtagg", "webagg", "macosx")))


def test_qt_without_one_of_its_libraries_is_a_sentence_and_text(toy):
    """It would end the program: before a window is opened, the library is looked for."""
    pytest.importorskip("PySide6", reason="PySide6 is not installed")
    missing = """
import ctypes
load = ctypes.CDLL
def load_most(name, *more, **options):
    if "libqxcb" in str(name):
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")
    return load(name, *more, **options)
ctypes.CDLL = load_most
lesson(20, 0)
"""
    run = toy(missing, DISPLAY=":0", MPLBACKEND="qtagg", QT_QPA_PLATFORM=None)
    assert run.wait(20) == 0, run.text()
    (hint,) = [line for line in run.text().splitlines() if "libxcb-cursor.so.0" in line]
    assert "text only" in hint and "INSTALL.txt" in hint
    assert run.text().endswith("max test accuracy: 0.3000\n")


@pytest.mark.parametrize("backend", ["tkagg", "qtagg"])
def test_a_display_that_is_lost_costs_no_results(toy, need_a_screen, backend):
    need_toolkit(backend)
    network = "from dashboard import networks; networks.save = lambda predict, folder, shape: None"
    with screen() as display:
        run = toy(
            f"{network}\nlesson(1_000_000, predict=len, save_network='folder')",
            DISPLAY=display, MPLBACKEND=backend,
        )  # fmt: skip
        Window(display, "iteration")
    assert run.wait(20) == 1
    assert run.text().count("The connection to the display is lost.") == 1 and "Traceback" not in run.text()
    end = r"The network is in folder\.\nfinal test accuracy: 0\.\d{4}\nmax test accuracy: 0\.\d{4}\n"
    assert re.search(end, run.text())
