"""Saves trained networks, loads them, and puts them on a page."""

import os
import sys
from pathlib import Path

import startup
from dashboard import traced
from dashboard.run import diagnosis
from dashboard.run.handles import as_layers
from dashboard.run.run import Run
from dashboard.webpage import network, page, record


def save(predict, folder, shape):
    """A SavedModel: what TensorFlow needs to call `predict` again, without the script that it stands in."""
    tf = startup.start_tensorflow()
    module = tf.Module()
    images = tf.TensorSpec([None, *shape])
    module.predict = tf.function(lambda X: as_layers(predict(X))[-1], input_signature=[images])
    module.numbers = module.predict.get_concrete_function().variables
    with startup.atomic_write(Path(folder)) as unfinished, startup.no_chatter():
        tf.saved_model.save(module, os.fspath(unfinished))


def save_page(path, title, run, handles, view="0"):
    """The run, and its network if a page can do what it does, in one file for a browser."""
    made, reason = [], "The program gave no predict(X)."
    for name, predict in handles.networks.items():
        try:
            graph = traced.trace(predict, run.shape)
        except traced.Unknown as error:
            reason = f"The network cannot be asked here: {error}."
            print(f"{path} is without the network: {error}.", file=sys.stderr)
        else:
            made.append(network.of_network(name, graph, handles.state, run.networks))
    told = diagnosis.told(run, handles.dead_layers)
    page.write(path, title, run, made, {**record.of_run(run, told), "view": view}, reason)


def save_comparison(path, title, folders):
    """Saved networks on a page, side by side."""
    functions, (shape, classes) = load({folder: folder for folder in folders})
    run = Run(shape=shape, classes=classes)
    names = [Path(name).name for name in functions]
    traces = [traced.trace(predict, shape) for predict in functions.values()]
    page.write(path, title, run, list(map(network.of_network, names, traces)))


def load(folders):
    """Saved networks, {name: folder} -> {name: predict}; the shape of their images, and how many classes."""
    tf = startup.start_tensorflow()
    functions, kinds = {}, set()
    for name, folder in folders.items():
        try:
            with startup.no_chatter():
                network = tf.saved_model.load(os.fspath(folder))
        except Exception as error:  # whatever TensorFlow makes of damaged files
            reason = str(error).strip().split("\n")[0]
            raise ValueError(f"{str(folder)!r}: the network cannot be loaded ({reason})") from None
        if not hasattr(network, "predict"):
            raise ValueError(f"{str(folder)!r} is no network that --save-network has saved")
        (graph,) = network.predict.concrete_functions
        kinds.add((tuple(graph.inputs[0].shape[1:]), graph.output_shapes[1]))
        functions[name] = lambda X, network=network: network.predict(X)  # the network holds the weights
    if len(kinds) > 1:
        raise ValueError("these networks read images of different sizes, or know different classes")
    return functions, kinds.pop()
