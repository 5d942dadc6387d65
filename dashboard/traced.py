"""A TensorFlow network as plain data, operations and weights: webpage/network.js computes with these."""

import sys
from typing import NamedTuple

import numpy as np

import startup
from dashboard.run.handles import as_layers

# what network.js can do: the kinds of operations, and the attributes that it needs
PLAIN = [
    "Abs", "Add", "AddV2", "BiasAdd", "Elu", "Exp", "Log", "Maximum", "Minimum", "Mul", "Neg", "Pow",
    "RealDiv", "Relu", "Relu6", "Rsqrt", "Selu", "Sigmoid", "Softmax", "Softplus", "Sqrt", "Square",
    "SquaredDifference", "Sub", "Tanh",
]  # fmt: skip
KINDS = {
    **dict.fromkeys(PLAIN, ()),
    **dict.fromkeys(["Conv2D", "DepthwiseConv2dNative"], ("strides", "padding", "dilations")),
    **dict.fromkeys(["AvgPool", "MaxPool"], ("ksize", "strides", "padding")),
    **dict.fromkeys(["Max", "Mean", "Sum"], ("axis", "keep_dims")),
    **dict.fromkeys(["ConcatV2", "GatherV2"], ("axis",)),
    **{"FusedBatchNormV3": ["epsilon"], "LeakyRelu": ["alpha"], "MatMul": ["transpose_a", "transpose_b"]},
    **{"Pad": ["paddings"], "Reshape": ["shape"], "Transpose": ["perm"]},
}
LAST_INPUT = {  # for TensorFlow these are inputs
    **dict.fromkeys(["ConcatV2", "GatherV2", "Max", "Mean", "Sum"], "axis"),
    **{"ExpandDims": "shape", "Pad": "paddings", "Reshape": "shape", "Transpose": "perm"},
}
ONLY = {"data_format": b"NHWC", "explicit_paddings": [], "is_training": False, "batch_dims": 0}
SAME = "Identity", "IdentityN", "ReadVariableOp", "StopGradient", "PreventGradient", "EnsureShape"


class Unknown(ValueError):
    """Why the page cannot do this network."""


class Traced(NamedTuple):
    """Values have numbers: 0 is the images; then come the arrays; then what each operation makes."""

    operations: list[dict]  # {"kind": "Conv2D", "of": [numbers of values], "padding": "SAME", ...}
    arrays: list[np.ndarray]  # weights and constants, in 32 bits
    variables: list  # for each array the tf.Variable that it is the value of; None for a constant
    layers: list[int]  # the numbers of what `predict` gives, the probabilities last


class Value:
    """An array, or what an operation makes of other values; the images are neither."""

    def __init__(self, array=None, op=None, of=()):
        self.array, self.op, self.of = array, op, of


def trace(predict, shape):
    """What a network does to images [n, *shape]."""
    if "tensorflow" not in sys.modules:
        raise Unknown("the page can only do networks of TensorFlow")
    tf = startup.start_tensorflow()
    try:
        with startup.no_chatter():
            images = tf.TensorSpec([None, *shape])
            function = tf.function(lambda X: as_layers(predict(X)), autograph=False)
            function = function.get_concrete_function(images)
    except Exception as error:  # whatever other libraries make of a tensor without numbers
        raise Unknown(f"the page can only do networks of TensorFlow ({type(error).__name__})") from error
    variables = {id(variable.handle): variable for variable in function.variables}
    known = [Value(variables.get(id(tensor), tensor)) for tensor in function.captured_inputs]
    found = [Value(), *known]
    layers = follow(tf, function.graph, found.copy(), found)
    needed = {found[0], *layers}
    for value in reversed(found):  # each stands after those that it is made of
        if value in needed:
            needed.update(value.of)
    arrays = [value for value in found if value in needed and value.array is not None]
    made = [value for value in found if value in needed and value.op is not None]
    number = {value: k for k, value in enumerate([found[0], *arrays, *made])}
    return Traced(
        [{**described(tf, value.op), "of": [number[part] for part in value.of]} for value in made],
        [np.asarray(value.array, np.float32) for value in arrays],
        [value.array if isinstance(value.array, tf.Variable) else None for value in arrays],
        [number[layer] for layer in layers],
    )


def follow(tf, graph, inputs, found):
    """What a graph makes of its inputs; each value on the way is added to `found`."""
    values = {tensor.name: value for tensor, value in zip(graph.inputs, inputs)}
    for op in graph.get_operations():
        of = [values[tensor.name] for tensor in op.inputs]
        if "PartitionedCall" in op.type:  # a tf.function inside another
            makes = follow(tf, graph._get_function(op.get_attr("f").name).graph, of, found)
        elif op.type in SAME:
            makes = of
        else:
            array = tf.get_static_value(op.outputs[0]) if op.outputs else None
            of = of[:-1] if op.type in LAST_INPUT else of
            makes = [Value(op=op, of=of) if array is None else Value(array)] * len(op.outputs)
            found += makes[:1]
        for tensor, value in zip(op.outputs, makes):
            values.setdefault(tensor.name, value)  # an input is an operation too
    return [values[tensor.name] for tensor in graph.outputs]


def described(tf, op):
    """An operation's kind and attributes, as plain data."""
    kind = "Reshape" if op.type in ("ExpandDims", "Squeeze") else op.type
    if kind not in KINDS:
        raise Unknown(f"the page cannot do {op.type!r}")
    found = {name: op.get_attr(name) for name in op.node_def.attr}
    for name, value in ONLY.items():
        if found.get(name, value) != value:
            raise Unknown(f"the page cannot do {op.type!r} with {name}={found[name]}")
    if op.type in LAST_INPUT:
        found[LAST_INPUT[op.type]] = tf.get_static_value(op.inputs[-1])
    if kind == "Reshape":
        found["shape"] = [-1 if size is None else size for size in op.outputs[0].shape]
    if any(found[name] is None for name in KINDS[kind]) or found.get("shape", []).count(-1) > 1:
        raise Unknown(f"the page cannot do {op.type!r} with sizes that depend on the images")
    if "axis" in found:  # counted from the first
        found["axis"] = np.ravel(found["axis"]) % op.inputs[0].shape.rank
    found = {name: np.asarray(found[name]).tolist() for name in KINDS[kind]}
    return {"kind": kind, **{k: v.decode() if isinstance(v, bytes) else v for k, v in found.items()}}
