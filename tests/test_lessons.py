"""The six lessons: what they say is what they do, and each one learns."""

import ast
import difflib
import io
import re
import runpy
import sys
import tokenize

import numpy as np
import pytest
from conftest import LESSONS
from processes import ROOT, run

import tensorflowvisu

FAMILIES = [LESSONS[1:4], LESSONS[4:6]]  # 2.x and 3.x


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture(scope="module")
def lesson(path, digits_folder):
    return untrained(path, digits_folder)


@pytest.fixture(scope="module", params=[LESSONS[0], LESSONS[2]], ids=["1.0", "2.1"])
def trainable(request, digits_folder):
    """Lessons that tests may train, with plain descent and with Adam; neither has dropout."""
    return untrained(request.param, digits_folder)


def run_here(path, folder, iterations, seed=0, text=True):
    """All the names of a lesson after some iterations."""
    arguments, hook = sys.argv, sys.excepthook
    options = {"--iterations": iterations, "--seed": seed, "--data": folder}
    sys.argv = [str(path), *["--text"] * text, *(str(word) for option in options.items() for word in option)]
    try:
        return runpy.run_path(str(path))
    finally:
        sys.argv, sys.excepthook = arguments, hook


def untrained(path, folder, seed=0):
    """All the names of a lesson before its first iteration."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tensorflowvisu.MnistDataVis, "animate", lambda *_, **__: None)
        return run_here(path, folder, 1, seed)


def trained(path, folder, seed=0):
    """The same after three iterations."""
    names = untrained(path, folder, seed)
    names["train"](*names["mnist"].train.next_batches(3, 100))
    return names


def numbers(variables):
    return [variable.numpy() for variable in variables]


def last_of(layers):
    """Of what model() returns: one layer, in 1.0, or all."""
    return layers[-1] if isinstance(layers, list) else layers


def locals_of_model(lesson, X):
    """The tensors inside of model() when it returns."""
    found = {}

    def watch(frame, event, _):
        if event == "return" and frame.f_code is lesson["model"].__code__:
            found.update(frame.f_locals)

    dropout = {"pkeep": 1.0} if "pkeep" in lesson["model"].__code__.co_varnames else {}
    sys.setprofile(watch)
    try:
        lesson["model"](X, **dropout)
    finally:
        sys.setprofile(None)
    return found


def shape(text):
    """'batch, 28, 28, 1' as a list; a batch is 7 images here."""
    return [7 if size == "batch" else int(size) for size in text.split(", ")]


def diagram_of(path):
    text = path.read_text("utf-8")
    return text[text.index("# neural network with") : text.index("BATCH =")]


def test_the_diagram_tells_the_true_shapes(path, lesson):
    diagram = diagram_of(path)
    drawn = {name: shape(sizes) for name, sizes in re.findall(r"\b([A-Z]+\d?) +\[(.+?)\]", diagram)}
    tensors = locals_of_model(lesson, np.zeros([7, 28, 28, 1], np.float32))
    tensors["Y"] = lesson["evaluate"](np.zeros([7, 28, 28, 1], np.float32), np.zeros([7, 10], np.float32))[0]
    true = {name: list(tensors.get(name, lesson.get(name)).shape) for name in drawn}
    assert drawn == true
    variables = {name for name in lesson if re.fullmatch(r"[WB]\d?", name)}
    layers = {name for name, tensor in tensors.items() if name not in ("pkeep", "Ylogits")}
    assert set(drawn) == variables | layers
    numbers = [int(n) for n in re.findall(r"(\d+) (?:layers?|convolutional|fully)", diagram.splitlines()[0])]
    assert sum(numbers) == len(lesson["weights"])


def test_the_columns_of_all_diagrams_are_the_same():
    tensors, biases, words = set(), set(), set()
    for path in LESSONS:
        for line in diagram_of(path).splitlines()[2:-1]:
            first, *second = (match.start() for match in re.finditer(r"[A-Z]+\d? +\[", line))
            tensors.add(first)
            biases.update(second)
            words.update(match.start(1) for match in re.finditer(r"\] +([^]]+)$", line))
    assert [len(columns) for columns in (tensors, biases, words)] == [1, 1, 1]


def test_the_comments_in_the_model_tell_the_true_shapes(path, lesson):
    text = path.read_text("utf-8")
    model = text[text.index("def model(") : text.index("def cross_entropy(")]
    told = dict(re.findall(r"^    (\w+) = .*# \[(.+)\]$", model, re.MULTILINE))
    tensors = locals_of_model(lesson, np.zeros([7, 28, 28, 1], np.float32))
    assert len(told) >= 2
    assert {name: shape(sizes) for name, sizes in told.items()} == {n: list(tensors[n].shape) for n in told}


def test_weights_and_biases_start_as_the_lesson_says(path, lesson):
    weights, biases = numbers(lesson["weights"]), numbers(lesson["biases"])
    if len(weights) == 1:
        assert not weights[0].any() and not biases[0].any()
        return
    for w in weights:  # a truncated normal of stddev 0.1 ends at 0.2, and its own stddev is 0.088
        assert abs(w).max() <= 0.2
        assert w.std() == pytest.approx(0.088, rel=0.3)
    assert not biases[-1].any()
    hidden = np.concatenate(biases[:-1])
    assert (hidden == np.float32(0.0 if "sigmoid" in path.name else 0.1)).all()


def test_the_loss_is_the_mean_cross_entropy_times_100(path, lesson):
    """For two images: the right digits got the probabilities 0.1 and 0.55."""
    Y = np.full([2, 10], [[0.1], [0.05]], np.float32)
    Y[1, 3] = 0.55
    model_returns = Y if path in LESSONS[:2] else np.log(Y)  # probabilities, or logits
    loss = lesson["cross_entropy"](model_returns, np.eye(10, dtype=np.float32)[[7, 3]])
    assert float(loss) == pytest.approx(-100 * (np.log(0.1) + np.log(0.55)) / 2)


def test_the_gradient_vanishes_with_sigmoid_and_not_with_relu(path, lesson, digits):
    """At the start, from the last layer to the first."""
    if path not in LESSONS[1:3]:
        return
    X = (digits[0][:1000].reshape(-1, 28, 28, 1) / 255).astype(np.float32)
    Y_ = np.eye(10, dtype=np.float32)[digits[1][:1000]]
    first, *_, last = (np.sqrt(np.mean(np.square(G))) for G in lesson["gradient"](X, Y_)[:5])
    assert last / first > 1000 if path is LESSONS[1] else last / first < 100


def test_the_gradient_is_that_of_the_loss(lesson, digits):
    """Against finite differences, one variable after another, in the direction of its gradient."""
    import tensorflow as tf

    X = (digits[0][:50].reshape(50, 28, 28, 1) / 255).astype(np.float32)
    Y_ = np.eye(10, dtype=np.float32)[digits[1][:50]]
    dropout = "PKEEP" in lesson
    plain = {"pkeep": 1.0} if dropout else {}
    variables = lesson["weights"] + lesson["biases"]

    def loss():
        return lesson["cross_entropy"](last_of(lesson["model"](X, **plain)), Y_)

    once, again = lesson["gradient"](X, Y_), lesson["gradient"](X, Y_)
    assert any((a.numpy() != b.numpy()).any() for a, b in zip(once, again)) == dropout  # new neurons drop out
    lesson["model"].__globals__["PKEEP"] = 1.0
    gradients = lesson["gradient"].python_function(X, Y_)
    assert [G.shape for G in gradients] == [V.shape for V in variables]
    for variable, gradient in zip(variables, gradients):
        length = float(tf.norm(gradient))
        assert length > 0.005
        before, step = tf.identity(variable), min(0.1, 0.03 / length)  # 32 bits: not too small a difference
        variable.assign(before + step * gradient / length)
        above = float(loss())
        variable.assign(before - step * gradient / length)
        below = float(loss())
        variable.assign(before)
        assert (above - below) / (2 * step) == pytest.approx(length, rel=0.05)


def all_variables(names):
    """Those that a lesson has, alone or in lists."""
    import tensorflow as tf

    values = [value for name in names.values() for value in (name if isinstance(name, list) else [name])]
    return {id(value): value for value in values if isinstance(value, tf.Variable)}


def test_state_is_all_that_training_changes(trainable):
    """With its state put back, a run goes on as it did."""
    variables = all_variables(trainable)
    state, train, digits = (trainable[name] for name in ("state", "train", "mnist"))
    images, labels = digits.train.next_batches(2, 100)
    train(images, labels)
    before, saved = numbers(variables.values()), numbers(state)
    train(images, labels)
    changed = {name for (name, now), was in zip(variables.items(), before) if (now.numpy() != was).any()}
    assert changed == {id(variable) for variable in state} and len(changed) == len(state)
    after = numbers(state)
    for variable, value in zip(state, saved):
        variable.assign(value)
    train(images, labels)
    assert all((now == then).all() for now, then in zip(numbers(state), after))


def softmax_in_numpy(X, W, B):
    sums = X.reshape(len(X), -1) @ W + B
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_softmax_and_one_step_by_hand(digits_folder):
    """Lesson 1.0 done again in numpy, three iterations long."""
    import mnistdata

    names = trained(LESSONS[0], digits_folder)
    train = mnistdata.read_data_sets(str(digits_folder), seed=0).train
    W, B = np.zeros([784, 10]), np.zeros(10)
    for _ in range(3):
        X, Y_ = train.next_batch(100)
        error = (
            softmax_in_numpy(X, W, B) - Y_
        )  # the gradient with respect to the sums, times 100 images / 100
        W -= 0.005 * X.reshape(100, 784).T @ error
        B -= 0.005 * error.sum(axis=0)
    np.testing.assert_allclose(names["W"].numpy(), W, atol=1e-5)
    np.testing.assert_allclose(names["B"].numpy(), B, atol=1e-5)


def test_three_steps_of_adam_by_hand(digits_folder):
    """The training step of 2.1 against Adam's formulas in 64 bits, fed with the lesson's gradients."""
    names = untrained(LESSONS[2], digits_folder)
    variables = names["weights"] + names["biases"]
    values, means, squares = (
        [v.astype(float) for v in numbers(those)] for those in (variables, names["means"], names["squares"])
    )
    images, labels = names["mnist"].train.next_batches(3, 100)
    for t, (X, Y_) in enumerate(zip(images, labels), 1):
        gradients = [g.astype(float) for g in numbers(names["gradient"](X, Y_))]
        names["train"](X[None], Y_[None])
        for v, mean, square, g in zip(values, means, squares, gradients):
            mean += 0.1 * (g - mean)
            square += 0.001 * (g * g - square)
            corrected_mean, corrected_square = mean / (1 - 0.9**t), square / (1 - 0.999**t)
            rate = float(names["learning_rate"](t - 1.0))
            v -= rate * corrected_mean / (np.sqrt(corrected_square) + 1e-8)
    for variable, v in zip(variables, values):
        close = np.abs(variable.numpy() - v) < 1e-5
        assert close.mean() > 0.999  # Adam's steps are as long where a gradient is 0 but for rounding


@pytest.fixture
def adam_and_toy(digits_folder):
    """The adam of 2.0 for a variable of three numbers, and that variable."""
    import tensorflow as tf

    names = untrained(LESSONS[1], digits_folder)
    toy = tf.Variable([1.0, -2.0, 3.0])
    names["weights"][:], names["biases"][:] = [toy], []
    names["means"][:], names["squares"][:] = ([tf.Variable(tf.zeros([3]))] for _ in range(2))
    return names["adam"], toy


def test_adam_is_that_of_keras(adam_and_toy):
    """300 steps, with gradients of three very different sizes."""
    import keras
    import tensorflow as tf

    adam, toy = adam_and_toy
    expected, optimizer = keras.Variable(toy.numpy()), keras.optimizers.Adam(0.003)
    noise = np.random.default_rng(0).normal(0.5, 1, [300, 3])
    for t, G in enumerate((noise * [0.01, 1, 100]).astype(np.float32), 1):
        adam([tf.constant(G)], tf.constant(0.003), tf.constant(float(t)))
        optimizer.apply([tf.constant(G)], [expected])
    assert abs(toy.numpy() - [1, -2, 3]).min() > 0.1
    np.testing.assert_allclose(toy.numpy(), expected.numpy(), atol=1e-4)


def test_adams_epsilon_is_where_its_authors_put_it(adam_and_toy):
    """Beside the corrected root: a first gradient as small as epsilon makes half a step."""
    import tensorflow as tf

    adam, toy = adam_and_toy
    adam([tf.constant([1e-8, 1e-8, 0.0])], 0.5, tf.constant(1.0))
    np.testing.assert_allclose(toy.numpy(), [0.75, -2.25, 3], rtol=1e-3)


def test_all_five_have_the_same_adam_and_the_same_state():
    """What is shown of one of them holds for all."""
    texts = [path.read_text("utf-8") for path in LESSONS[1:]]
    adams = {
        text[text.index("# running means") : text.index("@tf.function(reduce_retracing")] for text in texts
    }
    states = {re.search(r"^state = .*$", text, re.MULTILINE)[0] for text in texts}
    assert len(adams) == len(states) == 1


def uses_xla(names):
    images, labels = names["mnist"].train.next_batches(3, 100)
    train = names["train"].get_concrete_function(images, labels)
    definitions = [train.function_def, *train.graph.as_graph_def().library.function]
    return any(definition.attr["_XlaMustCompile"].b for definition in definitions)


@pytest.mark.parametrize("path", [LESSONS[0], LESSONS[2]], ids=["1.0", "2.1"])
def test_beside_a_gpu_it_runs_without_xla_and_computes_the_same(path, digits_folder, monkeypatch):
    """Apple's, for one, has no XLA; a lesson that insists on it would end with an error."""
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    compiled = trained(path, digits_folder)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    plain = trained(path, digits_folder)
    assert (uses_xla(compiled), uses_xla(plain)) == (True, False)
    for one, other in zip(compiled["weights"] + compiled["biases"], plain["weights"] + plain["biases"]):
        close = np.abs(one.numpy() - other.numpy()) < 1e-5
        assert close.mean() > 0.999  # as above


