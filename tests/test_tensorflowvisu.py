"""tensorflowvisu, the door: what a lesson prints, and that it shows nothing where it should not."""

import os
import re
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import toy
from conftest import LESSONS, for_toys
from processes import run, start

import tensorflowvisu
from dashboard import options

SOFTMAX, DECAY = LESSONS[0], LESSONS[2]
GOOD = {"X": np.zeros([5, 28, 28, 1]), "Y_": np.eye(10)[:5], "Y": np.eye(10)[:5], "loss": 1}


@pytest.fixture(scope="module")
def decay(digits_folder):
    """Runs a lesson whose learning rate decays: 45 iterations."""
    return lambda: run(DECAY, "--text", "--iterations", 45, "--data", digits_folder)


@pytest.fixture(scope="module")
def decay_once(decay):
    return decay()


def test_the_text_of_a_lesson(decay_once):
    """What is printed when, in which form."""
    assert (decay_once.returncode, decay_once.stderr) == (0, "")
    check_text(decay_once.stdout.splitlines(), every=20)


@pytest.mark.slow
def test_the_same_seed_the_same_numbers(decay, decay_once):
    """In two processes; test_lessons.py has other seeds, and other lessons."""
    assert decay().stdout == decay_once.stdout


def test_without_a_display_text_is_all_there_is(digits_folder):
    there_is_none = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "MPLBACKEND": None}
    done = run(SOFTMAX, "--iterations", 45, "--data", digits_folder, **there_is_none)
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1 and "MPLBACKEND=webagg" in done.stderr
    check_text(done.stdout.splitlines(), every=10)


def check_text(lines, every):
    train = re.compile(r"(\d+): accuracy:[01]\.\d{4} loss: \d+\.\d+ \(lr:0\.00\d{4}\)")
    test = re.compile(r"(\d+): \*{9} epoch (\d) \*{9} test accuracy:[01]\.\d{4} test loss: \d+\.\d+")
    trained = [int(match[1]) for line in lines if (match := train.fullmatch(line))]
    tested = [(int(match[1]), int(match[2])) for line in lines if (match := test.fullmatch(line))]
    assert trained == list(range(0, 45, every))
    assert tested == [(i, i // 20 + 1) for i in [*trained, 45]]  # 2,000 digits: an epoch is 20 batches
    assert len(lines) == len(trained) + len(tested) + 3
    assert lines[-3].startswith("digits: ")
    assert re.fullmatch(r"final test accuracy: [01]\.\d{4}", lines[-2])
    assert re.fullmatch(r"max test accuracy: [01]\.\d{4}", lines[-1])


def test_a_wrong_folder_is_one_line_and_status_2(tmp_path):
    folder = tmp_path / "nothing here"
    done = run(SOFTMAX, "--text", "--data", folder, MNIST_DATA=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and str(folder) in done.stderr


def test_text_imports_no_matplotlib(toy):
    process = toy("import sys\nlesson(20, 0, text=True); assert 'matplotlib' not in sys.modules")
    assert process.wait(20) == 0
    assert re.search(r"final test accuracy: 0.3000\nmax test accuracy: 0.3000\n$", process.text())


def test_the_last_lines_are_the_final_and_the_best(capsys):
    mnist = SimpleNamespace(source="made up", train=None)
    datavis = tensorflowvisu.MnistDataVis(options.parse(options.parser(), ["--text"]), mnist)
    answers = iter((GOOD["Y_"], 1 - GOOD["Y_"]))
    datavis.animate(lambda i, *_: datavis.update_test_data(i, **{**GOOD, "Y": next(answers)}), 10, 20, 20)
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "digits: made up", "final test accuracy: 0.0000", "max test accuracy: 1.0000",
    ]  # fmt: skip


def test_a_wrong_shape_is_refused_before_anything_is_printed(capsys):
    datavis = tensorflowvisu.MnistDataVis()
    variables = {"weights": [np.zeros(3)], "biases": [np.zeros(3)]}
    for update, more in (datavis.update_test_data, {}), (datavis.update_train_data, variables):
        with pytest.raises(ValueError, match="^X: .* needed"):
            update(0, **{**GOOD, "X": np.zeros([5, 783])}, **more)
    assert capsys.readouterr().out == ""


def test_a_learning_rate_is_printed_where_there_is_one(capsys):
    datavis = tensorflowvisu.MnistDataVis()
    datavis.update_train_data(7, **GOOD, weights=[], biases=[], learning_rate=0.003)
    datavis.update_train_data(8, **GOOD, weights=[], biases=[])
    assert capsys.readouterr().out == (
        "7: accuracy:1.0000 loss: 1.0000 (lr:0.003000)\n8: accuracy:1.0000 loss: 1.0000\n"
    )


def test_updates_become_moments_in_the_order_in_which_they_came(tmp_path):
    shown = toy.lesson(60, 0, save_image=tmp_path / "a.png").run
    assert [moment.iteration for moment in shown.moments] == [10, 20, 30, 40, 50, 60, 60]
    assert shown.train.x.tolist() == [0, 10, 20, 30, 40, 50]
    assert shown.test.x.tolist() == [0, 10, 20, 30, 40, 50, 60]


# ---------------------------------------------------------------------- what is asked for, however a run ends

KEPT = """
import startup
startup.start_program()
from pathlib import Path
from dashboard import networks
from toy import *
networks.save = lambda predict, folder, shape: Path(folder).mkdir()
lesson(100_000, {seconds}, predict=len, save_network="network", save_curves=Path("curves.csv"), {how})
"""


def fault(start):
    return start(None, subprocess.DEVNULL)


def closed_terminal(start):
    terminal, end = os.openpty()
    run = start(0.01, end)
    os.close(end)
    os.read(terminal, 1)
    os.close(terminal)
    run.send_signal(signal.SIGHUP)
    return run


def reader_that_leaves(start):
    run = start(0.001, subprocess.PIPE)
    for _ in range(3):
        run.stdout.readline()
    run.stdout.close()
    return run


def full_device(start):
    with open("/dev/full", "w") as full:
        return start(0.001, full)


def second_signal(start):
    """Within a step of a minute."""
    run = start(6, subprocess.PIPE)
    run.stdout.readline()
    run.stdout.readline()
    for _ in range(2):
        run.send_signal(signal.SIGTERM)
        time.sleep(1)
    return run


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and a terminal")
@pytest.mark.parametrize("how", ["text=True", "save_image=Path('a.png')"])
def test_network_and_curves_are_kept_however_a_run_ends(how, tmp_path):
    runs = {}
    for ending in fault, closed_terminal, reader_that_leaves, full_device, second_signal:
        folder = tmp_path / ending.__name__
        folder.mkdir()

        def start_toy(seconds, stdout, folder=folder):
            code = KEPT.format(seconds=seconds, how=how)
            return start("-uc", code, cwd=folder, stdout=stdout, **for_toys())

        runs[folder] = ending(start_toy)
    for folder, process in runs.items():
        process.wait(60)
        assert {"network", "curves.csv"} <= {path.name for path in folder.iterdir()}, process.stderr.read()
        assert (folder / "curves.csv").read_text().count("\n") >= 2
