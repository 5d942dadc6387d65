"""A search on this machine. A stand-in for the trainer keeps the trials short."""

import json
import os
import signal
import sys

import optuna
import processes
import pytest
import yaml
from PIL import Image
from processes import ROOT
from studies import STAND_IN, STUDY, refused

from mlengine.trainer import locks, search, trial_job
from mlengine.trainer import options as command_line


@pytest.fixture
def study(tmp_path, monkeypatch, capsys):
    """Runs a search with the stand-in in tmp_path/study: (status, what it printed)."""
    (tmp_path / "trainer.py").write_text(STAND_IN)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(STUDY))
    monkeypatch.setenv("ROOT", str(ROOT))
    monkeypatch.setattr(search.results, "picture", lambda study, path: path.touch())
    monkeypatch.setattr(trial_job, "POLL_SECONDS", 0.02)

    def run(*more, do="", kind="random", trials=3, seed=0, side_by_side=2):
        monkeypatch.setenv("DO", do)
        monkeypatch.setattr(trial_job, "SIDE_BY_SIDE", side_by_side)
        arguments = ["--search", kind, f"--trials={trials}", "--job-dir", str(tmp_path / "study"), *more]
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
    path = tmp_path / "study" / "study.db"
    return optuna.load_study(study_name="search", storage=f"sqlite:///{path}").trials


def states(tmp_path):
    return [trial.state.name for trial in recorded(tmp_path)]


def test_trials_run_as_the_service_runs_them_and_the_best_can_be_repeated(study, tmp_path, monkeypatch):
    monkeypatch.setattr(trial_job, "CORES", 8)
    for name in trial_job.OF_ONE_JOB:
        monkeypatch.setenv(name, "of this shell")
    status, printed = study("--steps", "5", side_by_side=4, trials=5)
    assert status == 0
    for trial in recorded(tmp_path):
        [[arguments, environment, shielded]] = runs(tmp_path, trial.number + 1)
        home = str(tmp_path / "study" / "trials" / str(trial.number + 1))
        assert arguments == ["--steps", "5", "--job-dir", home, *trial_job.hyperparameters(trial)]
        assert environment["CLOUD_ML_TRIAL_ID"] == str(trial.number + 1)
        assert environment["CLOUD_ML_HP_METRIC_FILE"].startswith(home)
        assert environment["TF_NUM_INTRAOP_THREADS"] == "2"  # 8 cores for 4 trials
        assert not set(trial_job.OF_ONE_JOB) & set(environment)
        assert shielded  # Ctrl-C reaches the search alone, which asks its trials once to stop
        assert trial.value == pytest.approx(0.9 + trial.params["hp-rate"], abs=1e-3)
    rows = printed[printed.index("accuracy ") :].splitlines()[1:6]
    accuracies = [float(row.split()[0]) for row in rows]
    assert accuracies == sorted(accuracies, reverse=True) and rows[0].split()[-2] == "12"
    best = max(recorded(tmp_path), key=lambda trial: trial.value)
    again = f"--steps 5 --job-dir {tmp_path / 'study' / 'best'} {' '.join(trial_job.hyperparameters(best))}"
    assert printed.endswith(f"python -m mlengine.trainer.task {again}\n")
    assert f"{best.value:.4f}" in rows[0] and (tmp_path / "study" / "search.png").exists()


@pytest.mark.parametrize("kind", command_line.SEARCHES)
def test_a_study_that_grows_or_was_cut_is_the_whole_one(kind, study, tmp_path, capsys):
    assert study(kind=kind, trials=8, side_by_side=1)[0] == 0
    whole = [trial.params for trial in recorded(tmp_path)]
    assert len({str(params) for params in whole}) == 8
    (tmp_path / "study").rename(tmp_path / "whole")
    if kind == "grid":  # in the order of its file
        ends = {name: {params[name] for params in whole} for name in whole[0]}
        assert ends == {"hp-rate": {0.001, 0.09}, "hp-batch": {10, 20}, "hp-decay": {"constant", "cosine"}}
        with refused(capsys, "a grid of 3 hyperparameters needs 8 trials"):
            study(kind=kind, trials=7)
    else:
        study(kind=kind, trials=3, side_by_side=1)
        status, printed = study(kind=kind, trials=8, side_by_side=1)
        assert status == 0 and "3 done before" in printed
        assert [trial.params for trial in recorded(tmp_path)] == whole
        assert [len(runs(tmp_path, k)) for k in range(1, 9)] == [1] * 8


