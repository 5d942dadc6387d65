"""Which values a search may try: the ranges in config-hptune.yaml, the file of the cloud's tuning service."""

from pathlib import Path

import numpy as np
import yaml
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from mlengine.trainer import forms
from mlengine.trainer import options as command_line
from startup import give_up

CONFIG = Path(__file__).parent.parent / "config-hptune.yaml"
LINEAR, LOG = "UNIT_LINEAR_SCALE", "UNIT_LOG_SCALE"
KINDS = {
    "categoricalValueSpec": {"values"}, "discreteValueSpec": {"values"},
    "integerValueSpec": {"minValue", "maxValue"}, "doubleValueSpec": {"minValue", "maxValue"},
}  # fmt: skip


def read(config):
    """The range of each hyperparameter, by name, as Optuna has it."""
    try:
        content = yaml.safe_load(Path(config).read_text(encoding="utf-8"))
        if not forms.has_form(content, {"studySpec": {"parameters": [{"parameterId": ""}]}}):
            raise ValueError("no studySpec with a list of parameters, each with a parameterId")
        entries = content["studySpec"]["parameters"]
        ranges = {entry["parameterId"]: distribution(entry) for entry in entries}
        if len(ranges) < len(entries):
            raise ValueError("a parameterId is there twice")
        return ranges
    except (OSError, ValueError, yaml.YAMLError) as error:
        give_up(f"{config}: {' '.join(str(error).split())}")


def distribution(entry):
    name, kinds = entry["parameterId"], entry.keys() - {"parameterId", "scaleType"}
    try:
        if len(kinds) != 1 or not kinds <= KINDS.keys():
            raise ValueError(f"not exactly one of {', '.join(KINDS)}")
        [kind] = kinds
        if not isinstance(entry[kind], dict) or entry[kind].keys() != KINDS[kind]:
            raise ValueError(f"{kind} needs {' and '.join(sorted(KINDS[kind]))}, and nothing else")
        if entry.get("scaleType", LINEAR) not in (LINEAR, LOG):
            raise ValueError(f"the scaleType is neither {LINEAR} nor {LOG}")
        if "values" in entry[kind]:
            if not isinstance(entry[kind]["values"], list):
                raise ValueError("values is not a list")
            return CategoricalDistribution([as_option(name, value) for value in entry[kind]["values"]])
        low, high = (as_option(name, entry[kind][end]) for end in ("minValue", "maxValue"))
        made = IntDistribution if kind == "integerValueSpec" else FloatDistribution
        if type(low) is not (int if made is IntDistribution else float):
            raise ValueError(f"the trainer's --{name} does not take the numbers of a {kind}")
        return made(low, high, log=entry.get("scaleType") == LOG)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def as_option(name, value):
    """The value as the trainer takes it: 1e-4, which YAML reads as text, is a number then."""

    def refuse(message):
        raise ValueError(message)

    parser = command_line.make_parser()
    parser.error = refuse
    if not name.startswith("hp-"):
        refuse("the names of hyperparameters begin with hp-")
    return vars(parser.parse_args([f"--{name}={value}"]))[name.replace("-", "_")]


def as_text(value):
    """As a trial gets it, and as it is printed: three digits are enough."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def choose(trial, ranges):
    """Optuna's choice for each hyperparameter; what a trial has already, it keeps."""
    for name, found in ranges.items():
        if isinstance(found, CategoricalDistribution):
            trial.suggest_categorical(name, found.choices)
        elif isinstance(found, IntDistribution):
            trial.suggest_int(name, found.low, found.high, log=found.log)
        else:
            trial.suggest_float(name, found.low, found.high, log=found.log)


def grid(ranges, trials):
    """As many evenly spaced values of each as give no more combinations than trials."""
    count = int(trials ** (1 / len(ranges)) + 1e-9)
    if count < 2:
        give_up(
            f"a grid of {len(ranges)} hyperparameters needs {2 ** len(ranges)} trials, two values of each: "
            "give some of them a value, as --hp-batch=100, or --trials a larger one"
        )
    return {name: evenly_spaced(found, count) for name, found in ranges.items()}


def evenly_spaced(found, count):
    """So many values, from the first or lowest to the last or highest."""
    if isinstance(found, CategoricalDistribution):
        return [
            found.choices[k]
            for k in sorted({round(x) for x in np.linspace(0, len(found.choices) - 1, count)})
        ]
    spaced = (np.geomspace if found.log else np.linspace)(found.low, found.high, count)
    if isinstance(found, IntDistribution):
        return sorted({round(x) for x in spaced})
    return [found.low, *(float(as_text(x)) for x in spaced[1:-1].tolist()), found.high]
