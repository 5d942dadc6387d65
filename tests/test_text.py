"""text: a run's numbers as CSV, read again, and what is refused."""

import re

import pytest
from processes import wait_for

from dashboard.run import text
from dashboard.run.run import Run


def made(points=3):
    run = Run()
    for k in range(points):
        run.train.add(20 * k, 0.5 + k / 10, 100 - k, 0.003)
        run.test.add(100 * k, 0.4 + k / 10, 90 - k)
    return run


def test_what_was_saved_is_read_again(tmp_path):
    text.write_curves(made(), tmp_path / "a name.csv")
    name, training, test = text.read_curves(tmp_path / "a name.csv")
    assert name == "a name"
    assert training.tolist() == [[0, 0.5, 100], [20, 0.6, 99], [40, 0.7, 98]]
    assert test.tolist() == [[0, 0.4, 90], [100, 0.5, 89], [200, 0.6, 88]]


def test_the_columns(tmp_path):
    text.write_curves(made(), tmp_path / "a.csv")
    first, second, *_, last = (tmp_path / "a.csv").read_text().splitlines()
    assert first == "iteration,training accuracy,training loss,test accuracy,test loss,learning rate"
    assert second == "0,0.5,100,0.4,90,0.003" and last == "200,,,0.6,88,"


HEADER = ",".join(text.COLUMNS).encode()


@pytest.mark.parametrize("content", [
    b"", b"\x00\xff", b"a,b\n1,2\n", b"iteration\n1\n", HEADER, HEADER + b"\n1,2\n",
    HEADER + b"\n2,,,,,\n1,,,,,\n", HEADER + b"\nx,,,,,\n", b"\"" * 200_000,
])  # fmt: skip
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "other.csv").write_bytes(content)
    with pytest.raises(ValueError, match="not a file that --save-curves has made"):
        text.read_curves(tmp_path / "other.csv")


def test_a_run_that_is_ended_early_keeps_its_curves(toy, tmp_path):
    run = toy("from pathlib import Path\nlesson(1_000_000, text=True, save_curves=Path('a.csv'))")
    wait_for(lambda: re.search(r"^100: ", run.text(), re.MULTILINE), "iteration 100")
    run.terminate()
    assert run.wait(10) == 143
    _, training, test = text.read_curves(tmp_path / "a.csv")
    assert len(training) > 5 and len(test) > 1
