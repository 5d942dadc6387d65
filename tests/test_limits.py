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
    nines = np.array([9.0] * 50)
    assert limits.ceiling_of(nines, 0) == limits.ceiling_of(nines, 10) == 10
    assert limits.ceiling_of(np.append(nines, [np.nan] * 50), 10) == 10
    assert limits.ceiling_of(np.array([7.0] * 50), 10) == 10, "not yet far enough below"


@pytest.mark.parametrize("best, top", [
    (0, 0.95), (0.9499, 0.95), (0.95, 0.98), (0.981, 0.99), (0.9985, 1), (1, 1), (np.nan, 0.95),
])  # fmt: skip
def test_the_accuracys_axis_ends_above_the_best_so_far(best, top):
    assert limits.top_of(np.array([0.1, best, 0.5])) == top


def test_errors_halve_at_equal_distances():
    """98 and 99 % are as far apart as 80 and 90."""
    heights = limits.stretched(np.array([0.8, 0.9, 0.98, 0.99]))
    assert heights[3] - heights[2] == pytest.approx(heights[1] - heights[0], rel=0.15)
    assert limits.unstretched(heights) == pytest.approx([0.8, 0.9, 0.98, 0.99])
    assert np.isfinite(limits.stretched(np.array([0, 1, 1.0000001]))).all(), "an error of 0 has a place too"


def test_a_smoothed_curve_is_a_mean_that_ends_with_the_curve():
    line = np.arange(100.0)
    assert len(limits.smoothed(line, 25)) == 100 and len(limits.smoothed(line[:0], 25)) == 0
    assert limits.smoothed(line, 25)[:80] == pytest.approx(line[:80]), "not shifted to one side"
    noisy = line + np.where(np.arange(100) % 2, 10, -10)
    assert np.abs(limits.smoothed(noisy, 25) - line)[50:80].max() < 1
    assert limits.smoothed(noisy, 25)[0] == noisy[0], "nothing is known of before"


def test_what_is_no_number_spoils_its_own_stretch_of_a_smoothed_curve_only():
    for absurd in np.nan, np.inf, 1e300:
        y = np.ones(200)
        y[100] = absurd
        smoothed = limits.smoothed(y, 25)
        assert (smoothed[:80] == 1).all() and smoothed[120:] == pytest.approx(1), absurd


def test_names_are_moved_apart_as_little_as_possible():
    assert limits.spread([30, 10, 50], 10).tolist() == [30, 10, 50], "far enough apart"
    assert limits.spread([20, 20], 10).tolist() == [15, 25]
    for heights in [5] * 8, [0, 0.1, 0.2, 50], [3, 1, 2], np.repeat([0, 9, 18], 4), []:
        moved = np.sort(limits.spread(heights, 10))
        assert (np.diff(moved) > 10 - 1e-9).all(), heights
        assert moved.sum() == pytest.approx(sum(heights)), "in the middle of where they were"
    assert limits.spread([0, 0, 100, 100], 10, 0, 100) == pytest.approx([0, 10, 90, 100]), "within the chart"


def test_thinned_curves_keep_their_peaks():
    y = np.zeros(50_000)
    y[12_345], y[43_210] = 7, -7
    x, thinned = limits.thin(np.arange(50_000.0), y, most=1000)
    assert len(thinned) <= 2100 and thinned.max() == 7 and thinned.min() == -7
    assert abs(x[thinned.argmax()] - 12_345) < 50
