"""startup: how every program begins and ends; with the first lesson, as far as it needs one."""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading

import pytest
from conftest import LESSONS, for_toys
from processes import ROOT, finish, run, start, wait_for

import startup

SOFTMAX = LESSONS[0]
unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither such signals nor such a shell")


def in_a_shell(command, **names):
    """With each {name} as one word; {python} is this one."""
    words = {name: shlex.quote(str(word)) for name, word in {"python": sys.executable, **names}.items()}
    settings = {**os.environ, **for_toys()}
    return subprocess.run(
        command.format(**words), shell=True, capture_output=True, text=True, timeout=100, env=settings
    )


# ------------------------------------------------------------------------------------------------- the end


@unix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_cleanly(toy, number):
    process = toy("lesson(2_000_000, text=True)")
    wait_for(lambda: "\n20: " in process.text(), "20 iterations")
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    assert re.search(r"\nfinal test accuracy: 0\.\d{4}\nmax test accuracy: 0\.\d{4}\n$", process.text())
    assert "Traceback" not in process.text()


@unix
def test_ctrl_c_ends_a_lesson_cleanly(digits_folder):
    process = start(SOFTMAX, "--text", "--iterations", 2_000_000, "--data", digits_folder)
    while not process.stdout.readline().startswith("20:"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    done = finish(process, 30)
    assert done.returncode == 130 and done.stderr == ""
    assert re.search(r"\nfinal test accuracy: 0\.\d{4}\nmax test accuracy: 0\.\d{4}\n$", done.stdout)


@unix
def test_ctrl_c_before_the_training_leaves_no_traceback(tmp_path):
    """While TensorFlow starts; here, one that takes very long to."""
    (tmp_path / "tensorflow.py").write_text("import time\nprint('starting', flush=True)\ntime.sleep(60)")
    process = start(SOFTMAX, "--text", PYTHONPATH=tmp_path)
    assert process.stdout.readline() == "starting\n"
    process.send_signal(signal.SIGINT)
    done = finish(process, 30)
    assert done.returncode in (130, -signal.SIGINT) and (done.stdout, done.stderr) == ("", "")


@pytest.fixture
def foreground():
    """Ctrl-C is not ignored, as it would be if the tests were started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_second_signal_ends_it_at_once(foreground):
    before = [signal.getsignal(number) for number in startup.STOP_SIGNALS]
    with pytest.raises(KeyboardInterrupt), startup.stop_requests() as received:
        for n in range(2):
            assert len(received) == n
            signal.raise_signal(signal.SIGINT)
        pytest.fail("it went on")
    assert received == [signal.SIGINT]
    assert before == [signal.getsignal(number) for number in startup.STOP_SIGNALS]


@pytest.mark.parametrize("error, requests, stopped", [
    (KeyboardInterrupt(), [], True), (KeyboardInterrupt(), [signal.SIGINT], True),
    (SystemExit(143), [signal.SIGTERM], True), (SystemExit("no digits"), [], False),
    (TypeError(), [signal.SIGINT], False), (None, [], False),
])  # fmt: skip
def test_a_second_signal_is_no_error_but_a_programs_own_exit_is(error, requests, stopped):
    assert startup.is_stop(error, requests) == stopped


@unix
def test_a_second_sigterm_ends_it_with_the_status_of_that_signal():
    with pytest.raises(SystemExit) as end, startup.stop_requests():
        for _ in range(2):
            signal.raise_signal(signal.SIGTERM)
    assert end.value.code == 128 + signal.SIGTERM


@unix
def test_an_ignored_signal_stays_ignored():
    """As nohup wants it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with startup.stop_requests(most=2) as received:
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGTERM)
        assert received == [signal.SIGTERM] and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


WAITING = """
import os, signal, threading, startup
with startup.stop_requests() as received:
    with startup.signals_wait(signal.SIGTERM):
        end = threading.Event()
        threading.Thread(target=end.wait).start()
        os.kill(os.getpid(), signal.SIGTERM)
        print(*received)
    print(*received)
    end.set()
"""


@unix
def test_a_signal_waits_also_where_a_library_has_started_a_thread():
    """In a process of its own: the tests' has threads that do not block it, and may receive it."""
    done = run("-c", WAITING, PYTHONPATH=ROOT)
    assert (done.stdout, done.stderr) == (f"\n{int(signal.SIGTERM)}\n", "")


@pytest.mark.parametrize("text, number", [("0" * 30 + "7", 7), ("0", 0), ("0" * 20 + "9" * 30, None)])
def test_whole_numbers_with_leading_zeros(text, number):
    try:
        assert startup.whole_number(0)(text) == number
    except argparse.ArgumentTypeError:
        assert number is None


