"""What the learner sees of a network that learns: panels that move, or text.

    datavis = tensorflowvisu.MnistDataVis()
    datavis.animate(training_step, iterations=2000, train_data_update_freq=10, test_data_update_freq=50)

`animate` calls training_step(i, n, update_test_data, update_train_data) again and again. Each call shows,
after `i` iterations, what is asked for, by datavis.update_test_data(...) and datavis.update_train_data(...),
and then does the next `n` iterations. Where there is a window, it runs in a thread of its own.

    python tensorflowvisu.py FOLDER FOLDER ...

shows what networks, which lessons have saved with --save-network, answer to a digit that you write.
"""

import argparse
import functools
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import ArrayLike

import startup
from dashboard.options import command_line, defaults
from dashboard.run import answers, diagnosis, past, text, updates
from dashboard.run.handles import Handles
from dashboard.run.run import Run
from dashboard.run.sizes import GradientSizes, StepSizes
from dashboard.run.training import schedule
from dashboard.screens import unattended
from startup import start_tensorflow

__all__ = ["MnistDataVis", "command_line", "start_tensorflow"]
Step = Callable[[int, int, bool, bool], None]  # i, n, update_test_data, update_train_data


class MnistDataVis:
    """One training run: prints what it is shown, and draws it."""

    def __init__(
        self,
        options: argparse.Namespace | None = None,  # of command_line()
        mnist: Any = None,  # `source`: where the digits come from; `train`: digits that can be taught
        batch: int | None = None,
        predict: Callable | None = None,  # images [n, h, w, channels] -> probabilities, or all layers
        *,
        gradient: Callable | None = None,  # images, answers -> an array for each of weights + biases
        throttle: Any = None,  # a factor of the learning rate, with `assign`
        state: Sequence | None = None,  # every variable that training changes
    ):
        self.options = options or defaults()
        self.mnist = mnist
        networks = {"": predict} if predict else {}
        if not past.is_state(state):
            startup.give_up("MnistDataVis(state=...) takes a list of variables with `assign`, or of arrays.")
        self.handles = Handles(networks, throttle, mnist and mnist.train, gradient, state or ())
        if self.options.save_network and not predict:
            startup.give_up("--save-network needs MnistDataVis(predict=...).")
        self.epoch = len(mnist.train.labels) // batch if mnist and batch else None  # iterations
        self.run, self.draws = Run(), bool(self.options.save_page)
        self.gradients, self.steps = GradientSizes(gradient, self.handles.state), StepSizes()
        self.train = self.test = None  # the latest updates: those of a call that has not returned too
        self.network = None  # a copy of it, made with the latest test
        self.keeps_past = bool(self.handles.state)
        self.call = 0, 0  # the iterations when this call of training_step began, and when it will end

    def animate(
        self, training_step: Step, iterations: int, train_data_update_freq: int, test_data_update_freq: int
    ) -> None:
        """Train with a live dashboard, or with what the options ask for."""
        calls = iterations, train_data_update_freq, test_data_update_freq
        if not self.options.text:
            from dashboard.screens import stage  # which imports matplotlib

            self.draws, self.run = True, Run(iterations, self.epoch, self.options.compare)
            moments = functools.partial(self.moments, training_step, schedule(*calls))
            status = stage.show_run(self.options, self.run, self.handles, moments, self.report)
            if status is not None:
                exit_unless_ok(status)
                return
            self.draws = bool(self.options.save_page)
        self.print_only(training_step, *calls)

    def print_only(
        self, training_step: Step, iterations: int, train_data_update_freq: int, test_data_update_freq: int
    ) -> None:
        """Train with text only."""
        self.run = Run(iterations, self.epoch)
        calls = schedule(iterations, train_data_update_freq, test_data_update_freq)
        exit_unless_ok(unattended.train(self.run, self.moments(training_step, calls), self.report))

    def moments(self, training_step, calls, start=0):
        """The run after each call, from iteration `start` on."""
        _, self.train, self.test, *_ = self.run.newest  # at once: those of a future that is left are gone
        self.network = None
        return self.shown(training_step, calls, start)

    def shown(self, training_step, calls, start):
        for i, n, update_test_data, update_train_data in calls:
            if i >= start:
                self.call = i, i + n
                factor = self.handles.throttle.factor if self.handles.throttle else 1.0
                with self.handles.trained(update_test_data + update_train_data):
                    training_step(i, n, update_test_data, update_train_data)
                yield updates.Moment(i + n, self.train, self.test, factor, self.network)

    def update_train_data(
        self,
        i: int,
        X: ArrayLike,
        Y_: ArrayLike,
        Y: ArrayLike,
        loss: ArrayLike,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike],
        learning_rate: float | None = None,
    ) -> None:
        """After `i` iterations: the next batch, its right answers, the network's, their loss; variables."""
        found = answers.read_answers(X, Y_, Y)
        rate = math.nan if learning_rate is None else float(learning_rate)
        taught = len(getattr(self.handles.train_set, "taught", ()))
        snapshot = None
        if self.draws:
            steps = self.steps.to(i, weights)
            snapshot = updates.take_snapshot(found, self.steps.weights, biases, steps, taught, self.train)
        self.train = updates.TrainUpdate(i, found.accuracy, float(loss), rate, snapshot)
        self.handles.due -= 1
        print(text.training_line(self.train), flush=True)

    def update_test_data(self, i: int, X: ArrayLike, Y_: ArrayLike, Y: ArrayLike, loss: ArrayLike) -> None:
        """After `i` iterations: the test digits, their right answers, the network's, and their loss."""
        found = answers.read_answers(X, Y_, Y)
        gradients = None
        if self.draws:
            gradients = self.gradients.of(X, Y_, found.shape)
            self.keeps_past = self.keeps_past and i in self.call  # or nobody knows from where to train on
            self.network = past.copy_of(i, self.handles.state) if self.keeps_past else None
            self.keeps_past = self.network is not None  # or it is too large
        before, self.test = self.test, updates.TestUpdate.of(i, found, float(loss), self.test, gradients)
        self.handles.prepare(before, self.test)
        self.handles.due -= 1
        print(text.test_line(self.test, self.epoch), flush=True)

    def report(self, well=True):
        """Save what the options ask for, however the run ends; then the last lines. True if all is well."""
        _, train, test, factor, _ = self.run.newest
        if (train, test) != (self.train, self.test):  # shown by a call that was cut short
            self.run.append(updates.Moment(self.run.iteration, self.train, self.test, factor))
        saved = self.save("network is", self.options.save_network, self.save_network)
        saved &= self.save(
            "curves are", self.options.save_curves, lambda path: text.write_curves(self.run, path)
        )
        saved &= self.save("page is", self.options.save_page, self.save_page)
        if well:
            if self.options.save_network and saved:
                print(f"The network is in {self.options.save_network}.")
            if told := diagnosis.told(self.run, self.handles.dead_layers):
                print(told)
            if self.mnist:
                print(f"digits: {self.mnist.source}")
            for line in text.last_lines(self.run):
                print(line, flush=True)
        return saved

    def save_network(self, folder):
        from dashboard import networks

        networks.save(self.handles.networks[""], folder, self.run.shape)

    def save_page(self, path):
        from dashboard import networks

        networks.save_page(path, self.options.title, self.run, self.handles, self.options.view)

    def save(self, what, path, write):
        """True if there is nothing to save, or it is saved."""
        try:
            if path:
                write(path)
            return True
        except (Exception, KeyboardInterrupt) as error:  # TensorFlow has its own for a full disk
            reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
            print(f"The {what} not saved in {path}: {reason}", file=sys.stderr)
            return False


def exit_unless_ok(status):
    if status:
        sys.exit(status)


if __name__ == "__main__":
    from dashboard import comparison

    sys.exit(comparison.compare())
