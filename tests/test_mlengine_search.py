"""A search on this machine. A stand-in for the trainer keeps the trials short."""

import json
import os
import signal
import sys

import processes
import pytest
import yaml
from studies import STAND_IN, STUDY, refused

from mlengine.trainer import locks, results, search
from mlengine.trainer import options as command_line


@pytest.fixture
def study(tmp_path, monkeypatch, capsys):
    """Runs a search with the stand-in in tmp_path/study: (status, what it printed)."""
    (tmp_path / "trainer.py").write_text(STAND_IN)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(STUDY))
    monkeypatch.setattr(results, "picture", lambda trials, parameters, path: path.touch())

    def run(*more, do="", kind="random", trials=3, seed=0, side_by_side=2):
        monkeypatch.setenv("DO", do)
        monkeypatch.setattr(search, "SIDE_BY_SIDE", side_by_side)
        folder = str(tmp_path / "study")
        arguments = ["--search", kind, f"--trials={trials}", "--job-dir", folder, *more]
        arguments += [f"--seed={seed}"] if seed else []
        trainer = [sys.executable, str(tmp_path / "trainer.py")]
        options = command_line.parse("", arguments)
        status = search.search(options, arguments, tmp_path / "config.yaml", trainer)
        return status, capsys.readouterr().out

    return run


def runs(tmp_path, trial):
    """[arguments, environment, not reached by Ctrl-C in the terminal] of each run of this trial."""
    file = tmp_path / "study" / "trials" / str(trial) / "runs"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def recorded(tmp_path):
    return json.loads((tmp_path / "study" / "search.json").read_text())["trials"]


def test_trials_run_as_the_service_runs_them(study, tmp_path, monkeypatch):
    monkeypatch.setattr(search, "CORES", 8)
    status, printed = study("--steps", "5", side_by_side=4)
    assert status == 0
    for trial in recorded(tmp_path):
        [[arguments, environment, shielded]] = runs(tmp_path, trial["number"])
        home = str(tmp_path / "study" / "trials" / str(trial["number"]))
        given = [text for name, value in trial["values"].items() for text in (f"--{name}", str(value))]
        assert arguments == ["--steps", "5", "--job-dir", home, *given]
        assert environment["CLOUD_ML_TRIAL_ID"] == str(trial["number"])
        assert environment["CLOUD_ML_HP_METRIC_FILE"].startswith(home)
        assert environment["TF_NUM_INTRAOP_THREADS"] == "2"  # 8 cores for 4 trials
        assert shielded  # Ctrl-C reaches the search alone, which asks its trials once to stop
        assert trial["accuracy"] == pytest.approx(0.9 + trial["values"]["hp-rate"])
        assert trial["seconds"] == 12.3


def test_the_table_has_the_best_first_and_the_best_can_be_repeated(study, tmp_path):
    status, printed = study("--steps", "5", trials=5)
    table = printed[printed.index("accuracy ") :].splitlines()[1:6]
    accuracies = [float(row.split()[0]) for row in table]
    highest = max(trial["accuracy"] for trial in recorded(tmp_path))
    assert accuracies == sorted(accuracies, reverse=True)
    assert accuracies[0] == pytest.approx(highest, abs=1e-4)
    best = max(recorded(tmp_path), key=lambda trial: trial["accuracy"])["values"]
    command = printed.strip().splitlines()[-1]
    assert f"python -m mlengine.trainer.task --steps 5 --job-dir {tmp_path / 'study' / 'best'} " in command
    assert command.endswith(
        f"--hp-rate {best['hp-rate']} --hp-batch {best['hp-batch']} --hp-decay {best['hp-decay']}"
    )
    assert (tmp_path / "study" / "search.png").exists()


def test_failed_trials_are_reported_and_the_others_run(study, tmp_path):
    status, printed = study(do="1:fail,2:kill,3:silent,4:nan", trials=5, side_by_side=1)
    assert status == 1
    errors = [trial["error"] for trial in recorded(tmp_path)]
    assert errors[0] == "exit status 1: the learning rate is too high"
    assert errors[1] == "killed by SIGKILL"
    assert errors[2] == errors[3] == "it reported no accuracy"
    assert errors[4] is None and recorded(tmp_path)[4]["accuracy"] > 0.9
    assert "[1/5] trial 1 failed  (" in printed
    assert ")  exit status 1: the learning rate is too high\n" in printed
    assert printed.count("\n  failed") == 4


def test_where_all_trials_fail_there_is_no_best(study, tmp_path):
    status, printed = study(do="1:fail,2:fail,3:fail")
    assert status == 1 and "best" not in printed and not (tmp_path / "study" / "search.png").exists()


def test_the_same_command_runs_only_what_is_not_done(study, tmp_path):
    assert study("--steps", "5")[0] == 0
    (tmp_path / "study" / "trials" / "2" / "report.json").unlink()
    status, printed = study("--steps", "5", trials=4)
    assert status == 0 and "2 done before" in printed
    assert [len(runs(tmp_path, k)) for k in (1, 2, 3, 4)] == [1, 2, 1, 1]
    assert all(trial["accuracy"] for trial in recorded(tmp_path))


def test_a_folder_has_one_study(study, capsys):
    study("--steps", "5")
    for other in {"seed": 1}, {"kind": "grid"}:
        with refused(capsys, "holds another study"):
            study("--steps", "5", **other)
    with refused(capsys, "holds another study"):
        study("--steps", "6")


