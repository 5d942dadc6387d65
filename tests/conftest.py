"""What several tests need: few digits in files, the real MNIST, toy lessons, a screen, a browser."""

import functools
import gzip
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import processes
import pytest
from processes import ROOT
from screens import screen

import mnistdata
import syntheticdigits

LESSONS = sorted(ROOT.glob("mnist_[0-9]*.py"))
REAL_CACHE_FOLDER = mnistdata.cache_folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """A test with a browser is slow, and one with a whole job of the trainer."""
    for item in items:
        if {"browser", "whole_job"} & {*item.fixturenames}:
            item.add_marker("slow")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """No test reads or writes the caches of whoever runs it."""
    monkeypatch.delenv("MNIST_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(mnistdata, "cache_folder", lambda: tmp_path / "cache")


@pytest.fixture
def real_cache_folder():
    return REAL_CACHE_FOLDER


# ---------------------------------------------------------------------------------------------------- digits


@pytest.fixture(scope="session")
def digits():
    """[training images, training labels, test images, test labels] of a few writers."""
    return [*syntheticdigits.draw(range(20)), *syntheticdigits.draw(range(20, 30))]


@pytest.fixture(scope="session")
def digits_folder(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    for name, array in zip(mnistdata.FILES, digits, strict=True):
        (folder / f"{name}.gz").write_bytes(gzip.compress(idx(array), 1))
    return folder


def idx(array):
    """The bytes of an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def find_mnist():
    for folder in os.environ.get("MNIST_DATA"), ROOT.parent / "shared" / "mnist":
        if folder and (Path(folder) / "t10k-images-idx3-ubyte.gz").exists():
            return Path(folder)


@pytest.fixture(scope="session")
def mnist_folder():
    return find_mnist() or pytest.skip("the real MNIST is not at hand; MNIST_DATA may name its folder")


# ----------------------------------------------------------------------------------------------- toy lessons


class Starter:
    """Starts Python code after `from toy import *`, each time in a process of its own; `end` ends them."""

    def __init__(self, folder):
        self.folder, self.started = folder, []

    def __call__(self, code, **environment):
        words = self.folder / f"words{len(self.started)}"
        with words.open("w") as output:
            process = processes.start(
                "-u", "-c", f"from toy import *\n{code}", cwd=self.folder, stdout=output,
                stderr=subprocess.STDOUT, **{**for_toys(), **environment},
            )  # fmt: skip
        process.text = words.read_text
        self.started.append(process)
        return process

    def end(self):
        for process in self.started:
            process.kill()
            process.wait()


def for_toys():
    """The environment in which toy lessons are found."""
    return {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}


@pytest.fixture
def toy(tmp_path):
    """Starts toy lessons: their code, and changes of the environment."""
    starter = Starter(tmp_path)
    yield starter
    starter.end()


@pytest.fixture(scope="module")
def lasting_toy(tmp_path_factory):
    """The same for several tests."""
    starter = Starter(tmp_path_factory.mktemp("toy"))
    yield starter
    starter.end()


# --------------------------------------------------------------------------------------- a screen, a browser


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")


@pytest.fixture(scope="session")
def need_a_screen():
    need("Xvfb", "xdotool")
    pytest.importorskip("tkinter", reason="this Python has no tkinter")


@functools.cache
def missing_library():
    """The library of the system without which Qt opens no window; empty if none is missing."""
    asked = "from dashboard.screens import stage; print(stage.missing_library() or '')"
    return processes.run("-c", asked, DISPLAY=":0", QT_QPA_PLATFORM=None).stdout.strip()


def need_toolkit(backend):
    """Skip the test unless this MPLBACKEND can open a window, on a screen."""
    module = {"tkagg": "tkinter", "qtagg": "PySide6"}[backend]
    pytest.importorskip(module, reason=f"{module} is not installed")
    if backend == "qtagg" and missing_library():
        pytest.skip(f"Qt opens no window here: {missing_library()} is missing")


@pytest.fixture(scope="session")
def display(need_a_screen):
    with screen() as display:
        yield display


@pytest.fixture(scope="session")
def browser():
    """Chromium, without a screen."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    pytest.importorskip("tornado", reason="tornado is not installed")
    need("chromium", "chromedriver")
    socket = f"{tempfile.gettempdir()}/org.chromium.Chromium.XXXXXX/SingletonSocket"
    if len(os.fsencode(socket)) > 107:
        pytest.skip("Chromium does not start: TMPDIR is too long for the name of its socket")
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    yield started
    started.quit()
