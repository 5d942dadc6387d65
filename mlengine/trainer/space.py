"""Which values a search tries: hyperparameters and their ranges, random draws, grids."""

import dataclasses
import itertools
import math
import random
from pathlib import Path

import yaml

from startup import give_up

CONFIG = Path(__file__).parent.parent / "config-hptune.yaml"
LINEAR, LOG, REVERSE_LOG = "UNIT_LINEAR_SCALE", "UNIT_LOG_SCALE", "UNIT_REVERSE_LOG_SCALE"


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A hyperparameter and what it may be: one of some values, or a number of a range."""

    name: str
    values: tuple = ()
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    scale: str = LINEAR

    def at(self, u):
        """The value at `u`, from 0, the lowest or first, to 1, the highest or last."""
        if self.values:
            return self.values[min(int(u * len(self.values)), len(self.values) - 1)]
        low, high = self.low, self.high
        # whole numbers: up to, not including, the next one, so that each is as likely
        top = high + self.whole
        if self.scale == LOG:
            x = low * (top / low) ** u
        elif self.scale == REVERSE_LOG:
            x = low + top - low * (top / low) ** (1 - u)
        else:
            x = low + (top - low) * u
        return min(int(x), high) if self.whole else min(max(float(f"{x:.3g}"), low), high)

    def count(self):
        """How many different values there are."""
        if self.values:
            return len(self.values)
        return self.high - self.low + 1 if self.whole else math.inf


def read(config):
    """The hyperparameters of a tuning config."""
    entries = yaml.safe_load(Path(config).read_text(encoding="utf-8"))["studySpec"]["parameters"]
    return [parameter(config, entry) for entry in entries]


def parameter(config, entry):
    name, scale = entry["parameterId"], entry.get("scaleType", LINEAR)
    for kind in "categorical", "discrete":
        if spec := entry.get(f"{kind}ValueSpec"):
            return Parameter(name, values=tuple(spec["values"]), scale=scale)
    for kind in "integer", "double":
        if spec := entry.get(f"{kind}ValueSpec"):
            low, high = spec["minValue"], spec["maxValue"]
            if "LOG" in scale and low <= 0:
                give_up(f"{config}: {name} has a logarithmic scale, so its minValue must be above 0")
            return Parameter(name, low=low, high=high, whole=kind == "integer", scale=scale)
    give_up(f"{config}: {name} has neither a list of values nor a range")


def draw(parameters, trials, seed):
    """Random values for each trial; the first 8 of 12 trials are those of a study of 8."""
    generator, plan = random.Random(seed), []
    for _ in range(100 * trials):  # there may be fewer different combinations than trials
        values = {p.name: p.at(generator.random()) for p in parameters}
        if values not in plan:
            plan.append(values)
        if len(plan) == trials:
            break
    return plan


def grid(parameters, trials):
    """Every combination of a few evenly spaced values of each; the first hyperparameters get more of them."""
    counts = [1] * len(parameters)
    grown = True
    while grown:
        grown = False
        for k in sorted(range(len(counts)), key=lambda k: counts[k]):
            larger = [*counts[:k], counts[k] + 1, *counts[k + 1 :]]
            if math.prod(larger) <= trials and counts[k] < parameters[k].count():
                counts, grown = larger, True
                break
    axes = [[p.at(j / (n - 1) if n > 1 else 0.5) for j in range(n)] for p, n in zip(parameters, counts)]
    names = [p.name for p in parameters]
    return [dict(zip(names, values)) for values in itertools.product(*axes)]
