"""Which values a search tries."""

import numpy as np
import pytest
import yaml
from studies import STUDY, refused

from mlengine.trainer import options as command_line
from mlengine.trainer import search, space
from mlengine.trainer.space import LOG, REVERSE_LOG, Parameter


def values_at(parameter, *places):
    return [parameter.at(u) for u in places]


def test_values_follow_the_scale_of_their_range():
    linear = Parameter("x", low=0.2, high=0.6)
    assert values_at(linear, 0, 0.5, 1) == [0.2, 0.4, 0.6]
    log = Parameter("x", low=0.001, high=0.1, scale=LOG)
    assert values_at(log, 0, 0.5, 1) == [0.001, 0.01, 0.1]
    reverse = Parameter("x", low=0.001, high=0.1, scale=REVERSE_LOG)
    assert values_at(reverse, 0, 0.5, 1) == [0.001, 0.091, 0.1]
    whole = Parameter("x", low=1, high=3, whole=True)
    assert values_at(whole, 0, 0.32, 0.34, 0.66, 0.67, 1) == [1, 1, 2, 2, 3, 3]  # each equally likely
    whole_log = Parameter("x", low=8, high=128, whole=True, scale=LOG)
    assert values_at(whole_log, 0, 0.5, 1) == [8, 32, 128]
    assert values_at(Parameter("x", values=("a", "b", "c")), 0, 0.5, 1) == ["a", "b", "c"]


def test_the_same_seed_draws_the_same_values_and_a_longer_study_begins_like_a_shorter_one():
    parameters = space.read(space.CONFIG)
    plan = space.draw(parameters, 20, seed=1)
    assert plan == space.draw(parameters, 20, seed=1) and plan[:8] == space.draw(parameters, 8, seed=1)
    assert plan != space.draw(parameters, 20, seed=2)
    assert len({tuple(values.items()) for values in plan}) == 20
    for parameter in parameters:
        values = [trial[parameter.name] for trial in plan]
        if parameter.values:
            assert set(values) <= set(parameter.values)
        else:
            assert parameter.low <= min(values) and max(values) <= parameter.high
        assert len(set(values)) > 2


def test_a_random_study_ends_where_there_are_no_other_values():
    two = [Parameter("hp-decay", values=("constant", "cosine"))]
    assert len(space.draw(two, 9, seed=0)) == 2


@pytest.mark.parametrize("trials, counts", [(1, [1, 1, 1]), (4, [2, 2, 1]), (12, [3, 2, 2]), (40, [5, 4, 2])])
def test_a_grid_is_as_fine_as_the_number_of_trials_allows(tmp_path, trials, counts):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(STUDY))
    plan = space.grid(space.read(tmp_path / "config.yaml"), trials)
    assert len(plan) == np.prod(counts) <= trials
    assert [len({values[name] for values in plan}) for name in plan[0]] == counts
    rates = sorted({values["hp-rate"] for values in plan})
    if counts[0] > 1:
        assert rates[0] == 0.001 and rates[-1] == 0.09
    steps = np.diff(np.log(rates))
    assert np.allclose(steps, steps[:1], atol=0.01)  # evenly spaced on the scale


def test_the_tuning_config_asks_for_what_the_trainer_has():
    study = yaml.safe_load(space.CONFIG.read_text())["studySpec"]
    assert study["metrics"] == [{"metricId": search.METRIC, "goal": "MAXIMIZE"}]
    for parameter in space.read(space.CONFIG):
        option = parameter.name.replace("-", "_")
        default = vars(command_line.parse("", []))[option] or command_line.RATES["adam"]
        assert default in parameter.values or parameter.at(0) <= default <= parameter.at(1)
        for u in 0, 0.5, 1:
            value = parameter.at(u)
            assert vars(command_line.parse("", [f"--{parameter.name}", str(value)]))[option] == value


FROM_0 = {"minValue": 0, "maxValue": 1}
WRONG = {
    "neither a list of values nor a range": {"parameterId": "hp-x", "integer_value_spec": FROM_0},
    "above 0": {"parameterId": "hp-x", "scaleType": LOG, "doubleValueSpec": FROM_0},
}


@pytest.mark.parametrize("reason", WRONG)
def test_a_wrong_config_is_explained(tmp_path, reason, capsys):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"studySpec": {"parameters": [WRONG[reason]]}}))
    with refused(capsys, f"hp-x .*{reason}"):
        space.read(tmp_path / "config.yaml")
