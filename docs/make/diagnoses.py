"""What the diagnosis says of the runs of the course: of their curves, which were recorded.

    python docs/make/diagnoses.py                             those of tests/curves.tar.xz
    python docs/make/diagnoses.py FOLDER                      NAME-SEED.csv in a folder

To record them: python docs/make/measure.py --keep FOLDER

The table: what is said at the end, what was said at tests on the way, and whether that is expected.
"""

import csv
import io
import sys
import tarfile
from pathlib import Path

import edits

sys.path.insert(0, str(edits.ROOT))
import startup  # noqa: E402, found only now
from dashboard.run import diagnosis  # noqa: E402
from dashboard.run.run import Run  # noqa: E402
from dashboard.run.updates import Moment  # noqa: E402

RECORDED = edits.ROOT / "tests" / "curves.tar.xz"
EXPECTED = {  # at the end; of the runs that are not named here: nothing
    "network too small": (
        "1.0 1.0_by_hand 1.0_count 1.0_sums 1.0_random 1.0_squared 1.0_longer 2.0_linear "
        "2.0_zeros 2.0_no_slope"  # neurons that stay alike, a gradient that is wrong: they look the same
    ),
    "NaN": "1.0_fast 2.0_relu",
    "rate too low": "1.0_slow",
    "vanishing gradient": "2.0_plain 2.0_plain_0.03 2.0_plain_0.1",  # of 2.0 itself, only `gradient` tells it
    "rate too high": "2.0 2.1_constant 2.1_rate_0.02",
    "still learning": "2.0_two 2.1_slow 2.1_wrong_way",
    "knows nothing": "2.1_rate_0.1",
    "overfitting": (
        "2.1 2.1_by_hand 2.1_by_heart 2.1_shrink 2.1_few 2.1_biases_0 2.1_leaky 2.2_few 2.2_last "
        "3.0 3.0_small 3.0_pooling 3.0_shuffled 3.1_small 3.1_large 3.1_no_dropout"
    ),
}
SYMPTOM_OF = {name: symptom for symptom, names in EXPECTED.items() for name in names.split()}


def main():
    startup.start_program()
    parser = startup.Parser(__doc__)
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="(default: tests/curves.tar.xz)")
    folder = parser.parse_args().folder
    curves = in_folder(folder) if folder else recorded()
    if not curves:
        parser.error(f"in '{folder}' are no curves")
    print("| run | at the end | on the way | |\n|---|---|---|---|")
    misses = false_alarms = 0
    for name, text in curves.items():
        run, said = replayed(text)
        at_end, on_the_way, expected = said[-1], dict.fromkeys(said[:-1]), SYMPTOM_OF.get(exercise(name))
        on_the_way = [symptom for symptom in on_the_way if symptom not in (None, at_end)]
        missed, false = at_end != expected and expected, at_end != expected and at_end
        misses, false_alarms = misses + bool(missed), false_alarms + bool(false)
        remark = (f"missed: {missed} " if missed else "") + ("false alarm" if false else "")
        sentence = diagnosis.told(run, lambda test: []) or "nothing"
        print(f"| {name} | {sentence} | {', '.join(on_the_way)} | {remark.strip()} |", flush=True)
    print(f"\n{len(curves)} runs: {misses} missed, {false_alarms} false alarms at the end")


def exercise(name):
    """2.1_slow of 2.1_slow-0."""
    return name.rpartition("-")[0]


def recorded():
    """{NAME-SEED: the curves}"""
    with tarfile.open(RECORDED) as archive:
        return {member.name[:-4]: archive.extractfile(member).read().decode() for member in archive}


def in_folder(folder):
    return {path.stem: path.read_text("utf-8") for path in sorted(Path(folder).glob("*-*.csv"))}


def replayed(curves):
    """The run, and the name of the symptom that was said at each of its tests, or None."""
    rows = [[float(x or "nan") for x in row] for row in list(csv.reader(io.StringIO(curves)))[1:]]
    run, said = Run(int(rows[-1][0])), []
    for i, accuracy, loss, test_accuracy, test_loss, rate in rows:
        if accuracy == accuracy:  # no NaN: it was measured then
            run.train.add(i, accuracy, loss, rate)
        run.moments = [Moment(int(i))]
        if test_accuracy == test_accuracy:
            run.test.add(i, test_accuracy, test_loss)
            found = diagnosis.diagnose(run)
            said.append(found and found[0].name)
    return run, said


if __name__ == "__main__":
    main()
