"""The command line of the trainer."""

import argparse
import json

from tensorflowvisu import OneLineParser, whole_number

EPILOG = """\
A tuning service sets the options --hp-...; it may write 32 as 32.0. On Google Cloud, AIP_MODEL_DIR,
AIP_CHECKPOINT_DIR and AIP_TENSORBOARD_LOG_DIR name the folders, and TF_CONFIG the machines."""


def parse(description, arguments):
    parser = OneLineParser(
        prog="python -m mlengine.trainer.task",
        description=description,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_job_options(parser)
    add_training_options(parser.add_argument_group("training"))
    add_hyperparameters(parser.add_argument_group("hyperparameters"))
    repeated, _ = parser.parse_known_args(arguments)
    if repeated.repeat:
        parser.set_defaults(**options_of(repeated.repeat, parser))
    options = parser.parse_args(arguments)
    if options.search and options.trials is None:
        options.trials = 12
    return options


def options_of(path, parser):
    """Those of an earlier run, from its job.json."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)["options"]
        known = vars(parser.parse_args([]))
        return {name: found[name] for name in known if name in found}
    except (OSError, ValueError, KeyError, TypeError) as fault:
        parser.error(f"{path}: not the job.json of an earlier run ({fault})")


def add_job_options(parser):
    add = parser.add_argument
    add("--job-dir", metavar="DIR", help="the job's folder, or gs://... (default: mnist-job)")
    add(
        "--data", metavar="DIR",
        help="a folder with MNIST's four files or mnist.npz, or 'synthetic' for the built-in digits "
        "(default: MNIST_DATA in the environment, else MNIST, downloaded once)",
    )  # fmt: skip
    add(
        "--from", dest="repeat", metavar="job.json", help="take the options of an earlier run from its folder"
    )
    add("--require-gpu", action="store_true", help="end at once where TensorFlow sees no GPU")
    add(
        "--virtual-devices", type=whole_number(1), default=1, metavar="N",
        help="divide the CPU into N devices, to try what several GPUs would do",
    )  # fmt: skip
    add(
        "--checkpoint-steps", type=whole_number(1), metavar="N", help="save every N steps (default: an epoch)"
    )
    add(
        "--search",
        choices=("grid", "random"),
        help="try the hyperparameters in config-hptune.yaml, on this machine",
    )
    add("--trials", type=whole_number(1), metavar="N", help="how many, with --search (default: 12)")


def add_training_options(group):
    add = group.add_argument
    add(
        "--model", choices=("convolutional", "dense"), default="convolutional",
        help="lesson 3.1's network, grown up, or lesson 2.2's (default: convolutional)",
    )  # fmt: skip
    length = group.add_mutually_exclusive_group()
    length.add_argument(
        "--epochs", type=whole_number(1), default=36, metavar="N",
        help="how often to see every training digit (default: 36)",
    )  # fmt: skip
    length.add_argument("--steps", type=whole_number(1), metavar="N", help="the same in batches")
    add(
        "--early-stopping", type=whole_number(0), default=0, metavar="N",
        help="stop after N epochs without a better moment (default: 0, never)",
    )  # fmt: skip
    add(
        "--plateau", type=whole_number(0), default=0, metavar="N",
        help="halve the rate after N epochs without a better moment (default: 0, never)",
    )  # fmt: skip
    add("--seed", type=whole_number(0), default=0, metavar="N", help="other random numbers (default: 0)")
    add(
        "--precision", choices=("float32", "mixed_float16", "mixed_bfloat16"), default="float32",
        help="compute in 16 bits where that is enough, faster on GPUs: float16 on all of today's, bfloat16 "
        "on those since 2020 (default: float32)",
    )  # fmt: skip


def add_hyperparameters(group):
    def add(name, kind, default, sense, **more):
        group.add_argument(
            f"--hp-{name}", type=kind, default=default, help=f"{sense} (default: {default})", **more
        )

    add("batch", whole(1), 100, "digits in a step, on all devices together", metavar="N")
    add(
        "optimizer", str, "adam", "how a gradient becomes a step",
        choices=("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam"),
    )  # fmt: skip
    add(
        "rate",
        real(0, 1000),
        0.003,
        "highest learning rate, reached after a twentieth of the run",
        metavar="R",
    )
    add(
        "decay", str, "cosine", "how the rate falls: by a cosine to 0, exponentially to a 150th, or not",
        choices=("constant", "exponential", "cosine"),
    )  # fmt: skip
    add(
        "clip",
        real(0, 1e9),
        0.0,
        "longest gradient; a longer one is made shorter; 0: no limit",
        metavar="NORM",
    )
    for layer, channels in enumerate((16, 32, 32, 64, 64), 1):
        add(f"conv{layer}", whole(1), channels, f"channels of convolution {layer}", metavar="N")
    add("dense", whole(1), 200, "neurons of the dense layer behind them", metavar="N")
    add("dropout", real(0, 0.95), 0.25, "share of the neurons that dropout switches off", metavar="P")
    add("turn", real(0, 180), 10.0, "training digits are turned by up to so many degrees", metavar="DEGREES")
    add("shift", real(0, 28), 2.0, "... moved by up to so many pixels", metavar="PIXELS")
    add(
        "scale",
        real(0, 0.9),
        0.1,
        "... stretched by up to this share, in width and in height",
        metavar="SHARE",
    )


def whole(least):
    def parse(text):
        return whole_number(least)(text.removesuffix(".0"))

    return parse


def real(least, most):
    def parse(text):
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:g} to {most:g}")
        return value

    return parse