def test_no_lesson_insists_on_xla(path):
    """`XLA` is True where there is no GPU."""
    asked = re.findall(r"jit_compile=(\w+)", path.read_text("utf-8"))
    assert asked and set(asked) == {"XLA"}


@pytest.mark.parametrize(
    "path", [LESSONS[0], pytest.param(LESSONS[5], marks=pytest.mark.slow)], ids=["1.0", "3.1"]
)
def test_the_same_seed_the_same_weights(path, digits_folder):
    """Plain descent; Adam, dropout and convolutions: the others have no more parts."""
    once, again, other = (numbers(trained(path, digits_folder, seed)["weights"]) for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(once, again))
    assert all((a != b).any() for a, b in zip(once, other))


# --------------------------------------------------------------------------------------- written to be read


def code_lines(path):
    """The lines of a script without docstrings, comments and blank lines."""
    text = path.read_text("utf-8")
    strings = set()
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            strings.update(range(node.lineno, node.end_lineno + 1))
    layout = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
    code = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in layout:
            code.update(range(token.start[0], token.end[0] + 1))
    lines = text.splitlines()
    return [lines[n - 1].split("  #")[0].rstrip() for n in sorted(code - strings)]


def test_there_are_six_lessons():
    assert [path.name[6:9] for path in LESSONS] == ["1.0", "2.0", "2.1", "2.2", "3.0", "3.1"]