def test_a_study_of_an_earlier_version_is_resumed(study, tmp_path):
    """Its search.json had a trial's state in which keys there are."""
    assert study("--steps", "5")[0] == 0
    content = json.loads((tmp_path / "study" / "search.json").read_text())
    content["trials"] = [{"trial": t["number"], "values": t["values"]} for t in content["trials"]]
    content["trials"][0] |= {"accuracy": 0.9, "seconds": 12.3}
    content["trials"][1] |= {"fault": "exit status 1"}
    (tmp_path / "study" / "search.json").write_text(json.dumps(content))
    status, printed = study("--steps", "5", trials=4)
    assert status == 0 and "3 done before" in printed
    assert [len(runs(tmp_path, k)) for k in (1, 2, 3, 4)] == [1, 1, 1, 1]


OTHERS = [
    "", "[]", "{}", "null", '{"arguments": [], "trials": 7}', '{"trials": [{}]}', "[" * 100_000,
    '{"arguments": [], "trials": [[]]}', '{"arguments": [], "trials": {"values": 1}}',
]  # fmt: skip


@pytest.mark.parametrize("content", OTHERS, ids=lambda content: content[:40])
def test_a_search_json_of_others_is_not_overwritten(study, tmp_path, capsys, content):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "search.json").write_text(content)
    with refused(capsys, "search.json: damaged, or of another program"):
        study()
    assert (tmp_path / "study" / "search.json").read_text() == content


@pytest.mark.parametrize("name", ["search.png", "trials/1/output.txt", "trials"])
def test_files_of_others_are_not_overwritten(study, tmp_path, capsys, name):
    path = tmp_path / "study" / name
    path.parent.mkdir(parents=True)
    (tmp_path / "study" / "lock").touch()
    path.write_text("mine")
    with refused(capsys, "is there, but no search.json"):
        study()
    assert path.read_text() == "mine"


def test_a_trial_knows_nothing_of_other_machines_and_places(study, tmp_path, monkeypatch):
    for name in search.OF_ONE_JOB:
        monkeypatch.setenv(name, "of this shell")
    assert study("--steps", "5", trials=1)[0] == 0
    assert not set(search.OF_ONE_JOB) & set(runs(tmp_path, 1)[0][1])


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_nohup_is_respected():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with search.ended_by(*search.ENDINGS):
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_IGN, signal.SIG_DFL)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("content", ["", "[]", "[" * 100_000, '{"seconds": "x"}', '{"seconds": 1e999}'])
def test_a_damaged_report_of_a_trial_is_run_again(study, tmp_path, content):
    assert study("--steps", "5")[0] == 0
    (tmp_path / "study" / "trials" / "2" / "report.json").write_text(content)
    status, printed = study("--steps", "5")
    assert status == 0 and "2 done before" in printed


def test_a_second_search_in_the_folder_is_refused(study, tmp_path, capsys):
    with locks.FolderLock(tmp_path / "study"), refused(capsys, "another search is running there"):
        study()


@pytest.mark.parametrize("given", [["--hp-batch", "12"], ["--hp-batch=12"], ["--hp-batch=100"]])
def test_a_hyperparameter_with_a_value_is_not_searched_for(study, tmp_path, given):
    assert study(*given, trials=2)[0] == 0
    [[arguments, *_]] = runs(tmp_path, 1)
    assert arguments[: len(given)] == given and "hp-batch" not in " ".join(arguments[len(given) :])
    assert list(recorded(tmp_path)[0]["values"]) == ["hp-rate", "hp-decay"]


def test_layers_of_the_convolutional_network_are_not_searched_for_in_the_dense_one(tmp_path, monkeypatch):
    tried = []
    monkeypatch.setattr(search, "run_all", lambda trials, *_: tried.extend(trials))
    arguments = ["--search=random", "--model=dense", "--job-dir", str(tmp_path)]
    search.search(command_line.parse("", arguments), arguments)
    assert list(tried[0].values) == ["hp-rate", "hp-dropout", "hp-batch", "hp-decay"]


def test_what_cannot_be_searched_is_refused(study, tmp_path, capsys):
    with refused(capsys, "nothing is left to search"):
        study("--hp-rate=0.1", "--hp-batch=10", "--hp-decay=cosine")
    with refused(capsys, "folder of this machine"):
        search.search(command_line.parse("", ["--search=grid", "--job-dir=gs://bucket/job"]), [])
    (tmp_path / "study").write_text("a file, not a folder")
    with refused(capsys, "study cannot be written"):
        study()


def test_trials_run_side_by_side(study):
    assert study(do="1:meet,2:meet", trials=2, side_by_side=2)[0] == 0


DRIVER = """
import sys
from mlengine.trainer import options, search

folder = sys.argv[1]
search.SIDE_BY_SIDE, search.GRACE_SECONDS = 2, float(sys.argv[2])
arguments = ["--search=random", "--trials=4", f"--job-dir={folder}/study"]
trainer = [sys.executable, f"{folder}/trainer.py"]
sys.exit(search.search(options.parse("", arguments), arguments, f"{folder}/config.yaml", trainer))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are those of Linux and macOS")
@pytest.mark.parametrize(
    "name, trial, grace",
    [("SIGINT", "wait", 60), ("SIGTERM", "wait", 60), ("SIGHUP", "wait", 60), ("SIGINT", "stubborn", 0.1)],
)
def test_a_stopped_search_leaves_no_trial_running(study, tmp_path, name, trial, grace):
    done = processes.run("-c", DRIVER, tmp_path, grace, DO=f"1:{trial},2:{name}")
    assert done.returncode == 128 + getattr(signal, name) and done.stderr == ""
    pid = int((tmp_path / "study" / "trials" / "1" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert (tmp_path / "study" / "trials" / "1" / "asked").exists()  # it had the time to save
    assert not runs(tmp_path, 3) and recorded(tmp_path)[0]["accuracy"] is None
