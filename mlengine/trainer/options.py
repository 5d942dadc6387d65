"""The command line of the trainer."""

import argparse
import json

from startup import Parser, whole_number

EPILOG = """\
A tuning service sets the options --hp-...; it may write 32 as 32.0. On Google Cloud, AIP_MODEL_DIR,
AIP_CHECKPOINT_DIR and AIP_TENSORBOARD_LOG_DIR name the folders, and TF_CONFIG the machines."""

RATES = {  # of each optimizer, the highest learning rate, if none is given
    "sgd": 0.2, "momentum": 0.05, "nesterov": 0.05,
    "adagrad": 0.05, "adadelta": 5.0, "rmsprop": 0.001, "adam": 0.003,
}  # fmt: skip
EPOCHS = 30  # if neither epochs nor steps are given
NOT_INHERITED = ("job_dir", "data", "earlier_job", "search", "trials")  # with --from
TRIALS = 12
DECAYS = ("constant", "exponential", "cosine")


def parse(description, arguments):
    parser = Parser(description, prog="python -m mlengine.trainer.task", epilog=EPILOG)
    add_job_options(parser)
    add_training_options(parser.add_argument_group("training"))
    add_hyperparameters(parser.add_argument_group("hyperparameters"))
    given = parser.parse_args(arguments)
    if given.earlier_job:
        parser.set_defaults(**inherited(given, parser))
    options = parser.parse_args(arguments)
    if options.trials and not options.search:
        parser.error("--trials is for --search")
    if options.search:
        options.trials = options.trials or TRIALS
    return options


def inherited(given, parser):
    """The options of an earlier run, from its job.json, less those that say where."""
    try:
        with open(given.earlier_job, encoding="utf-8") as file:
            earlier = json.load(file)["options"]
        options = {
            name: earlier[name] for name in vars(given) if name in earlier and name not in NOT_INHERITED
        }
    except (OSError, ValueError, KeyError, TypeError) as fault:
        parser.error(f"{given.earlier_job}: not the job.json of an earlier run ({fault})")
    if given.epochs or given.steps:
        options |= {"epochs": None, "steps": None}
    return options


def add_job_options(parser):
    add = parser.add_argument
    add(
        "--job-dir",
        metavar="DIR",
        help="the job's folder, or gs://... (default: mnist-job; of a search: mnist-search)",
    )
    parser.add_data_option()
    add(
        "--from",
        dest="earlier_job",
        metavar="job.json",
        help="take the options of an earlier run; others may follow",
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
    add(
        "--trials",
        type=whole_number(1),
        metavar="N",
        help=f"how many, with --search (default: {TRIALS})",
    )


def add_training_options(group):
    add = group.add_argument
    add(
        "--model", choices=("convolutional", "dense"), default="convolutional",
        help="lesson 3.1's network, grown up, or lesson 2.2's (default: convolutional)",
    )  # fmt: skip
    length = group.add_mutually_exclusive_group()
    length.add_argument(
        "--epochs", type=whole_number(1), metavar="N",
        help=f"how often to see every training digit (default: {EPOCHS})",
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
    def add(name, default, kind, metavar, sense):
        shown = "one that suits the optimizer" if default is None else default
        group.add_argument(
            f"--hp-{name}", default=default, type=kind, metavar=metavar, help=f"{sense} (default: {shown})"
        )

    add("batch", 100, whole(1), "N", "digits in a step, on all devices together")
    add("optimizer", "adam", one_of(*RATES), "NAME", f"how a gradient is used: {', '.join(RATES)}")
    add("rate", None, real(1e-30, 1000), "R", "highest learning rate, reached after a twentieth of the run")
    add("decay", "cosine", one_of(*DECAYS), "NAME", f"how the rate falls from there: {', '.join(DECAYS)}")
    add("clip", 0.0, real(0, 1e9), "NORM", "a longer gradient is made as short as this; 0: none is")
    add("weight-decay", 0.0, real(0, 1), "W", "a step makes each weight smaller by this x the rate")
    for layer, channels in enumerate((32, 40, 48, 64, 80, 96), 1):
        add(f"conv{layer}", channels, whole(1), "N", f"channels of convolution {layer} (convolutional only)")
    add("dense", 200, whole(1), "N", "neurons of the dense layer behind them (convolutional only)")
    add("dropout", 0.4, real(0, 0.95), "P", "share of the neurons that dropout switches off")
    add("turn", 15.0, real(0, 180), "DEGREES", "training digits are turned by up to so much")
    add("slant", 0.15, real(0, 1), "SHARE", "... slanted by up to this share of their height")
    add("scale", 0.15, real(0, 0.9), "SHARE", "... stretched by up to this share, in width and height")
    add("shift", 2.0, real(0, 28), "PIXELS", "... moved by up to so much, right or left, up or down")


def one_of(*names):
    def parse(text):
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(names)}")
        return text

    return parse


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
