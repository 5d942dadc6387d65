"""What a search has found: trials ranked, as lines, as a table, as a picture."""

import dataclasses
import math
import statistics

BLUE, RED, GREY, LIGHT = "#0060b0", "#d01c2a", "#999999", "#e4e4e4"
TICKS = (  # accuracies
    0.1, 0.2, 0.5, 0.8, 0.9, 0.94, 0.96, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.998, 0.999,
)  # fmt: skip
FAR_BELOW = 12  # times the best trial's errors: a trial with more is not drawn at its accuracy


@dataclasses.dataclass
class Trial:
    """One choice of values. It has an accuracy when it is done, or an error when it has failed."""

    number: int
    values: dict  # name -> value
    accuracy: float | None = None
    seconds: float | None = None
    error: str | None = None

    @property
    def done(self):
        return self.accuracy is not None

    @property
    def failed(self):
        return self.error is not None


def ranking(trials):
    """The trials that are done, best first."""
    return sorted((trial for trial in trials if trial.done), key=lambda trial: -trial.accuracy)


def label(name):
    return name.removeprefix("hp-")


def short(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def line(trial, trials):
    """What is printed when a trial has ended."""
    values = "  ".join(f"{label(name)} {short(value)}" for name, value in trial.values.items())
    count = f"[{sum(other.done or other.failed for other in trials)}/{len(trials)}]"
    if trial.failed:
        return f"{count} trial {trial.number} failed  ({values})  {trial.error}"
    star = "  * the best so far" if ranking(trials)[0] is trial else ""
    return f"{count} trial {trial.number}: {trial.accuracy:.4f}  ({values}){star}"


def table(trials):
    """All trials, best first, the failed ones last."""
    names = list(trials[0].values)
    rows = [["accuracy", *map(label, names), "seconds", "trial"]]
    for trial in [*ranking(trials), *(trial for trial in trials if not trial.done)]:
        accuracy = f"{trial.accuracy:.4f}" if trial.done else "failed"
        seconds = f"{trial.seconds:.0f}" if trial.done else "-"
        rows.append([accuracy, *(short(trial.values[name]) for name in names), seconds, str(trial.number)])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)


def picture(trials, parameters, path):
    """A panel for each hyperparameter, a dot for each trial: its value across, its accuracy upwards."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    best = ranking(trials)[0]
    floor = 1 - FAR_BELOW * (1 - height(best))  # one trial that learned nothing would flatten all others
    shown = [trial for trial in ranking(trials) if trial.accuracy >= floor]
    rest = [trial for trial in trials if trial.failed or trial.done and trial.accuracy < floor]

    columns = len(parameters) if len(parameters) < 4 else math.ceil(len(parameters) / 2)
    rows = math.ceil(len(parameters) / columns)
    figure = Figure(figsize=(12.8, 7.2), layout="constrained")
    figure.get_layout_engine().set(wspace=0.06, hspace=0.08)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).flatten()
    panels[0].set_yscale("logit")  # 90 %, 99 %, 99.9 % are equally far apart, as they are for training
    for panel, parameter in zip(panels, parameters):
        draw_panel(panel, parameter, shown, rest)
    for panel in panels[len(parameters) :]:
        panel.set_visible(False)
    odds = [height(trial) / (1 - height(trial)) for trial in shown]
    bottom, top = min(odds) / 1.6, max(odds) * 1.4
    panels[0].set_ylim(bottom / (1 + bottom), top / (1 + top))

    values = ",  ".join(f"{label(name)} {short(value)}" for name, value in best.values.items())
    figure.suptitle(f"{100 * best.accuracy:.2f} % of the validation digits\n{values}", fontsize=16)
    marks = [
        Line2D([], [], color=RED, marker="*", markersize=15, linestyle="", label="the best trial"),
        Line2D([], [], color=BLUE, marker="o", markersize=9, linestyle="", label="another trial"),
        Line2D([], [], color=GREY, linewidth=2, label="median of those with this value"),
        Line2D([], [], color=GREY, marker="x", linestyle="", label="failed, or far below"),
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=4, frameon=False, fontsize=12)
    figure.savefig(path, format="png", dpi=100)


def draw_panel(panel, parameter, shown, rest):
    """The trials in `shown`, best first, as dots; those in `rest` as crosses at the foot."""
    from matplotlib.ticker import LogLocator

    def across(trial):
        value = trial.values[parameter.name]
        return parameter.values.index(value) if parameter.values else value

    if "LOG" in parameter.scale:
        panel.set_xscale("log")
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.xaxis.set_major_formatter("{x:g}")
        panel.set_xticks([], minor=True)
    by_value = {}
    for trial in shown:
        by_value.setdefault(across(trial), []).append(height(trial))
    if 2 * len(by_value) <= len(shown):  # few values, each tried several times
        medians = sorted((x, statistics.median(heights)) for x, heights in by_value.items())
        panel.plot(*zip(*medians), color=GREY, linewidth=2)
    best, *others = shown
    x, y = [across(trial) for trial in others], [height(trial) for trial in others]
    panel.scatter(x, y, s=80, color=BLUE, alpha=0.7, zorder=2)
    panel.scatter(across(best), height(best), s=320, color=RED, marker="*", zorder=3)
    x, foot = [across(trial) for trial in rest], panel.get_xaxis_transform()
    panel.scatter(x, [0.04] * len(rest), color=GREY, marker="x", transform=foot)

    panel.set_title(label(parameter.name), fontsize=15, loc="left", fontweight="bold")
    panel.set_yticks(TICKS, [f"{100 * accuracy:g} %" for accuracy in TICKS])
    panel.set_yticks([], minor=True)
    if parameter.values:
        panel.set_xticks(range(len(parameter.values)), map(str, parameter.values))
        panel.set_xlim(-0.5, len(parameter.values) - 0.5)
    panel.tick_params(labelsize=12, length=0, which="both")
    panel.grid(axis="y", color=LIGHT)
    panel.set_axisbelow(True)
    panel.spines[["top", "right", "left"]].set_visible(False)


def height(trial):
    return min(max(trial.accuracy, 0.01), 0.9999)  # 0 and 1 are infinitely far away on this scale