@pytest.mark.parametrize("text", ["9" * 5000, "0" * 5000 + "7"])
def test_a_number_of_more_digits_than_python_reads_is_one_short_sentence(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is not a whole number from 1") as error:
        startup.whole_number(1)(text)
    assert len(str(error.value)) < 80


def test_only_the_main_thread_receives_signals():
    received = []

    def run():
        with startup.stop_requests() as requests:
            received.append(requests)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert received == [[]]


@unix
def test_a_reader_that_leaves_is_no_traceback():
    done = in_a_shell("{python} -u -c {code} | head -n 3", code=PRINTING)
    assert len(done.stdout.splitlines()) == 3 and done.stderr == ""


PRINTING = """
import startup
startup.start_program()
from toy import *
lesson(3000, 0, text=True)
"""


@unix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_device_is_a_sentence():
    done = in_a_shell("{python} -c {code} > /dev/full", code=PRINTING)
    assert done.returncode == 1
    assert done.stderr == "The output cannot be written: No space left on device.\n"


@unix
def test_a_bug_is_a_traceback():
    done = run("-c", "import startup; startup.start_program(); 1 / 0")
    assert done.returncode == 1 and "Traceback" in done.stderr and "ZeroDivisionError" in done.stderr


# -------------------------------------------------------------------------------------------- the beginning


def test_text_works_anywhere_and_never_imports_matplotlib(digits_folder, tmp_path):
    """In paths with accents, which are printed where only ASCII can be; from another folder, without a
    display, without a home, where matplotlib does not even exist."""
    home, digits = tmp_path / "mes réseaux à moi", tmp_path / "数字"
    home.mkdir()
    for path in (SOFTMAX, *(ROOT / f"{name}.py" for name in ("mnistdata", "tensorflowvisu", "startup"))):
        shutil.copy(path, home)
    shutil.copytree(ROOT / "dashboard", home / "dashboard", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(digits_folder, digits)
    (tmp_path / "matplotlib.py").write_text("raise SystemExit('matplotlib was imported')")
    settings = dict.fromkeys(os.environ) | {"SYSTEMROOT": os.environ.get("SYSTEMROOT")}
    settings |= {"PYTHONPATH": tmp_path, "PYTHONIOENCODING": "ascii"}
    done = run(home / SOFTMAX.name, "--text", "--iterations", 1, "--data", digits, cwd=tmp_path, **settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("max test accuracy")


def test_help_needs_no_more_than_ascii():
    done = run(SOFTMAX, "--help", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "") and "--iterations" in done.stdout


@unix
def test_without_a_standard_error(digits_folder):
    """TensorFlow's messages are kept from it: there is none to keep them from."""
    command = "{python} {lesson} --text --iterations 1 --data {folder} 2>&-"
    done = in_a_shell(command, lesson=SOFTMAX, folder=digits_folder)
    assert done.returncode == 0 and "max test accuracy" in done.stdout


@unix
def test_without_a_standard_output():
    done = in_a_shell("{python} -c {code} >&-", code=PRINTING)
    assert (done.returncode, done.stderr) == (0, "")


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


@pytest.mark.parametrize("tensorflow, part", [
    ("raise ImportError('DLL load failed.\\nReally.')", "DLL load failed. Really."),
    ("__version__ = '2.15.1'", "2.15.1 is too old, 2.16"),
    ("raise MemoryError", "not enough memory"),
], ids=["that does not start", "that is old", "that does not fit"])  # fmt: skip
def test_a_tensorflow_that_is_no_good_is_one_line(tmp_path, tensorflow, part):
    (tmp_path / "tensorflow.py").write_text(tensorflow)
    done = run(SOFTMAX, "--text", PYTHONPATH=tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and part in done.stderr


@pytest.mark.parametrize("level, shown", [(None, ""), ("0", "a message")])
def test_messages_of_tensorflow_are_shown_to_those_who_ask(monkeypatch, capfd, level, shown):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    if level:
        monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", level)
    with startup.no_chatter():
        os.write(2, b"a message")
    assert capfd.readouterr().err == shown


def test_what_tensorflow_is_made_of_is_not_looked_at_as_garbage():
    code = """
import gc, startup
with startup.no_garbage():
    print(gc.isenabled())
startup.start_tensorflow()
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
"""
    assert run("-c", code).stdout.split() == ["False", "True", "True"]


@unix
def test_without_a_home_folder_keras_makes_none_named_tilde(tmp_path):
    code = """
import os, pwd, startup
pwd.getpwuid = {}.__getitem__  # a user without an entry in passwd
startup.start_tensorflow().keras
print(os.listdir())
"""
    settings = {"HOME": None, "KERAS_HOME": None, "TMPDIR": tmp_path / "temporary", "PYTHONPATH": ROOT}
    (tmp_path / "here").mkdir()
    (tmp_path / "temporary").mkdir()
    done = run("-c", code, cwd=tmp_path / "here", **settings)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("program, name", [
    ("mnist_1.0_softmax.py", "mnist_1.0_softmax"), ("/a b/own.py", "own"), ("-c", ""), ("", ""),
    ("/x/ipykernel_launcher.py", ""), ("colab_kernel_launcher.py", ""),
])  # fmt: skip
def test_the_name_of_the_program(program, name, monkeypatch):
    monkeypatch.setattr("sys.argv", [program])
    assert startup.program_name() == name


# ---------------------------------------------------------------------------------------- files written whole


def test_nobody_ever_finds_half_a_file(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("before")
    with pytest.raises(OSError), startup.atomic_write(path) as unfinished:
        unfinished.write_text("half")
        assert path.read_text() == "before" and unfinished.suffix == path.suffix
        raise OSError
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]
    with startup.atomic_write(path) as unfinished:
        unfinished.write_text("whole")
    assert path.read_text() == "whole" and list(tmp_path.iterdir()) == [path]


def test_nor_half_a_folder(tmp_path):
    path = tmp_path / "folder"
    with pytest.raises(OSError), startup.atomic_write(path) as unfinished:
        unfinished.mkdir()
        (unfinished / "file").touch()
        raise OSError
    assert list(tmp_path.iterdir()) == []
