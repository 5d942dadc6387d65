"""traced, webpage/network.js: what a page makes of a digit is what TensorFlow makes of it."""

import base64
import re
import sys

import numpy as np
import pytest
from conftest import LESSONS, find_mnist
from processes import ROOT
from test_lessons import untrained

import mnistdata
from dashboard import networks, traced
from dashboard.run.handles import as_layers
from docs.make import edits

tf = pytest.importorskip("tensorflow")

SCRIPT = (ROOT / "dashboard" / "webpage" / "network.js").read_text("utf-8")
SHAPE = 28, 28, 1
NEAR = 1e-4  # probabilities
READ = """
const read = ({shape, data}) =>
    ({shape, data: new Float32Array(Uint8Array.from(atob(data), c => c.charCodeAt(0)).buffer)});
"""
ASK = """
const [graph, arrays, images] = arguments, all = values(graph, arrays.map(read), read(images));
return graph.layers.map(k => ({shape: all[k].shape, data: Array.from(all[k].data, String)}));
"""


@pytest.fixture(scope="module")
def page(browser):
    """Asks a traced network in Chromium: its layers, or some of them, for these images."""
    browser.get("about:blank")
    add = "document.head.append(Object.assign(document.createElement('script'), {textContent: arguments[0]}))"
    browser.execute_script(add, SCRIPT + READ)

    def ask(network, images, layers=slice(None)):
        graph = {"operations": network.operations, "layers": network.layers[layers]}
        answer = browser.execute_script(ASK, graph, list(map(as_text, network.arrays)), as_text(images))
        return [np.array(layer["data"], np.float32).reshape(layer["shape"]) for layer in answer]

    ask.known = set(browser.execute_script("return Object.keys(OPERATIONS)"))
    return ask


def as_text(array):
    array = np.asarray(array, np.float32)
    return {"shape": array.shape, "data": base64.b64encode(array.tobytes()).decode()}


@pytest.fixture(scope="module")
def mnist(digits_folder):
    return mnistdata.read_data_sets(find_mnist() or digits_folder, seed=0)


@pytest.fixture
def learn(mnist, digits_folder, monkeypatch):
    """A script's `predict` after a few steps downhill, and its weights and biases."""

    def learn(path):
        names = untrained(path, digits_folder)
        variables = names["weights"] + names["biases"]
        for _ in range(5):
            X, Y_ = (array[0] for array in mnist.train.next_batches(1, 100))
            for variable, gradient in zip(variables, names["gradient"](X, Y_)):
                variable.assign_sub(0.001 * gradient)
        tf.config.run_functions_eagerly(False)
        return names["datavis"].handles.networks[""], variables

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])  # a GPU: without XLA
    tf.config.run_functions_eagerly(True)  # to compile five steps would take seconds
    yield learn
    tf.config.run_functions_eagerly(False)


def difference(page, network, predict, images):
    """The largest one between the probabilities of a page and TensorFlow's."""
    (answer,) = page(network, images, slice(-1, None))
    return float(np.abs(answer - as_layers(predict(images))[-1]).max())


# ------------------------------------------------------------------------------------------------- networks


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[6:9])
def test_a_lessons_network_answers_as_in_tensorflow(path, page, mnist, learn):
    predict, variables = learn(path)
    network = traced.trace(predict, SHAPE)
    assert len(network.variables) == len(variables)
    assert all(any(known is variable for known in network.variables) for variable in variables)
    assert len(network.layers) == len(variables) // 2
    found = difference(page, network, predict, mnist.test.images[:100])  # 1,000: test_learned
    print(f"\n{path.name[6:9]}: {found:.1e} is the largest difference")
    assert found < NEAR
    for layer, expected in zip(
        page(network, mnist.test.images[:5]), as_layers(predict(mnist.test.images[:5]))
    ):
        np.testing.assert_allclose(layer, expected, atol=1e-4)


def network_of(script):
    """The lines that say what the network of a script is: sizes, weights and biases, the model.

    Two that differ by a rate only are one.
    """
    lines = script[script.index("\nBATCH =") : script.index("\ndef cross_entropy")]
    return tuple(re.findall(r"^(?:[A-Z]\d?\b|def model| ).*?(?=$|  #)", lines, re.MULTILINE))


def exercises():
    """One for each network that no lesson has."""
    found = {network_of(path.read_text("utf-8")): None for path in LESSONS}
    for exercise in edits.exercises().values():
        found.setdefault(network_of(exercise.script), exercise)
    return [exercise for exercise in found.values() if exercise]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", exercises(), ids=lambda exercise: exercise.name)
def test_an_exercises_network_answers_as_in_tensorflow(exercise, page, mnist, learn, tmp_path):
    path = tmp_path / f"my_{exercise.name}.py"
    path.write_text(exercise.script, "utf-8")
    predict, _ = learn(path)
    found = difference(page, traced.trace(predict, SHAPE), predict, mnist.test.images[:1000])
    print(f"\n{exercise.name}: {found:.1e} is the largest difference")
    assert found < NEAR


