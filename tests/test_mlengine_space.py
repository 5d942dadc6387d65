"""Which values a search may try."""

import copy

import numpy as np
import yaml
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from studies import STUDY, refused

from mlengine.trainer import options as command_line
from mlengine.trainer import space, trial_job


def test_the_tuning_config_asks_for_what_the_trainer_has():
    study = yaml.safe_load(space.CONFIG.read_text())["studySpec"]
    assert study["metrics"] == [{"metricId": trial_job.METRIC, "goal": "MAXIMIZE"}]
    ranges = space.read(space.CONFIG)
    assert ranges["hp-rate"] == FloatDistribution(0.0005, 0.02, log=True)
    assert ranges["hp-dense"] == IntDistribution(50, 400, log=True)
    assert ranges["hp-batch"] == CategoricalDistribution([50, 100, 200])
    for name, found in ranges.items():
        option = name.replace("-", "_")
        default = vars(command_line.parse("", []))[option] or command_line.RATES["adam"]
        assert found._contains(found.to_internal_repr(default))


def test_a_grid_is_evenly_spaced_on_the_scale_of_each_range():
    ranges = {
        "linear": FloatDistribution(0.2, 0.6), "log": FloatDistribution(0.001, 0.1, log=True),
        "whole": IntDistribution(1, 3), "whole, log": IntDistribution(8, 128, log=True),
        "words": CategoricalDistribution(["a", "b", "c"]),
    }  # fmt: skip
    assert [values for values in space.grid(ranges, 3**5).values()] == [
        [0.2, 0.4, 0.6], [0.001, 0.01, 0.1], [1, 2, 3], [8, 32, 128], ["a", "b", "c"],
    ]  # fmt: skip
    assert [*map(len, space.grid(ranges, 7**5).values())] == [7, 7, 3, 7, 3]
    assert space.grid(ranges, 3**5 - 1)["words"] == ["a", "c"]


WRONG = {  # what hp-rate becomes, and the reason
    "tpo": ({"scaleTyp": "UNIT_LOG_SCALE"}, "not exactly one of"),
    "two": ({"integerValueSpec": {"minValue": 1, "maxValue": 2}}, "not exactly one of"),
    "scale": ({"scaleType": "LOG"}, "scaleType is neither"),
    "zero": ({"doubleValueSpec": {"minValue": 0, "maxValue": 1}}, "'0' is not a number from"),
    "nan": ({"doubleValueSpec": {"minValue": np.nan, "maxValue": 1}}, "'nan' is not a number"),
    "turned": ({"doubleValueSpec": {"minValue": 0.1, "maxValue": 0.01}}, "hp-rate: .*low.*high"),
    "below": ({"doubleValueSpec": {"minValue": 0.1, "maxValue": -5}}, "'-5' is not a number from"),
    "word": ({"doubleValueSpec": {"minValue": "small", "maxValue": 1}}, "'small' is not a number"),
    "list": ({"doubleValueSpec": {"minValue": [1], "maxValue": 1}}, "is not a number"),
    "none": ({"doubleValueSpec": None}, "needs maxValue and minValue"),
    "missing": ({"doubleValueSpec": {"minValue": 1}}, "needs maxValue and minValue"),
    "misspelt": ({"doubleValueSpec": {"minvalue": 1, "maxValue": 1}}, "needs maxValue and minValue"),
    "name": ({"parameterId": "hp-rat"}, "unrecognized arguments: --hp-rat"),
    "no hp": ({"parameterId": "seed"}, "names of hyperparameters begin with hp-"),
    "number": ({"parameterId": 7}, "each with a parameterId"),
    "twice": ({"parameterId": "hp-clip"}, "there twice"),
    "whole": (
        {"parameterId": "hp-batch", "doubleValueSpec": {"minValue": 1, "maxValue": 2}},
        "does not take",
    ),
    "below 0": ({"parameterId": "hp-dropout", "doubleValueSpec": {"minValue": 0, "maxValue": 0.5}}, "log"),
}
LISTS = {"7": "not a list", "[]": "one or more", "[fast]": "'fast' is none of", "[[1]]": "is none of"}
TEXTS = {
    "": "no studySpec", "[]": "no studySpec", "studySpec: 7": "no studySpec", "a:\tb\n\t- c": "cannot start",
    "studySpec: {parameters: {}}": "no studySpec", "[" * 50: "expected", "\x00": "unacceptable character",
}  # fmt: skip


def test_every_bad_edit_of_the_config_is_one_sentence(tmp_path, capsys):
    path = tmp_path / "config.yaml"

    def refused_as(text, reason):
        path.write_text(text)
        with refused(capsys, f"^{path}: .*{reason}"):
            space.read(path)

    for edit, reason in WRONG.values():
        study = copy.deepcopy(STUDY)
        study["studySpec"]["parameters"].append(
            {"parameterId": "hp-clip", "doubleValueSpec": {"minValue": 1, "maxValue": 2}}
        )
        study["studySpec"]["parameters"][0].update(edit)
        refused_as(yaml.safe_dump(study), reason)
    for values, reason in LISTS.items():
        entry = f"{{parameterId: hp-decay, categoricalValueSpec: {{values: {values}}}}}"
        refused_as(f"studySpec: {{parameters: [{entry}]}}", reason)
    for text, reason in TEXTS.items():
        refused_as(text, reason)


def test_a_number_that_yaml_takes_for_text_is_a_number(tmp_path):
    text = (
        "studySpec: {parameters: [{parameterId: hp-rate, doubleValueSpec: {minValue: 1e-4, maxValue: 1e-2}}]}"
    )
    (tmp_path / "config.yaml").write_text(text)
    assert space.read(tmp_path / "config.yaml") == {"hp-rate": FloatDistribution(0.0001, 0.01)}
