"""past, time_machine: back in time, the network is that of then; `b` trains on from there."""

import functools

import numpy as np
import pytest
import toy
from boards import played, press
from processes import wait_for

import tensorflowvisu
from dashboard.panels import charts, life
from dashboard.run import past
from dashboard.run.look import Chosen
from dashboard.run.past import Network
from dashboard.run.run import MOST_FUTURES, Run
from dashboard.run.training import TrainingThread, schedule
from dashboard.run.updates import Moment
from dashboard.screens.time_machine import State

ITERATIONS, TRAIN_EVERY, TEST_EVERY = 200, 10, 50


def learner(key="2", state=True, well=None, fails_at=None):
    """A network of one weight, which each iteration raises by the rate; its loss is what is left to 1,000."""
    W, rate = np.zeros(1), toy.Variable(1.0)

    def predict(X):
        return [np.full([len(X), 2], W[0]), np.full([len(X), 10], W[0] / 1000)]

    door = tensorflowvisu.MnistDataVis(None, None, None, predict, throttle=rate, state=[W] if state else None)
    door.draws, door.run = True, Run(ITERATIONS)
    X, Y_ = toy.Network().digits(10)

    def step(i, n, update_test_data, update_train_data):
        if update_test_data:
            door.update_test_data(i, X, Y_, Y_, 1000 - W[0])
        if update_train_data:
            door.update_train_data(i, X, Y_, Y_, 1000 - W[0], [W], [W])
        if i == fails_at:
            raise ZeroDivisionError("training")
        W[0] += n * rate.value

    moments = functools.partial(door.moments, step, schedule(ITERATIONS, TRAIN_EVERY, TEST_EVERY))
    one = played(door.run, key=key, handles=door.handles, training=TrainingThread(moments), report=well)
    one.W = W
    return one


def train(one, until=ITERATIONS):
    def there():
        one.tick()
        return one.run.iteration >= until and (until < ITERATIONS or one.state is State.FINISHED)

    wait_for(there, "the iterations")


def measured(run):
    return run.test.rows[:, [0, 2]].tolist()


def go_to(one, i):
    """Back to the moment that was measured after i iterations."""
    for _ in one.run.moments:
        if one.look.at(one.run).measured_at > i:
            press(one, "left")
    assert one.look.at(one.run).measured_at == i


@pytest.fixture
def finished():
    one = learner()
    train(one)
    return one


# ------------------------------------------------------------------------------------------- what is kept


def test_of_the_start_more_networks_are_kept():
    networks = []
    for i in range(0, 10_001, 50):
        networks = past.thinned([*networks, Network(i, [np.zeros(1)])])
    kept = [network.i for network in networks]
    assert len(kept) == past.MOST_NETWORKS and kept[0] == 0 and kept[-1] == 10_000
    gaps = np.diff(np.sqrt(kept))
    assert gaps.max() < 3 * np.median(gaps)


def test_their_bytes_have_a_bound(monkeypatch):
    monkeypatch.setattr(past, "MOST_BYTES", 100)
    networks = []
    for i in range(50):
        networks = past.thinned([*networks, past.copy_of(i, [np.zeros(4)])])
    assert [network.i for network in networks][::2] == [0, 49] and len(networks) == 3
    assert past.copy_of(0, [np.zeros(100)]) is None, "two would be too large"


def test_a_copy_is_a_copy():
    W, V = np.zeros(3), toy.Variable(2.0)
    copy = past.copy_of(7, [W, V])
    W += 1
    V.assign(3.0)
    past.put_back(copy, [W, V])
    assert W.tolist() == [0, 0, 0] and V.value == 2


# ------------------------------------------------------------------------------------- the network of then


def test_back_in_time_the_network_answers_as_it_did_then(finished):
    image = np.zeros([1, 28, 28])
    for i in 200, 150, 100, 50, 0:
        go_to(finished, i)
        network = finished.look.network(finished.run)
        layers = finished.handles.layers(image, 1, network)
        assert layers[0][0, 0] == i and finished.W[0] == ITERATIONS, "and it is put back"


