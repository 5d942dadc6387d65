"""The command line of the trainer."""

import argparse
import os

from mlengine.trainer import forms
from startup import Parser, whole_number

EPILOG = """\
A tuning service sets the options --hp-...; it may write 32 as 32.0. On Google Cloud, AIP_MODEL_DIR,
AIP_CHECKPOINT_DIR and AIP_TENSORBOARD_LOG_DIR name the folders, and TF_CONFIG the machines."""

RATES = {  # of each optimizer, the highest learning rate, if none is given
    "sgd": 0.2, "momentum": 0.05, "nesterov": 0.05,
    "adagrad": 0.05, "adadelta": 5.0, "rmsprop": 0.001, "adam": 0.003,
}  # fmt: skip
MODELS = ("convolutional", "dense")
PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
SEARCHES = ("tpe", "grid", "random")
DECAYS = ("constant", "exponential", "cosine")
CHANNELS = (32, 40, 48, 64, 80, 96)  # of each convolution
EPOCHS = 30  # if neither epochs nor steps are given
TRIALS, MOST_TRIALS = 12, 1000
UNSET = {  # help text for defaults computed later
    "job-dir": "mnist-job; of a search: mnist-search", "checkpoint-steps": "an epoch", "trials": TRIALS,
    "epochs": EPOCHS, "hp-rate": "one that suits the optimizer",
}  # fmt: skip
NOT_INHERITED = ("job_dir", "data", "earlier_job", "search", "trials")  # with --from
# that may change before a job resumes: what it learns does not depend on them
MAY_CHANGE = (*NOT_INHERITED, "require_gpu", "checkpoint_steps")
CONVOLUTIONAL_ONLY = {f"hp_conv{k}" for k in range(1, len(CHANNELS) + 1)} | {"hp_dense"}


def parse(description, arguments):
    parser = make_parser(description)
    options = parser.parse_args(arguments)
    if options.earlier_job:
        parser.set_defaults(**inherited(options))
        options = parser.parse_args(arguments)
    if options.trials and not options.search:
        parser.error("--trials is for --search")
    if options.search:
        options.trials = options.trials or TRIALS
        if options.trials > MOST_TRIALS:
            parser.error(f"--trials {options.trials} is more than a search can do: {MOST_TRIALS} at most")
    if options.model == "dense" and (useless := CONVOLUTIONAL_ONLY & given(arguments)):
        parser.error(f"{flag(min(useless))} is for --model convolutional")
    return options


def given(arguments):
    """The names of the options that are on the command line."""
    parser, nothing = make_parser(), object()
    names = vars(parser.parse_args([]))
    options = parser.parse_args(arguments, argparse.Namespace(**dict.fromkeys(names, nothing)))
    return {name for name, value in vars(options).items() if value is not nothing}


def highest_rate(options):
    return options.hp_rate or RATES[options.hp_optimizer]


def flag(name):
    return f"--{name.replace('_', '-')}"


def inherited(options):
    """The options of an earlier run, from its job.json, less those that name places."""
    parser = make_parser()
    parser.prog += f" --from {options.earlier_job}"
    try:
        job = forms.read(options.earlier_job)
    except OSError as error:
        parser.error(error.strerror)
    except ValueError as error:
        parser.error(f"not the job.json of an earlier run ({error})")
    if not forms.has_form(job, {"options": {}}):
        parser.error("not the job.json of an earlier run")
    earlier = {name: value for name, value in job["options"].items() if name in vars(options)}
    if options.epochs or options.steps:
        earlier |= {"epochs": None, "steps": None}
    earlier = {name: value for name, value in earlier.items() if name not in NOT_INHERITED}
    checked = vars(parser.parse_args(as_arguments(earlier, parser)))  # their types and ranges
    return {name: checked[name] for name in earlier}


def as_arguments(options, parser):
    """A command line that gives these options."""
    changed = {name: value for name, value in options.items() if value != parser.get_default(name)}
    return [flag(name) if value is True else f"{flag(name)}={value}" for name, value in changed.items()]


def make_parser(description=None):
    parser = Parser(description, prog="python -m mlengine.trainer.task", epilog=EPILOG)
    add_job_options(parser)
    add_training_options(parser.add_argument_group("training"))
    add_hyperparameters(parser.add_argument_group("hyperparameters"))
    return parser


