"""Which calls of training_step make up a run, and a thread that makes them."""

import contextlib
import os
import queue
import sys
import threading

NICE = 10  # how much lower the priority of training is than the window's: 0 to 19


def schedule(iterations, train_data_update_freq, test_data_update_freq):
    """The arguments of each call: (i, n, update_test_data, update_train_data).

    Tests come more often at the start, when most happens: with every update of the training data.
    """
    if min(train_data_update_freq, test_data_update_freq) < 1:
        raise ValueError("train_data_update_freq and test_data_update_freq must be at least 1.")
    return list(calls(iterations, train_data_update_freq, test_data_update_freq))


def calls(iterations, train_every, test_every):
    i = 0
    while i < iterations:
        update_train_data = i % train_every == 0
        update_test_data = i % test_every == 0 or (update_train_data and i < test_every)
        n = min(train_every - i % train_every, test_every - i % test_every, iterations - i)
        yield i, n, update_test_data, update_train_data
        i += n
    yield iterations, 0, True, False


class TrainingThread:
    """Trains in a thread of its own, so that a key is answered at once.

    Moments pass through a queue with room for one: the next waits until this one is drawn, and while the
    learner pauses, nobody takes it.
    """

    def __init__(self, moments_from):
        self.moments_from = moments_from  # iteration -> the moments from then on
        self.start_at(0)

    def start_at(self, i):
        """From iteration i on; once it was stopped, a second time."""
        self.moments, self.queue = self.moments_from(i), queue.Queue(maxsize=1)
        self.thread, self.stopped, self.error = None, False, None

    def train(self):
        give_way()
        try:
            for moment in self.moments:
                self.queue.put(moment)
                if self.stopped:
                    break
        except BaseException as error:  # for the other thread to raise
            self.error = error
        self.queue.put(None)  # the end

    def next(self):
        """The next moment, or None at the end; raises queue.Empty while there is neither."""
        if not self.thread:
            self.thread = threading.Thread(target=self.train, daemon=True)
            self.thread.start()
        return self.queue.get_nowait()

    def stop(self, is_urgent=lambda: False):
        """End it after the call of training_step that it is in, unless that takes too long for the learner:
        the moments that nobody has taken.
        """
        self.stopped = True
        while self.thread and (self.thread.is_alive() or not self.queue.empty()) and not is_urgent():
            with contextlib.suppress(queue.Empty):
                if moment := self.queue.get(timeout=0.01):
                    yield moment


def give_way():
    """Let the window's thread go first: a key is answered while TensorFlow keeps every processor busy.

    Only on Linux has each thread a priority of its own.
    """
    if sys.platform == "linux":
        window = threading.main_thread().native_id
        priority = min(19, os.getpriority(os.PRIO_PROCESS, window) + NICE)
        with contextlib.suppress(OSError):  # one has just ended, or may not be changed
            for thread in map(int, os.listdir("/proc/self/task")):
                if thread != window:
                    os.setpriority(os.PRIO_PROCESS, thread, priority)