def test_the_header_tells_whose_network_answers(finished):
    go_to(finished, 190)
    assert finished.painter.header.status == "back in time, the network of 200"
    go_to(finished, 150)
    assert finished.painter.header.status == "back in time"


def test_an_error_of_the_network_puts_it_back(finished):
    with pytest.raises(ZeroDivisionError), finished.handles.as_at(finished.run.networks[0]):
        assert finished.W[0] == 0
        1 / 0  # noqa: B018
    assert finished.W[0] == ITERATIONS


def test_responses_are_asked_again_for_each_moment(finished):
    test, (first, *_, last) = finished.run.newest.test, finished.run.networks
    values = [finished.handles.responses(test, network)[0][0, 0] for network in (None, first, last, None)]
    assert values == [200, 0, 200, 200]


# ------------------------------------------------------------------------------------------------- branches


def test_b_trains_on_from_that_moment(finished):
    before = measured(finished.run)
    go_to(finished, 100)
    press(finished, "+", "b")
    assert finished.painter.header.status.startswith("branched at 100") and finished.look.moment is None
    train(finished)
    assert measured(finished.run)[:-2] == before[:-2], "the loss of 100 is measured again"
    assert measured(finished.run)[-2:] == [[150, 800], [200, 700]], "twice as fast"
    assert (np.diff(finished.run.train.x) > 0).all(), "as if nothing else had been"
    assert finished.run.turns == {100: 2}
    (future,) = finished.run.earlier
    assert future.name == "before 100" and future.test[:, [0, 2]].tolist() == before[-3:]


def test_a_run_may_have_three_futures(finished):
    for key in "+", "-":
        go_to(finished, 50)
        press(finished, *(key * 3), "b")
        train(finished)
    assert [future.name for future in finished.run.earlier] == ["before 50", "before 50 ×8"]
    assert measured(finished.run)[-1] == [200, 800]
    ends = [text.get_text() for text in finished.painter.panels[charts.Loss].ends]
    assert "before 50 ×8" in ends and not finished.errors.seen


def test_a_run_that_is_paused_goes_on_from_then():
    one = learner()
    train(one, until=120)
    press(one, " ")
    go_to(one, 0)
    press(one, "b")
    train(one)
    assert one.W[0] == ITERATIONS and len(one.run.earlier) == 1
    assert one.run.test.x.tolist() == [0, 10, 20, 30, 40, 50, 100, 150, 200]


def test_the_results_are_reported_again():
    reports = []
    one = learner(well=lambda well: reports.append(one.run.test.y[-1, 1]) or True)
    for _ in range(2):
        train(one)
        go_to(one, 100)
        press(one, "-", "b")
    assert reports == [800, 850]


def test_the_marks_of_a_future_that_was_left_go(finished):
    go_to(finished, 100)
    press(finished, "+", "b")
    train(finished)
    go_to(finished, 50)
    press(finished, "-", "b")
    train(finished)
    chart = finished.painter.panels[charts.Loss]
    assert finished.run.turns == {} and not len(chart.turned.get_xdata())
    assert not any(mark.get_text() for mark in chart.labels)


def test_without_state_or_at_the_newest_b_says_so(finished):
    press(finished, "b")
    assert finished.painter.header.status == "b works back in time"
    press(finished, "?", "?")
    assert finished.painter.header.status == "finished", "until the next key"
    bare = learner(state=False)
    train(bare)
    go_to(bare, 0)
    press(bare, "b")
    assert "state" in bare.painter.header.status and bare.run.iteration == ITERATIONS


def test_square_roots_are_what_thinning_keeps_apart():
    networks = [Network(i, []) for i in (0, 1, 4, 9, 10, 16)]
    for _ in range(past.MOST_NETWORKS - 5):
        networks.append(Network(networks[-1].i + 1000, []))
    assert [n.i for n in past.thinned(networks)][:5] == [0, 1, 4, 9, 16]


def test_the_future_that_was_left_is_not_among_the_results(finished):
    """Though the window is closed before anything else was measured."""
    go_to(finished, 100)
    press(finished, "b")
    finished.end()
    assert finished.run.test.x.max() <= 100


