"""What a job reports."""

import numpy as np
import pytest
import quiet  # noqa: F401

from mlengine.trainer import report


def test_the_confusion_matrix_counts():
    labels = np.array([3, 3, 3, 8, 8])
    Y = np.eye(10)[[3, 3, 8, 8, 8]]
    found = report.result(Y, labels)
    assert found["accuracy"] == 0.8 and found["wrong"] == 1
    assert found["confusion"][3] == [0, 0, 0, 2, 0, 0, 0, 0, 1, 0]
    assert found["per_digit"][3] == pytest.approx(2 / 3) and found["per_digit"][8] == 1
    assert np.sum(found["confusion"]) == 5