def test_failed_trials_are_reported_and_the_others_run(study, tmp_path):
    status, printed = study(do="1:fail,2:kill,3:silent,4:nan", trials=5, side_by_side=1)
    assert status == 1 and states(tmp_path) == ["FAIL"] * 4 + ["COMPLETE"]
    errors = [trial.user_attrs.get("error") for trial in recorded(tmp_path)]
    assert errors[:2] == ["exit status 1: the learning rate is too high", "killed by SIGKILL"]
    assert errors[2:] == ["it reported no accuracy", "it reported no accuracy", None]
    assert "[1/5] trial 1 failed  (" in printed and printed.count("\n  failed") == 4


def test_where_all_trials_fail_there_is_no_best(study, tmp_path):
    status, printed = study(do="1:fail,2:fail,3:fail")
    assert status == 1 and "best" not in printed and not (tmp_path / "study" / "search.png").exists()


def test_a_trial_behind_the_others_is_stopped_early(study, tmp_path):
    status, printed = study("--hp-batch=10", do="5:behind", trials=6, side_by_side=1)
    assert status == 0 and states(tmp_path) == ["COMPLETE"] * 4 + ["PRUNED", "COMPLETE"]
    assert "[5/6] trial 5: 0.1000" in printed and (tmp_path / "study" / "trials" / "5" / "asked").exists()
    assert printed.index("\n  0.1000") > printed.rindex("\n  0.9")  # behind in the table, too
    assert all(trial.intermediate_values for trial in recorded(tmp_path)), (
        "also of those that end between looks"
    )


def test_a_folder_has_one_study(study, capsys, tmp_path, monkeypatch):
    study("--steps", "5")
    for other in {"seed": 1}, {"kind": "grid", "trials": 8}:
        with refused(capsys, "holds another study"):
            study("--steps", "5", **other)
    with refused(capsys, "holds another study"):
        study("--steps", "6")
    monkeypatch.setenv("MNIST_DATA", "synthetic")  # the study's accuracies are those of MNIST
    with refused(capsys, "holds another study"):
        study("--steps", "5")
    with locks.FolderLock(tmp_path / "study"), refused(capsys, "another search is running there"):
        study()


@pytest.mark.parametrize("name", ["search.json", "search.png", "trials/1/output.txt", "trials"])
def test_an_earlier_study_and_files_of_others_are_not_overwritten(study, tmp_path, capsys, name):
    path = tmp_path / "study" / name
    path.parent.mkdir(parents=True)
    path.write_text('{"trials": []}')
    with refused(capsys, "is there, but no study.db: it is no study of this version"):
        study()
    assert path.read_text() == '{"trials": []}'


