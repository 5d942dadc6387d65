"""How fast the lessons are, beside the same networks in Keras and, where it is installed, in PyTorch.

    python tests/benchmark.py

Steps a second of the whole loop: batches, training, the same evaluations at the same iterations. Figures are
the median of ROUNDS rounds, in which the contestants take turns, each in a process of its own and warmed up.
"""

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from screens import screen

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ROUNDS = 3
BATCH = 100
EPOCH = 600  # steps
LESSONS = {  # steps that are timed, between two updates, between two tests
    "mnist_1.0_softmax.py": (6 * EPOCH, 10, 50),
    "mnist_2.1_five_layers_relu_lrdecay.py": (3 * EPOCH, 20, 100),
    "mnist_3.1_convolutional_bigger_dropout.py": (EPOCH, 20, 100),
}
DASHBOARD = dict(zip(LESSONS, (2000, 2000, 600)))  # iterations
WARM_UP = EPOCH


def main():
    networks()
    start_up()
    dashboard()


def networks():
    contestants = ["lesson", "keras", "keras+"] + ["torch"] * bool(importlib.util.find_spec("torch"))
    print("training steps a second, whole loop, medians of", ROUNDS)
    print("keras: fit; keras+: fit with as many steps in one execution as the lesson does in one call")
    print(f"{'':45}" + "".join(f"{name:>10}" for name in contestants) + "    the lesson is faster")
    for lesson in LESSONS:
        speeds = {name: [] for name in contestants}
        for _ in range(ROUNDS):
            for name in contestants:
                speeds[name].append(float(python(__file__, name, lesson).split()[-1]))
        median = {name: statistics.median(speeds[name]) for name in contestants}
        ratios = ", ".join(f"{median['lesson'] / median[name]:.2f} x {name}" for name in contestants[1:])
        print(
            f"{lesson:45}" + "".join(f"{median[name]:10,.0f}" for name in contestants) + "    " + ratios,
            flush=True,
        )


def start_up():
    print("seconds from the start of the process to the first line of training, medians of", ROUNDS)
    for lesson in LESSONS:
        seconds = statistics.median(seconds_to("0: accuracy:", lesson, "--text") for _ in range(ROUNDS))
        print(f"{lesson:45}{seconds:10.1f}", flush=True)
    print("seconds from the start of the process to the first test accuracy of 0.99")
    print(f"{lesson:45}{seconds_to('test accuracy:0.99', lesson, '--text'):10.1f}", flush=True)


def dashboard():
    """Whole runs in a window of 1344 x 756 on a screen of their own, beside the same as text."""
    if not shutil.which("Xvfb"):
        return print("the dashboard is not measured: Xvfb is not installed")
    with screen() as display:
        print("seconds of a whole run as text and with the dashboard, their ratio, updates drawn a second")
        for lesson, iterations in DASHBOARD.items():
            run = lesson, "--iterations", str(iterations)
            text = seconds_to("max test accuracy", *run, "--text")
            first = seconds_to("0: accuracy:", *run, DISPLAY=display, MPLBACKEND="tkagg")
            live = seconds_to("max test accuracy", *run, DISPLAY=display, MPLBACKEND="tkagg")
            updates = iterations / LESSONS[lesson][1] / (live - first)
            print(f"{lesson:45}{text:10.1f}{live:10.1f}{live / text:10.2f}{updates:10.1f}", flush=True)


