"""What the learner sees of a network that learns: panels that move, or text.

    datavis = tensorflowvisu.MnistDataVis()
    datavis.animate(training_step, iterations=2000, train_data_update_freq=10, test_data_update_freq=50)

`animate` calls training_step(i, n, update_test_data, update_train_data) again and again. Each call shows,
after `i` iterations, what is asked for, by datavis.update_test_data(...) and datavis.update_train_data(...),
and then does the next `n` iterations. Where there is a window, it runs in a thread of its own.

    python tensorflowvisu.py FOLDER FOLDER ...

shows what networks, which lessons have saved with --save-network, answer to a digit that you write.
"""

import sys

import startup
from dashboard import measures
from dashboard.curves import Curves
from dashboard.handles import Handles
from dashboard.options import command_line, defaults
from dashboard.rate import Rate
from dashboard.record import Record, TestUpdate, TrainUpdate
from dashboard.training import Result, schedule
from startup import start_tensorflow

__all__ = ["MnistDataVis", "command_line", "start_tensorflow"]


class MnistDataVis:
    """One training run: prints what it is shown, and draws it."""

    def __init__(
        self, options=None, mnist=None, batch=None, predict=None, *, gradient=None, throttle=None, state=None
    ):
        self.options = options or defaults()
        self.mnist = mnist  # has `source`, where the digits come from, and `train`, which can be taught
        self.iterations_per_epoch = len(mnist.train.labels) // batch if batch else None
        self.gradient, self.state = gradient, state
        self.handles = Handles(
            networks={"": predict} if predict else {},  # images [n, 28, 28, 1] -> probabilities [n, 10]
            rate=None if throttle is None else Rate(throttle),
            pupil=mnist and mnist.train,
        )
        if self.options.save_network and not predict:
            startup.give_up("--save-network needs MnistDataVis(predict=...).")
        self.curves = Curves()
        self.test_accuracies = []
        self.record = None  # only where something is drawn
        self.updates = []  # for the record, since the last call of training_step

    def animate(self, training_step, iterations, train_data_update_freq, test_data_update_freq):
        """Train with a live dashboard, or with what the options ask for."""
        calls = iterations, train_data_update_freq, test_data_update_freq
        if not self.options.text:
            from dashboard import stage  # which imports matplotlib

            self.record = Record(iterations, self.iterations_per_epoch, self.options.compare)
            results = self.train(training_step, schedule(*calls))
            status = stage.show_run(self.options, self.record, self.handles, results, self.report_end)
            if status is not None:
                exit_unless_ok(status)
                return
            self.record = None
        self.print_only(training_step, *calls)

    def print_only(self, training_step, iterations, train_data_update_freq, test_data_update_freq):
        """Train with text only."""
        with startup.stop_requests() as stop_requested:
            for call in schedule(iterations, train_data_update_freq, test_data_update_freq):
                training_step(*call)
                if stop_requested:
                    break
            done = self.report_end()
        exit_unless_ok(startup.SIGNALLED + stop_requested[0] if stop_requested else 0 if done else 1)

    def train(self, training_step, calls):
        """The result of each call."""
        for i, n, update_test_data, update_train_data in calls:
            factor = self.handles.rate.factor if self.handles.rate else 1.0
            training_step(i, n, update_test_data, update_train_data)
            updates, self.updates = self.updates, []
            yield Result(i + n, updates, factor)

    def update_train_data(self, i, X, Y_, Y, loss, weights, biases, learning_rate=None):
        """After `i` iterations: the next batch, its right answers, the network's, their loss; variables."""
        answers = measures.answers(X, Y_, Y)
        self.curves.add_training(i, answers.accuracy, loss, learning_rate)
        rate = "" if learning_rate is None else f" (lr:{float(learning_rate):.6f})"
        print(f"{i}: accuracy:{answers.accuracy:.4f} loss: {float(loss):.4f}{rate}", flush=True)
        if self.record:
            taught = len(getattr(self.handles.pupil, "taught", ()))
            self.updates.append(TrainUpdate.of(i, answers, float(loss), weights, biases, taught))

    def update_test_data(self, i, X, Y_, Y, loss):
        """After `i` iterations: the test digits, their right answers, the network's, and their loss."""
        answers = measures.answers(X, Y_, Y)
        self.test_accuracies.append(answers.accuracy)
        self.curves.add_test(i, answers.accuracy, loss)
        epoch = f"epoch {i // self.iterations_per_epoch + 1} ********* " if self.iterations_per_epoch else ""
        accuracy = f"test accuracy:{answers.accuracy:.4f} test loss: {float(loss):.4f}"
        print(f"{i}: ********* {epoch}{accuracy}", flush=True)
        if self.record:
            self.updates.append(TestUpdate(i, answers, float(loss)))

    def report_end(self):
        """Save the network, if that is asked for, and print the last lines; True if all is well."""
        saved = not self.options.save_network or self.save_network()
        saved &= not self.options.save_curves or self.save_curves()
        if self.mnist:
            print(f"digits: {self.mnist.source}")
        if self.test_accuracies:
            print(f"final test accuracy: {self.test_accuracies[-1]:.4f}")
            print(f"max test accuracy: {max(self.test_accuracies):.4f}", flush=True)
        return saved

    def save_network(self):
        from dashboard import networks

        folder = self.options.save_network
        try:
            networks.save(self.handles.networks[""], folder)
            print(f"The network is in {folder}.")
            return True
        except (Exception, KeyboardInterrupt) as error:  # TensorFlow has its own for a full disk
            reason = " ".join(str(error).split()) or type(error).__name__
            print(f"The network is not saved in {folder}: {reason}", file=sys.stderr)
            return False

    def save_curves(self):
        path = self.options.save_curves
        try:
            self.curves.save(path)
            return True
        except OSError as error:
            print(f"The curves are not saved in {path}: {error.strerror}", file=sys.stderr)
            return False


def exit_unless_ok(status):
    if status:
        sys.exit(status)


if __name__ == "__main__":
    from dashboard import networks

    sys.exit(networks.compare())