def test_an_error_of_the_training_is_not_lost():
    one = learner(fails_at=70)
    train(one, until=60)
    press(one, " ")
    wait_for(lambda: one.training.error, "the error")
    go_to(one, 0)
    press(one, "b")
    assert isinstance(one.error, ZeroDivisionError) and one.state is State.CLOSED


def test_back_in_time_the_rate_is_told(finished):
    go_to(finished, 100)
    press(finished, "+")
    assert finished.painter.header.status == "back in time, rate ×2"


def test_a_network_that_is_too_large_is_read_once(monkeypatch):
    monkeypatch.setattr(past, "MOST_BYTES", 10)
    one = learner()
    train(one)
    go_to(one, 0)
    press(one, "b")
    assert "not kept" in one.painter.header.status and one.run.iteration == ITERATIONS


def test_a_test_may_be_shown_twice():
    run, test = Run(100), toy.test_update(0, *toy.Network().answers(0, 10))
    for _ in range(3):
        run.append(Moment(10, None, test, network=Network(0, [np.zeros(3)])))
    assert not run.networks[0].arrays[0].any()


def test_the_life_of_a_training_digit_goes_back_too():
    one = learner(key="3")
    train(one, until=100)
    digits = one.run.newest.train.snapshot.digits
    one.painter.look = one.look._replace(view="i", digit=Chosen(digits, 0, None))
    train(one)
    go_to(one, 50)
    press(one, "b")
    train(one)
    assert (np.diff(one.painter.panels[life.Life].line.get_xdata()) > 0).all()


# -------------------------------------------------------------------------- programs of one's own, and limits


@pytest.mark.parametrize("state", [np.zeros(3), {"W": np.zeros(3)}, [np.zeros(3), 1.0], [None], [[1.0]]])
def test_a_state_that_cannot_be_put_back_is_refused(state, capsys):
    with pytest.raises(SystemExit):
        tensorflowvisu.MnistDataVis(state=state)
    assert "a list of variables with `assign`, or of arrays" in capsys.readouterr().err


def test_a_network_that_cannot_be_put_back_leaves_the_live_one(finished):
    W = finished.run.networks[0].arrays
    finished.handles.state.append(np.zeros(5))
    W.append(np.zeros(4))
    with pytest.raises(ValueError), finished.handles.as_at(finished.run.networks[0]):
        pass
    assert finished.W[0] == ITERATIONS


def test_the_rate_by_hand_is_not_of_the_past():
    rate, W = toy.Variable(1.0), toy.Variable(2.0)
    assert tensorflowvisu.MnistDataVis(throttle=rate, state=[rate, W]).handles.state == [W]


def test_of_a_program_that_counts_otherwise_only_the_start_is_kept():
    """From elsewhere, nobody knows which iteration comes next."""
    door = tensorflowvisu.MnistDataVis(state=[np.zeros(3)])
    door.draws, door.run = True, Run(ITERATIONS)
    X, Y_ = toy.Network().digits(10)

    def step(i, n, update_test_data, update_train_data):
        if update_test_data:
            door.update_test_data(i / 7, X, Y_, Y_, 1)

    for moment in door.moments(step, schedule(ITERATIONS, TRAIN_EVERY, TEST_EVERY)):
        door.run.append(moment)
    assert [network.i for network in door.run.networks] == [0]


def test_at_the_end_nothing_is_left_to_train(finished):
    press(finished, "left", "b")
    assert "nothing is left" in finished.painter.header.status and not finished.run.earlier


def test_the_moment_before_stays(finished):
    go_to(finished, 100)
    press(finished, "b")
    assert finished.run.newest.measured_at == 90 and finished.run.iteration == 100


def test_only_the_latest_futures_stay(finished):
    for _ in range(MOST_FUTURES + 3):
        go_to(finished, 150)
        press(finished, "b")
        train(finished)
    assert len(finished.run.earlier) == MOST_FUTURES
    assert len(finished.painter.panels[charts.Loss].earlier) == MOST_FUTURES and not finished.errors.seen