def test_a_damaged_record_is_one_sentence(study, tmp_path, capsys):
    study()
    path = tmp_path / "study" / "study.db"
    data = path.read_bytes()
    for damage in b"no database at all, but a text", data[: len(data) // 2], data[:50] + b"?" * 5000:
        path.write_bytes(damage)
        with refused(capsys, "study.db: damaged, or of another program"):
            study()
        assert path.read_bytes() == damage


@pytest.mark.parametrize("given", [["--hp-batch", "12"], ["--hp-batch=12"], ["--hp-batch=100"]])
def test_a_hyperparameter_with_a_value_is_not_searched_for(study, tmp_path, given):
    assert study(*given, trials=1)[0] == 0
    [[arguments, *_]] = runs(tmp_path, 1)
    assert arguments[: len(given)] == given and "hp-batch" not in " ".join(arguments[len(given) :])
    assert list(recorded(tmp_path)[0].params) == ["hp-rate", "hp-decay"]


def test_layers_of_the_convolutional_network_are_not_searched_for_in_the_dense_one(tmp_path, monkeypatch):
    tried = []
    monkeypatch.setattr(search, "run_study", lambda study, ranges, *_: tried.extend(ranges))
    arguments = ["--search=random", "--model=dense", "--job-dir", str(tmp_path)]
    search.search(command_line.parse("", arguments), arguments)
    assert tried == ["hp-rate", "hp-dropout", "hp-batch", "hp-decay"]


def test_what_cannot_be_searched_is_refused(study, tmp_path, capsys):
    with refused(capsys, "nothing is left to search"):
        study("--hp-rate=0.1", "--hp-batch=10", "--hp-decay=cosine")
    with refused(capsys, "folder of this machine"):
        search.search(command_line.parse("", ["--search=grid", "--job-dir=gs://bucket/job"]), [])
    for kind in command_line.SEARCHES:
        with refused(capsys, "--trials 1000000000 is more than a search can do: 1000 at most"):
            study(kind=kind, trials=10**9)
    (tmp_path / "study").write_text("a file, not a folder")
    with refused(capsys, "study cannot be written"):
        study()


def test_trials_run_side_by_side(study):
    assert study(do="1:meet,2:meet", trials=2, side_by_side=2)[0] == 0


# ----------------------------------------------------------------------------------------- stopped and killed


DRIVER = """
import sys
from mlengine.trainer import options, search, trial_job

folder = sys.argv[1]
trial_job.SIDE_BY_SIDE, trial_job.GRACE_SECONDS = 2, float(sys.argv[2])
search.results.picture = lambda study, path: path.touch()
arguments = ["--search=random", "--trials=4", f"--job-dir={folder}/study"]
trainer = [sys.executable, f"{folder}/trainer.py"]
sys.exit(search.search(options.parse("", arguments), arguments, f"{folder}/config.yaml", trainer))
"""
# an ignored SIGHUP, as of nohup, would be inherited, and then is rightly respected
HEARS = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"


@pytest.mark.skipif(os.name != "posix", reason="signals are those of Linux and macOS")
@pytest.mark.parametrize(
    "name, trial, grace",
    [("SIGINT", "wait", 60), ("SIGTERM", "wait", 60), ("SIGHUP", "wait", 60), ("SIGINT", "stubborn", 0.1)],
)
def test_a_stopped_search_leaves_no_trial_running_and_resumes(study, tmp_path, name, trial, grace):
    done = processes.run("-c", HEARS + DRIVER, tmp_path, grace, DO=f"1:{trial},2:{name}")
    assert done.returncode == 128 + getattr(signal, name) and done.stderr == ""
    assert done.stdout.endswith("Stopped. The same command resumes the search.\n")
    locks.FolderLock(tmp_path / "study" / "trials" / "1").file.close()  # nobody has it any more
    assert (tmp_path / "study" / "trials" / "1" / "asked").exists()  # it had the time to save
    assert not runs(tmp_path, 3) and states(tmp_path) == ["RUNNING"] * 2
    if name != "SIGTERM":
        return
    before = [trial.params for trial in recorded(tmp_path)]
    assert study(trials=4)[0] == 0 and [trial.params for trial in recorded(tmp_path)][:2] == before
    assert [len(runs(tmp_path, k)) for k in (1, 2, 3, 4)] == [2, 2, 1, 1]


@pytest.mark.skipif(os.name != "posix", reason="signals are those of Linux and macOS")
def test_a_trial_that_a_killed_search_has_left_is_taken_over(study, tmp_path):
    done = processes.run("-c", DRIVER, tmp_path, 60, DO="1:wait,2:SIGKILL")
    assert done.returncode == -signal.SIGKILL
    with pytest.raises(locks.Taken, match="process [0-9]+"):
        locks.FolderLock(tmp_path / "study" / "trials" / "1")
    status, printed = study(trials=4)
    assert status == 0 and states(tmp_path) == ["COMPLETE"] * 4
    assert "trials/1: still running" in printed and (tmp_path / "study" / "trials" / "1" / "asked").exists()
    assert [len(runs(tmp_path, k)) for k in (1, 2, 3, 4)] == [2, 2, 1, 1]


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_a_full_disk_is_one_sentence_and_loses_no_trial(study, tmp_path):
    """No file may become larger than 4 kB: as if the disk were full, but for this process only."""
    assert study(trials=2)[0] == 0
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, [4096, 4096])\n"
    done = processes.run("-c", limit + DRIVER, tmp_path, 60, DO="")
    assert done.returncode == 2 and "study.db cannot be written: " in done.stderr
    assert done.stderr.count("\n") == 1 and states(tmp_path) == ["COMPLETE"] * 2


# ------------------------------------------------------------------------------------------------ the picture


@pytest.mark.filterwarnings("ignore")
def test_the_picture_has_a_panel_for_each_hyperparameter(tmp_path):
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(0))
    ranges = search.space.read(search.space.CONFIG)
    for accuracies in [1.0], [0.1, 0.99, 0.995]:
        for accuracy in accuracies:
            study.tell(study.ask(ranges), accuracy)
        search.results.picture(study, tmp_path / "search.png")
    picture = Image.open(tmp_path / "search.png")
    assert picture.width > 1000 and len(picture.convert("L").getcolors()) > 50