def docstring_of(path):
    return ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_the_docstring_names_the_lesson_and_tells_how_to_run_it(path):
    """In the same words for all six, or a diff of two neighbours would show it."""
    assert docstring_of(path).startswith(f"Lesson {path.name[6:9]}: ")
    assert "mnist_" not in docstring_of(path)
    (usage,) = {line for path in LESSONS for line in docstring_of(path).splitlines() if "--" in line}
    assert "--text" in usage and "--help" in usage


def test_the_last_lines_run_it_in_a_window_and_as_text_and_a_family_updates_equally_often():
    texts = [path.read_text("utf-8") for path in LESSONS]
    line = r"^{}datavis\.{}(\(training_step, .*\))$"
    windows = [re.findall(line.format("", "animate"), text, re.MULTILINE) for text in texts]
    assert windows == [re.findall(line.format("# ", "print_only"), text, re.MULTILINE) for text in texts]
    assert all(len(calls) == 1 for calls in windows)
    assert windows[1:4] == windows[1:2] * 3 and windows[4:] == windows[4:5] * 2


def test_every_lesson_is_short(path):
    assert len(code_lines(path)) < 80


@pytest.mark.parametrize("family", FAMILIES, ids=["2.x", "3.x"])
def test_neighbours_differ_by_the_lesson_only(family):
    for before, after in zip(family, family[1:]):
        changes = [
            line
            for line in difflib.unified_diff(code_lines(before), code_lines(after), n=0, lineterm="")
            if line[0] in "+-" and line[:3] not in ("+++", "---")
        ]
        assert 4 <= len(changes) <= 40, "\n".join(changes)  # a changed line counts twice, as - and as +