def adder(group):
    """A function that adds an option with a value, in one line."""

    def add(name, default, kind, metavar, meaning):
        shown = UNSET.get(name, default)
        meaning = meaning if shown is None else f"{meaning} (default: {shown})"
        group.add_argument(f"--{name}", default=default, type=kind, metavar=metavar, help=meaning)

    return add


def add_job_options(parser):
    add, add_other = adder(parser), parser.add_argument
    add("job-dir", None, job_folder, "DIR", "the job's folder, or gs://...")
    parser.add_data_option()
    add_other("--from", dest="earlier_job", metavar="job.json", help="take the options of an earlier run")
    add_other("--require-gpu", action="store_true", help="end at once where TensorFlow sees no GPU")
    add("virtual-devices", 1, whole_number(1), "N", "divide the CPU into N devices, as if they were GPUs")
    add("checkpoint-steps", None, whole_number(1), "N", "save every N steps")
    add("search", None, one_of(*SEARCHES), "KIND", "tpe, which learns from trial to trial, grid or random")
    add("trials", None, whole_number(1), "N", "how many, with --search")


def add_training_options(group):
    add, add_length = adder(group), adder(group.add_mutually_exclusive_group())
    add("model", MODELS[0], one_of(*MODELS), "NAME", "convolutional or dense: lesson 3.1's, larger, or 2.2's")
    add_length("epochs", None, whole_number(1), "N", "how often to see every training digit")
    add_length("steps", None, whole_number(1), "N", "the same in batches")
    add("early-stopping", 0, whole_number(0), "N", "stop after N epochs without improvement; 0: never")
    add("plateau", 0, whole_number(0), "N", "halve the rate after N epochs without improvement; 0: never")
    add("seed", 0, whole_number(0), "N", "other random numbers")
    add("precision", "float32", one_of(*PRECISIONS), "NAME", f"{', '.join(PRECISIONS)}; 16 bits are for GPUs")


def add_hyperparameters(group):
    add = adder(group)
    add("hp-batch", 100, whole(100_000), "N", "digits in a step, on all devices together")
    add("hp-optimizer", "adam", one_of(*RATES), "NAME", f"how a gradient is used: {', '.join(RATES)}")
    add("hp-rate", None, real(1e-30, 1000), "R", "highest learning rate, after a twentieth of the run")
    add("hp-decay", "cosine", one_of(*DECAYS), "NAME", f"how the rate falls from there: {', '.join(DECAYS)}")
    add("hp-clip", 0.0, real(0, 1e9), "NORM", "longer gradients are scaled down to this length; 0: none")
    add("hp-weight-decay", 0.0, real(0, 1), "W", "a step makes each weight smaller by this x the rate")
    for k, channels in enumerate(CHANNELS, 1):
        add(f"hp-conv{k}", channels, whole(10_000), "N", f"channels of convolution {k} (convolutional only)")
    add("hp-dense", 200, whole(1_000_000), "N", "neurons of the dense layer behind them (convolutional only)")
    add("hp-dropout", 0.4, real(0, 0.95), "P", "share of the neurons that dropout switches off")
    add("hp-turn", 15.0, real(0, 180), "DEGREES", "training digits are turned by up to this angle")
    add("hp-slant", 0.15, real(0, 1), "SHARE", "... slanted by up to this share of their height")
    add("hp-scale", 0.15, real(0, 0.9), "SHARE", "... stretched by up to this share, in width and height")
    add("hp-shift", 2.0, real(0, 28), "PIXELS", "... moved by up to this distance, in both directions")


def job_folder(name):
    """The type of an option: a folder of this machine, or of a bucket."""
    if "://" in name and not name.startswith("gs://"):
        raise argparse.ArgumentTypeError(f"{name!r} is neither a folder of this machine nor gs://...")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(f"{name!r} is not UTF-8") from None
    return os.path.expanduser(name)


def one_of(*names):
    """The type of an option: one of these words."""

    def parse(text):
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(names)}")
        return text

    return parse


def whole(most):
    """The type of an option: a whole number from 1; a tuning service may write 32 as 32.0."""

    def parse(text):
        value = whole_number(1)(text.removesuffix(".0"))
        if value > most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {most:,}")
        return value

    return parse


def real(least, most):
    """The type of an option: a number of this range."""

    def parse(text):
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:g} to {most:g}")
        return value

    return parse