def keras_model():
    layers = tf.keras.layers
    return tf.keras.Sequential(
        [
            layers.Input(SHAPE),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPool2D(),
            layers.Dropout(0.5),
            layers.ZeroPadding2D(),
            layers.DepthwiseConv2D(3, strides=2, activation="leaky_relu"),
            layers.AveragePooling2D(2, padding="same"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def test_a_keras_model_at_another_time_of_its_training(page, mnist):
    """The page has the operations once, and the arrays of many moments."""
    model = keras_model()
    network = traced.trace(model, SHAPE)
    random = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(random.uniform(0.1, 1, weight.shape))
    then = [
        array if variable is None else variable.numpy()
        for array, variable in zip(network.arrays, network.variables)
    ]
    images = mnist.test.images[:10]
    assert difference(page, network, model, images) > 0.01
    assert difference(page, network._replace(arrays=then), model, images) < NEAR


def test_a_saved_network_of_compiled_functions(page, mnist, tmp_path):
    W = tf.Variable(tf.random.truncated_normal([784, 10], seed=0))

    @tf.function(jit_compile=True)
    def layer(X):
        return [tf.reshape(X, [-1, 784]), tf.reshape(X, [-1, 784]) @ W]

    networks.save(lambda X: tf.nn.softmax(layer(X)[1] * 0.5), tmp_path / "network", SHAPE)
    functions, (shape, _) = networks.load({"saved": tmp_path / "network"})
    network = traced.trace(functions["saved"], shape)
    assert [operation["kind"] for operation in network.operations] == ["Reshape", "MatMul", "Mul", "Softmax"]
    assert difference(page, network, functions["saved"], mnist.test.images[:10]) < NEAR


# ----------------------------------------------------------------------------------------------- operations


def some_of_each_kind():
    """What may be done to images [n, 7, 6, 3], by kind of operation."""
    random = np.random.default_rng(0)
    row, plane, V, W, P = (
        tf.constant(random.uniform(*limits, shape), tf.float32)
        for *limits, shape in [
            (0.5, 2, [3]), (0.5, 2, [7, 1, 3]),
            (-1, 1, [3, 126]), (-1, 1, [3, 2, 3, 4]), (-1, 1, [3, 3, 3, 2]),
        ]
    )  # fmt: skip
    raw, nn = tf.raw_ops, tf.nn

    def flat(X):
        return tf.reshape(X, [-1, 126])

    return {
        "Abs": [tf.abs],
        "Add": [lambda X: raw.Add(x=X, y=row)],
        "AddV2": [lambda X: X + 1, lambda X: row + X, lambda X: plane + X, lambda X: plane + row + X + X],
        "AvgPool": [
            lambda X: nn.avg_pool2d(X, 3, 2, "SAME"),
            lambda X: nn.avg_pool2d(X, [2, 3], [1, 2], "VALID"),
        ],
        "BiasAdd": [lambda X: nn.bias_add(X, row)],
        "ConcatV2": [lambda X: tf.concat([X, -X, X], -1), lambda X: tf.concat([X, X * row], 1)],
        "Conv2D": [
            lambda X: nn.conv2d(X, W, 1, "SAME"),
            lambda X: nn.conv2d(X, W, [2, 3], "SAME"),
            lambda X: nn.conv2d(X, W, 2, "VALID"),
            lambda X: nn.conv2d(X, W, 1, "SAME", dilations=[2, 3]),
        ],
        "DepthwiseConv2dNative": [
            lambda X: nn.depthwise_conv2d(X, P, [1, 1, 1, 1], "SAME"),
            lambda X: nn.depthwise_conv2d(X, P, [1, 2, 2, 1], "VALID"),
        ],
        "Elu": [nn.elu],
        "Exp": [tf.exp],
        "FusedBatchNormV3": [
            lambda X: raw.FusedBatchNormV3(
                x=X,
                scale=row,
                offset=row + 1,
                mean=row - 1,
                variance=row * row,
                epsilon=0.1,
                is_training=False,
            )[0]
        ],
        "GatherV2": [
            lambda X: tf.gather(X, [6, 0, 0, 3], axis=1),
            lambda X: tf.gather(flat(X), [[5, 1], [125, 0]], axis=-1),
        ],
        "LeakyRelu": [nn.leaky_relu, lambda X: nn.leaky_relu(X, 0.01)],
        "Log": [lambda X: tf.math.log(abs(X))],
        "MatMul": [
            lambda X: flat(X) @ tf.transpose(V),
            lambda X: tf.matmul(flat(X), V, transpose_b=True),
            lambda X: tf.matmul(flat(X), flat(X) * 2, transpose_a=True),
        ],
        "Max": [lambda X: tf.reduce_max(X, -1), lambda X: tf.reduce_max(X, [1, 2], keepdims=True)],
        "MaxPool": [lambda X: nn.max_pool2d(X, 2, 2, "SAME"), lambda X: nn.max_pool2d(X, 3, 1, "VALID")],
        "Maximum": [lambda X: tf.maximum(X, row)],
        "Mean": [lambda X: tf.reduce_mean(X, [1, 2]), lambda X: tf.reduce_mean(X, -2, keepdims=True)],
        "Minimum": [lambda X: tf.minimum(X, row)],
        "Mul": [lambda X: X * plane],
        "Neg": [lambda X: -X],
        "Pad": [lambda X: tf.pad(X, [[0, 0], [1, 2], [0, 3], [1, 0]])],
        "Pow": [lambda X: abs(X) ** row, lambda X: X**3],
        "RealDiv": [lambda X: row / X],
        "Relu": [nn.relu],
        "Relu6": [lambda X: nn.relu6(10 * X)],
        "Reshape": [
            flat,
            lambda X: tf.reshape(X, [tf.shape(X)[0], 42, 3]),
            lambda X: tf.squeeze(tf.expand_dims(X, -1), [4]),
        ],
        "Rsqrt": [lambda X: tf.math.rsqrt(abs(X))],
        "Selu": [nn.selu],
        "Sigmoid": [nn.sigmoid, lambda X: nn.sigmoid(100 * X)],
        "Softmax": [nn.softmax, lambda X: nn.softmax(100 * X)],
        "Softplus": [nn.softplus, lambda X: nn.softplus(100 * X)],
        "Sqrt": [lambda X: tf.sqrt(abs(X))],
        "Square": [tf.square],
        "SquaredDifference": [lambda X: tf.math.squared_difference(X, row)],
        "Sub": [lambda X: row - X],
        "Sum": [lambda X: tf.reduce_sum(X, 1), lambda X: tf.reduce_sum(X, [-1, 1])],
        "Tanh": [tf.tanh],
        "Transpose": [lambda X: tf.transpose(X, [0, 3, 1, 2])],
    }


def test_every_operation_gives_what_it_gives_in_tensorflow(page):
    made = [(kind, f) for kind, functions in some_of_each_kind().items() for f in functions]
    network = traced.trace(lambda X: [f(X) for _, f in made], [7, 6, 3])
    images = np.random.default_rng(0).normal(size=[2, 7, 6, 3]).astype(np.float32)
    answers = page(network, images)
    for (kind, function), answer, layer in zip(made, answers, network.layers, strict=True):
        expected = function(tf.constant(images)).numpy()
        assert answer.shape == expected.shape, kind
        np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-5, err_msg=kind)
        assert network.operations[layer - 1 - len(network.arrays)]["kind"] == kind


def test_both_sides_know_the_same_operations(page):
    assert page.known == set(traced.KINDS) == set(some_of_each_kind())


def test_what_is_known_before_the_images_is_no_operation():
    scale = tf.Variable([2.0])

    def predict(X):
        Y = tf.reshape(tf.nn.dropout(tf.identity(X), 0.0), [-1, tf.size(tf.zeros([4, 7]))])
        tf.exp(Y)  # for nothing
        return tf.stop_gradient(Y) * scale + tf.cast(tf.range(28), tf.float32)

    network = traced.trace(predict, SHAPE)
    assert network.operations == [
        {"kind": "Reshape", "of": [0], "shape": [-1, 28]},
        {"kind": "Mul", "of": [3, 1]},
        {"kind": "AddV2", "of": [4, 2]},
    ]
    assert [array.tolist() for array in network.arrays] == [[2.0], list(range(28))]
    assert network.variables[0] is scale and network.variables[1] is None
    assert network.layers == [5]


@pytest.mark.parametrize(
    "predict, words",
    [
        (lambda X: tf.sin(X), "'Sin'"),
        (lambda X: tf.numpy_function(np.sin, [X], tf.float32), "'PyFunc'"),
        (lambda X: tf.cond(tf.reduce_sum(X) > 0, lambda: X, lambda: -X), "'Greater'"),
        (
            lambda X: tf.nn.conv2d(X, tf.ones([3, 3, 1, 1]), 1, [[0, 0], [1, 1], [1, 1], [0, 0]]),
            "explicit_paddings",
        ),
        (lambda X: tf.reshape(X, [tf.shape(X)[0] * 4, 7, -1]), "'Reshape' with sizes"),
        (lambda X: np.exp(X), "of TensorFlow"),
        (lambda X: X.reshape(len(X), -1), "of TensorFlow"),
    ],
)
def test_what_the_page_cannot_do_is_said(predict, words):
    with pytest.raises(traced.Unknown, match=f"^the page can.*{words}"):
        traced.trace(predict, SHAPE)


def test_without_tensorflow_it_is_not_even_imported(monkeypatch):
    monkeypatch.delitem(sys.modules, "tensorflow")
    with pytest.raises(traced.Unknown, match="of TensorFlow"):
        traced.trace(lambda X: X, SHAPE)
    assert "tensorflow" not in sys.modules