def test_no_lesson_hides_its_maths(path):
    text = path.read_text("utf-8")
    assert not re.search("keras|raw_ops|layers.Dense", text)
    for name in re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE):
        assert name in ("mnistdata", "tensorflowvisu", "tensorflow")


def test_the_commented_line_runs_it_as_text(digits_folder, tmp_path, monkeypatch, capsys):
    """As a learner would: swap the comment sign of the last two lines of code."""
    path = LESSONS[0]
    text = path.read_text("utf-8")
    swapped = re.sub(r"^(datavis\.animate)", r"# \1", text, flags=re.MULTILINE)
    swapped = re.sub(r"^# (datavis\.print_only)", r"\1", swapped, flags=re.MULTILINE)
    assert swapped != text
    (tmp_path / path.name).write_text(swapped, "utf-8")
    monkeypatch.setattr(tensorflowvisu.MnistDataVis, "animate", None)
    run_here(tmp_path / path.name, digits_folder, iterations=1, text=False)
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].startswith("max test accuracy: 0.") and err == ""


# -------------------------------------------------------------------------------------------- what goes wrong


def test_a_rate_that_is_far_too_high_is_shown_as_it_is(digits_folder, tmp_path):
    """Its weights are no numbers any more; that is a picture, not an error."""
    source = LESSONS[0].read_text()
    lesson = tmp_path / "far_too_fast.py"
    lesson.write_text(re.sub(r"(?m)^LEARNING_RATE = [\d.]+", "LEARNING_RATE = 50", source))
    assert lesson.read_text() != source
    options = "--iterations", 60, "--data", digits_folder, "--view", "w", "--save-image", tmp_path / "n.png"
    done = run(lesson, *options, PYTHONPATH=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "loss: nan" in done.stdout and "max test accuracy" in done.stdout.splitlines()[-1]
    assert (tmp_path / "n.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_network_that_finds_no_room_leaves_nothing(digits_folder, tmp_path):
    """Neither a part of it, which would be in the way of the next try, nor a run without its results."""
    limited = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
runpy.run_path(sys.argv[1], run_name="__main__")
"""
    program = tmp_path / "limited.py"
    program.write_text(limited.replace("sys.argv[1]", repr(str(LESSONS[0]))))
    options = "--text", "--iterations", 10, "--data", digits_folder, "--save-network", tmp_path / "network"
    done = run(program, *options, PYTHONPATH=ROOT)
    assert done.returncode == 1 and done.stdout.splitlines()[-1].startswith("max test accuracy")
    assert done.stderr.count("\n") == 1 and "The network is not saved in" in done.stderr
    assert not [path for path in tmp_path.iterdir() if "network" in path.name]
