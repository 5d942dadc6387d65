"""What a search has found: lines, a table, a picture."""

import numpy as np
from optuna.trial import TrialState

from mlengine.trainer.space import as_text

FAR_BELOW = 12  # times the best trial's errors: a trial with more is not drawn, it would flatten the others


def label(name):
    return name.removeprefix("hp-")


def line(study, number):
    """What is printed when a trial has ended."""
    trial = study.trials[number]
    values = "  ".join(f"{label(name)} {as_text(value)}" for name, value in trial.params.items())
    if trial.state == TrialState.FAIL:
        return f"trial {number + 1} failed  ({values})  {trial.user_attrs['error']}"
    best = [other.number for other in study.best_trials] == [number]
    note = "  * the best so far" if best else "  stopped early" if trial.state == TrialState.PRUNED else ""
    return f"trial {number + 1}: {trial.value:.4f}  ({values}){note}"


def table(study):
    """All trials, best first, then those that were stopped early, the failed ones last."""
    states = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL]
    trials = study.get_trials(states=states)
    trials.sort(key=lambda trial: (states.index(trial.state), -(trial.value or 0)))
    names = list(trials[0].params)
    rows = [["accuracy", *map(label, names), "seconds", "trial"]]
    for trial in trials:
        values = (as_text(trial.params[name]) for name in names)
        accuracy = "failed" if trial.state == TrialState.FAIL else f"{trial.value:.4f}"
        seconds = "stopped" if trial.state == TrialState.PRUNED else trial.user_attrs.get("seconds", "-")
        rows.append([accuracy, *values, str(seconds), str(trial.number + 1)])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows)


def picture(study, path):
    """Optuna's own: a panel for each hyperparameter, a dot for each trial; the later, the darker."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from optuna.visualization.matplotlib import plot_slice

    axes = np.ravel(plot_slice(study, target_name="accuracy of the validation digits"))
    best, lowest = study.best_value, min(trial.value for trial in study.trials if trial.value is not None)
    margin = (1 - best) / 4
    axes[0].set_ylim(max(lowest - margin, 1 - FAR_BELOW * (1 - best) - margin), best + margin + 1e-4)
    figure = axes[0].figure
    figure.set_size_inches(4.2 * len(axes), 4.8)  # room for words below a panel
    figure.suptitle(f"{best:.4f} is the best")
    figure.axes[-1].yaxis.set_major_locator(pyplot.MaxNLocator(integer=True))
    figure.axes[-1].yaxis.set_major_formatter(lambda number, _: f"{number + 1:g}")  # Optuna counts from 0
    figure.savefig(path, format="png", dpi=100, bbox_inches="tight")
    pyplot.close("all")
