"""What several tests need: a few digits in real files, the real MNIST, a cache folder of their own."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mnistdata
import syntheticdigits

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(ROOT.glob("mnist_[0-9]*.py"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """No test reads or writes the caches of whoever runs it."""
    monkeypatch.delenv("MNIST_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(mnistdata, "cache_folder", lambda: tmp_path / "cache")


REAL_CACHE_FOLDER = mnistdata.cache_folder


@pytest.fixture
def real_cache_folder():
    return REAL_CACHE_FOLDER


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


@pytest.fixture(scope="session")
def mnist_or_built_in(tmp_path_factory):
    """An environment with the real MNIST, where it is at hand, else with the built-in digits."""
    folder = find_mnist()
    return {"MNIST_DATA": folder or "synthetic", "XDG_CACHE_HOME": tmp_path_factory.mktemp("cache")}


def run(*command, **environment):
    """A command in a process of its own, run by this Python; a setting of None leaves a variable out."""
    settings = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": None, **environment}
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env={name: str(value) for name, value in settings.items() if value is not None},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
