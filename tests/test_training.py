"""training: which calls of training_step make up a run, and the thread that makes them."""

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from processes import wait_for

from dashboard.run.training import NICE, TrainingThread, schedule


@pytest.mark.parametrize("iterations, train, test", [(2000, 10, 50), (45, 20, 100), (7, 3, 5), (1, 10, 50)])
def test_the_schedule(iterations, train, test):
    calls = list(schedule(iterations, train, test))
    position = 0
    for i, n, update_test, update_train in calls[:-1]:
        assert i == position and n > 0
        assert update_train == (i % train == 0)
        assert update_test == (i % test == 0 or (i < test and i % train == 0))
        position += n
    assert calls[-1] == (iterations, 0, True, False) and position == iterations
    shown = {i for i, _, _, update in calls if update}
    assert shown == set(range(0, iterations, train))


@pytest.mark.parametrize("train, test", [(0, 10), (10, 0), (-1, 10)])
def test_a_frequency_below_one_is_refused(train, test):
    with pytest.raises(ValueError, match="at least 1"):
        list(schedule(100, train, test))


def next_of(training):
    """The next moment, waited for."""
    found = []

    def there():
        try:
            found.append(training.next())
        except queue.Empty:
            return False
        return True

    wait_for(there, "a moment")
    return found[0]


def test_every_moment_comes_in_order_and_then_none():
    training = TrainingThread(lambda start: iter(range(start, 50)))
    assert [next_of(training) for _ in range(51)] == [*range(50), None]


def test_it_is_never_more_than_two_moments_ahead():
    """While the learner pauses, nobody takes them: one waits in the queue, one to get into it."""
    made = []
    training = TrainingThread(lambda start: (made.append(k) or k for k in range(50)))
    assert next_of(training) == 0
    wait_for(lambda: len(made) == 3, "a moment ahead")
    training.thread.join(0.05)
    assert len(made) == 3
    assert list(training.stop()) == made[1:], "none is lost"
    assert len(made) < 7 and not training.thread.is_alive()


def test_it_goes_back():
    """Moments of the future that is left are not seen any more."""
    training = TrainingThread(lambda start: iter(range(start, 50)))
    assert [next_of(training) for _ in range(20)] == list(range(20))
    list(training.stop())
    training.start_at(7)
    assert [next_of(training) for _ in range(44)] == [*range(7, 50), None]
    list(training.stop())
    training.start_at(48)
    assert [next_of(training) for _ in range(3)] == [48, 49, None]


def test_what_was_never_begun_has_nothing_to_stop():
    assert list(TrainingThread(lambda start: iter(range(start, 50))).stop()) == []


def test_an_error_is_kept_for_the_other_thread():
    training = TrainingThread(lambda start: (1 // k for k in (1, 0)))
    assert next_of(training) == 1 and next_of(training) is None
    assert isinstance(training.error, ZeroDivisionError)


def test_it_trains_in_one_thread_of_its_own_and_not_before_it_is_asked():
    made = []
    training = TrainingThread(lambda start: (made.append(threading.get_ident()) for _ in range(3)))
    assert training.thread is None and made == []
    for _ in range(4):
        next_of(training)
    assert len(set(made)) == 1 and threading.get_ident() not in made


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux has each thread a priority of its own")
def test_the_windows_thread_goes_first():
    """Under `nice` too."""
    program = """
import os, queue, threading, time
from dashboard.run.training import TrainingThread
os.nice(3)
before = threading.Thread(target=time.sleep, args=[60], daemon=True)
before.start()
window = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
lower_by = lambda thread: os.getpriority(os.PRIO_PROCESS, thread) - window
training = TrainingThread(lambda start: (lower_by(threading.get_native_id()) for _ in range(1)))
moment = ""
while moment is not None:
    try:
        moment = training.next()
        print(moment)
    except queue.Empty:
        pass
print(lower_by(before.native_id), lower_by(threading.get_native_id()))
"""
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    lower = str(min(NICE, 19 - min(19, os.nice(0) + 3)))
    assert done.stdout.split() == [lower, "None", lower, "0"], done.stderr