def python(*arguments):
    done = subprocess.run([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def seconds_to(words, lesson, *options, **environment):
    """From the start of a lesson's process to the first line with these words in it."""
    started = time.perf_counter()
    command, environment = [sys.executable, ROOT / lesson, *options], {**os.environ, **environment}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        found = next(
            (time.perf_counter() - started for line in process.stdout if words in line), float("nan")
        )
        process.kill()
    return found


def time_lesson(path, steps, *_):
    """The lesson itself, word by word, but for the moment when it starts to train."""
    import tensorflowvisu

    class Stopwatch(tensorflowvisu.MnistDataVis):
        def animate(self, training_step, iterations, **frequencies):
            self.print_only(training_step, WARM_UP, **frequencies)
            started = time.perf_counter()
            self.print_only(training_step, steps, **frequencies)
            print(steps / (time.perf_counter() - started))

    tensorflowvisu.MnistDataVis = Stopwatch
    sys.argv = [path, "--text"]
    source = (ROOT / path).read_text("utf-8")
    exec(compile(source, path, "exec"), {"__name__": "__main__", "__doc__": ""})


def time_keras(path, steps, train_every, test_every, steps_per_execution=1):
    import tensorflowvisu

    tensorflowvisu.start_tensorflow()  # quietly
    import keras

    layers = keras.layers
    mnist = digits()
    if "1.0" in path:
        inside = []
    elif "2.1" in path:
        inside = [layers.Flatten()] + [layers.Dense(n, "relu") for n in (200, 100, 60, 30)]
    else:
        sizes = (6, 6, 1), (12, 5, 2), (24, 4, 2)
        inside = [layers.Conv2D(n, size, stride, "same", activation="relu") for n, size, stride in sizes]
        inside += [layers.Flatten(), layers.Dense(200, "relu"), layers.Dropout(0.25)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *inside, layers.Flatten(), layers.Dense(10)])
    optimizer = keras.optimizers.SGD(0.5) if "1.0" in path else keras.optimizers.Adam(0.003)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], steps_per_execution=steps_per_execution)

    class Evaluations(keras.callbacks.Callback):
        def on_train_batch_begin(self, step, logs=None):
            if step % train_every == 0:
                model.test_on_batch(mnist.train.images[:BATCH], mnist.train.labels[:BATCH])
            if step % test_every == 0:
                model.test_on_batch(mnist.test.images, mnist.test.labels)

    def fit(epochs):
        callbacks = [Evaluations()]
        model.fit(mnist.train.images, mnist.train.labels, BATCH, epochs, verbose=0, callbacks=callbacks)

    fit(WARM_UP // EPOCH)
    started = time.perf_counter()
    fit(steps // EPOCH)
    print(steps / (time.perf_counter() - started))


def time_keras_plus(path, steps, train_every, test_every):
    time_keras(path, steps, train_every, test_every, steps_per_execution=train_every)


def time_torch(path, steps, train_every, test_every):
    import torch
    from torch import nn

    mnist = digits()
    if "1.0" in path:
        inside = [nn.Flatten(), nn.Linear(784, 10)]
    elif "2.1" in path:
        sizes, inside = [784, 200, 100, 60, 30], [nn.Flatten()]
        for before, after in zip(sizes, sizes[1:]):
            inside += [nn.Linear(before, after), nn.ReLU()]
        inside += [nn.Linear(30, 10)]
    else:
        inside = [
            nn.ZeroPad2d((2, 3, 2, 3)),
            nn.Conv2d(1, 6, 6),
            nn.ReLU(),
        ]  # what 'SAME' means for a 6x6 patch
        inside += [
            nn.Conv2d(6, 12, 5, 2, padding=2),
            nn.ReLU(),
            nn.Conv2d(12, 24, 4, 2, padding=1),
            nn.ReLU(),
        ]
        inside += [nn.Flatten(), nn.Linear(1176, 200), nn.ReLU(), nn.Dropout(0.25), nn.Linear(200, 10)]
    model = nn.Sequential(*inside)
    make = torch.optim.SGD if "1.0" in path else torch.optim.Adam
    optimizer = make(model.parameters(), lr=0.5 if "1.0" in path else 0.003)
    loss = nn.CrossEntropyLoss()
    test_images = torch.from_numpy(mnist.test.images.reshape(-1, 1, 28, 28))
    test_labels = torch.from_numpy(mnist.test.labels.argmax(axis=1))

    def evaluate(X, Y_):
        model.eval()
        with torch.no_grad():
            parts = [model(part) for part in X.split(1000)]
            Y = torch.cat(parts)
            result = loss(Y, Y_).item(), (Y.argmax(dim=1) == Y_).float().mean().item()
        model.train()
        return result

    def fit(steps):
        for step in range(steps):
            images, labels = mnist.train.next_batch(BATCH)
            X = torch.from_numpy(images.reshape(-1, 1, 28, 28))
            Y_ = torch.from_numpy(labels.argmax(axis=1))
            if step % train_every == 0:
                evaluate(X, Y_)
            if step % test_every == 0:
                evaluate(test_images, test_labels)
            optimizer.zero_grad()
            loss(model(X), Y_).backward()
            optimizer.step()

    fit(WARM_UP)
    started = time.perf_counter()
    fit(steps)
    print(steps / (time.perf_counter() - started))


def digits():
    import mnistdata

    return mnistdata.read_data_sets()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        _, contestant, lesson = sys.argv
        time_contestant = {
            "lesson": time_lesson,
            "keras": time_keras,
            "keras+": time_keras_plus,
            "torch": time_torch,
        }[contestant]
        time_contestant(lesson, *LESSONS[lesson])
