"""The options of the lessons, right and wrong use, and the text that they print."""

import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest
from conftest import LESSONS, ROOT, run

import tensorflowvisu

SOFTMAX = ROOT / "mnist_1.0_softmax.py"
DECAY = ROOT / "mnist_2.1_five_layers_relu_lrdecay.py"


def test_help_lists_every_option_with_its_default():
    for lesson in LESSONS:
        done = run(lesson, "--help")
        iterations = 2000 if lesson == SOFTMAX else 10000
        assert done.returncode == 0 and done.stderr == ""
        for option in (
            "--text",
            "--iterations",
            "--seed",
            "--data",
            "--view",
            "--save-image",
            "--save-movie",
            "--save-network",
        ):
            assert option in done.stdout
        assert f"default: {iterations}" in done.stdout and "default: 0" in done.stdout
        assert (
            "mnist_" in done.stdout and "Final test accuracy" in done.stdout
        )  # the lesson's own introduction


@pytest.mark.parametrize(
    "arguments, part",
    [
        (["--frobnicate"], "--frobnicate"),
        (["--iterations", "0"], "whole number from 1"),
        (["--iterations", "-5"], "--iterations"),
        (["--iterations", "many"], "whole number from 1"),
        (["--iterations", "1.5"], "whole number from 1"),
        (["--iterations", "99999999999999999999"], "whole number from 1"),
        (["--iterations", "²"], "whole number from 1"),
        (["--iterations"], "--iterations"),
        (["--seed", "-1"], "--seed"),
        (["--seed", "x"], "whole number from 0"),
        (["--iter", "5"], "--iter"),  # no abbreviations: they change when options are added
        (["folder"], "folder"),
        (["--text", "--data"], "--data"),
        (["--save-image", "picture.bmp"], ".png"),
        (["--save-image", "no/such/folder/picture.png"], "cannot be written"),
        (["--save-movie", "movie.avi"], ".mp4"),
        (["--view", "x"], "--view"),
        (["--save-network", "tests"], "exists"),
        (["--text", "--save-image", "picture.png"], "--text"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(arguments, part):
    done = run(SOFTMAX, *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and part in done.stderr and "--help" in done.stderr


@pytest.mark.parametrize("where", ["option", "environment"])
def test_a_wrong_folder_is_one_line_and_status_2(where, tmp_path):
    folder = tmp_path / "nothing here"
    if where == "option":
        done = run(SOFTMAX, "--text", "--data", folder, MNIST_DATA=ROOT)
    else:
        done = run(SOFTMAX, "--text", MNIST_DATA=folder)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and str(folder) in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_it_is_text_and_one_line_says_so(digits_folder):
    done = run(SOFTMAX, "--iterations", 1, "--data", digits_folder, DISPLAY=None, WAYLAND_DISPLAY=None)
    assert done.returncode == 0 and done.stdout.splitlines()[-1].startswith("max test accuracy: ")
    assert len(done.stderr.splitlines()) == 1 and "MPLBACKEND=webagg" in done.stderr


@pytest.mark.parametrize("lesson", [SOFTMAX, DECAY])
def test_the_text(lesson, digits_folder):
    """45 iterations: what is printed when, in which form."""
    done = run(lesson, "--text", "--iterations", 45, "--data", digits_folder)
    assert (done.returncode, done.stderr) == (0, "")
    rate = r" \(lr:0\.00\d{4}\)" if lesson == DECAY else ""
    train = re.compile(r"(\d+): accuracy:[01]\.\d{4} loss: \d+\.\d+" + rate)
    test = re.compile(r"(\d+): \*{9} epoch (\d) \*{9} test accuracy:[01]\.\d{4} test loss: \d+\.\d+")
    lines = done.stdout.splitlines()
    trained = [int(match[1]) for line in lines if (match := train.fullmatch(line))]
    tested = [(int(match[1]), int(match[2])) for line in lines if (match := test.fullmatch(line))]
    every = 20 if lesson == DECAY else 10
    assert trained == list(range(0, 45, every))
    assert tested == [(i, i // 20 + 1) for i in [*trained, 45]]  # 2,000 digits: an epoch is 20 batches
    assert len(lines) == len(trained) + len(tested) + 3
    assert re.fullmatch(r"final test accuracy: [01]\.\d{4}", lines[-2])
    assert re.fullmatch(r"max test accuracy: [01]\.\d{4}", lines[-1])


def test_the_same_seed_the_same_numbers(digits_folder):
    lesson = LESSONS[-1]  # convolutions and dropout
    once, again, other = (
        run(lesson, "--text", "--iterations", 25, "--seed", seed, "--data", digits_folder).stdout
        for seed in (7, 7, 8)
    )
    assert once == again != other


def test_text_works_anywhere_and_never_imports_matplotlib(digits_folder, tmp_path):
    """From another folder, without a display, without a home, where matplotlib does not even exist."""
    (tmp_path / "matplotlib.py").write_text("raise SystemExit('matplotlib was imported')")
    done = subprocess.run(
        [sys.executable, SOFTMAX, "--text", "--iterations", "1", "--data", digits_folder],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")},
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "final test accuracy" in done.stdout


def test_a_path_with_spaces_and_accents(digits_folder, tmp_path):
    home = tmp_path / "mes réseaux à moi"
    home.mkdir()
    for name in (SOFTMAX.name, "mnistdata.py", "tensorflowvisu.py", "handwriting.py"):
        (home / name).write_bytes((ROOT / name).read_bytes())
    done = run(home / SOFTMAX.name, "--text", "--iterations", 1, "--data", digits_folder)
    assert (done.returncode, done.stderr) == (0, "")


def hear_ctrl_c():
    """Whoever runs the tests in the background hands a deaf ear for it down to them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_cleanly(digits_folder):
    process = subprocess.Popen(
        [sys.executable, SOFTMAX, "--text", "--iterations", "2000000", "--data", digits_folder],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c,
    )  # fmt: skip
    while not process.stdout.readline().startswith("20:"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and err.strip() == ""
    assert re.search(r"\nfinal test accuracy: 0\.\d{4}\nmax test accuracy: 0\.\d{4}\n$", out)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_before_the_training_leaves_no_traceback(tmp_path):
    """While TensorFlow starts; here, one that takes very long to."""
    (tmp_path / "tensorflow.py").write_text("import time\nprint('starting', flush=True)\ntime.sleep(60)")
    process = subprocess.Popen(
        [sys.executable, SOFTMAX, "--text"], env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c,
    )  # fmt: skip
    assert process.stdout.readline() == "starting\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode in (130, -signal.SIGINT) and (out, err) == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell's pipe")
def test_a_reader_that_leaves_is_no_traceback(digits_folder):
    command = f"'{sys.executable}' '{SOFTMAX}' --text --iterations 3000 --data '{digits_folder}' | head -n 3"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=100)
    assert len(done.stdout.splitlines()) == 3 and done.stderr == ""


def test_output_that_knows_few_letters(digits_folder, tmp_path):
    """A folder's name, and the help, where print knows ASCII only."""
    folder = tmp_path / "数字"
    folder.mkdir()
    for path in digits_folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    done = run(SOFTMAX, "--text", "--iterations", 1, "--data", folder, PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and done.stdout.splitlines()[-1].startswith("max test accuracy")
    assert run(SOFTMAX, "--help", PYTHONIOENCODING="ascii").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_without_a_standard_error(digits_folder):
    command = f"'{sys.executable}' '{SOFTMAX}' --text --iterations 1 --data '{digits_folder}' 2>&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0 and "max test accuracy" in done.stdout


@pytest.mark.parametrize(
    "module, part", [("tensorflow", "TensorFlow is missing"), ("numpy", "NumPy is missing")]
)
def test_a_missing_library_is_one_line(module, part):
    code = f"""
import importlib.util, runpy, sys
sys.modules[{module!r}] = None
there = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == {module!r} else there(name, *more)
sys.path.insert(0, {str(ROOT)!r})
sys.argv = ["lesson", "--text"]
runpy.run_path({str(SOFTMAX)!r})
"""
    done = run("-c", code)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and part in done.stderr and "pip install -r" in done.stderr


def test_a_tensorflow_that_does_not_start_is_one_line(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('DLL load failed.\\nReally.')")
    done = run(SOFTMAX, "--text", PYTHONPATH=tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "DLL load failed. Really." in done.stderr


def test_an_old_tensorflow_is_one_line(tmp_path):
    (tmp_path / "tensorflow.py").write_text("__version__ = '2.15.1'")
    done = run(SOFTMAX, "--text", PYTHONPATH=tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "2.15.1 is too old, 2.16" in done.stderr


# ---------------------------------------------------------------------------------------- without a process


@pytest.mark.parametrize("iterations, train, test", [(2000, 10, 50), (45, 20, 100), (7, 3, 5), (1, 10, 50)])
def test_the_schedule(iterations, train, test):
    calls = list(tensorflowvisu.schedule(iterations, train, test))
    position = 0
    for i, n, update_test, update_train in calls[:-1]:
        assert i == position and n > 0
        assert update_train == (i % train == 0)
        assert update_test == (i % test == 0 or (i < test and i % train == 0))
        position += n
    assert calls[-1] == (iterations, 0, True, False) and position == iterations
    shown = {i for i, _, _, update in calls if update}
    assert shown == set(range(0, iterations, train))


def test_accuracy():
    Y_ = np.eye(10)[[3, 1, 4, 1]]
    Y = np.full((4, 10), 0.05)
    Y[range(4), [3, 1, 4, 5]] = 0.55
    assert tensorflowvisu.accuracy(Y, Y_) == 0.75


def test_importing_does_nothing():
    code = """
import os, sys
import numpy
before = numpy.random.get_state()[1].tobytes(), list(sys.path), dict(os.environ), sys.excepthook
import tensorflowvisu
assert before == (numpy.random.get_state()[1].tobytes(), list(sys.path), dict(os.environ), sys.excepthook)
print([name for name in ("tensorflow", "matplotlib", "mnistdata") if name in sys.modules])
"""
    done = run("-c", code)
    assert (done.stdout, done.stderr) == ("[]\n", "")
