"""limits: where a chart's axes end, and which of its points are drawn."""

import numpy as np
import pytest

from dashboard.panels import limits


def test_the_scale_reads_the_accuracy_of_the_whole_test_set():
    marks = limits.scale_marks(40, 25, 10_000)
    assert marks == pytest.approx({0: 1, 5: 0.98, 10: 0.96, 15: 0.94, 20: 0.92, 25: 0.9})


@pytest.mark.parametrize(
    "x, up", [(0.07, 0.08), (1, 1), (1.01, 1.5), (230, 300), (0, 0), (-3, 0), (np.nan, 0), (np.inf, 0)]
)
def test_limits_are_round(x, up):
    assert limits.round_up(x) == pytest.approx(up)


def test_limits_do_not_flicker():
    values = np.array([0.1] * 9 + [0.95] * 91)
    assert limits.floor_of(values, 0) == 0.9
    values[20:28] = 0.85  # 17 in a hundred hidden: not enough to come down, too many to go up
    assert limits.floor_of(values, 0.9) == 0.9
    assert limits.floor_of(values, 0.8) == 0.8
    end = np.append(values, [0.1] * 20)
    assert limits.floor_of(end, 0.9) == 0, "the end of the curve is always seen"
    nines = np.array([9.0] * 50)
    assert limits.ceiling_of(nines, 0) == limits.ceiling_of(nines, 10) == 10
    assert limits.ceiling_of(np.append(nines, [np.nan] * 50), 10) == 10
    assert limits.ceiling_of(np.array([7.0] * 50), 10) == 10, "not yet far enough below"


def test_thinned_curves_keep_their_peaks():
    y = np.zeros(50_000)
    y[12_345], y[43_210] = 7, -7
    x, thinned = limits.thin(np.arange(50_000.0), y, most=1000)
    assert len(thinned) <= 2100 and thinned.max() == 7 and thinned.min() == -7
    assert abs(x[thinned.argmax()] - 12_345) < 50
