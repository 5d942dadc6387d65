"""What a job reports."""

import os

import numpy as np
import pytest
import quiet  # noqa: F401

from mlengine.trainer import job_folder, report


def test_the_confusion_matrix_counts():
    labels = np.array([3, 3, 3, 8, 8])
    Y = np.eye(10)[[3, 3, 8, 8, 8]]
    found = report.result(Y, labels)
    assert found["accuracy"] == 0.8 and found["wrong"] == 1
    assert found["confusion"][3] == [0, 0, 0, 2, 0, 0, 0, 0, 1, 0]
    assert found["per_digit"][3] == pytest.approx(2 / 3) and found["per_digit"][8] == 1
    assert np.sum(found["confusion"]) == 5


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_a_metric_that_cannot_be_written_is_one_sentence(monkeypatch):
    monkeypatch.setenv("CLOUD_ML_TRIAL_ID", "1")
    monkeypatch.setenv("CLOUD_ML_HP_METRIC_FILE", "/dev/full")
    with pytest.raises(
        job_folder.JobError, match="^The metric of the trial: cannot be written: No space left"
    ):
        report.report_to_tuning_service(0.9, 1)
