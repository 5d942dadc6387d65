"""rate: the learner's hand on the learning rate."""

from toy import Variable

from dashboard.rate import MOST_TURNS, Rate


def test_it_turns_from_where_it_is():
    variable = Variable(0.5)
    rate = Rate(variable)
    assert rate.turn(2) and rate.turn(2) and rate.factor == 4 and variable.value == 2
    assert rate.turn(0.5) and variable.value == 1


def test_it_has_ends():
    rate = Rate(Variable(1.0))
    while rate.turn(2):
        pass
    assert rate.factor == MOST_TURNS
    while rate.turn(0.5):
        pass
    assert rate.factor == 1 / MOST_TURNS


def test_a_programs_own_schedule_is_not_the_learners_hand():
    variable = Variable(1.0)
    rate = Rate(variable)
    variable.value = 0.25
    assert rate.factor == 1
    assert rate.turn(2) and rate.factor == 2 and variable.value == 0.5


def test_a_rate_that_starts_at_0():
    rate = Rate(Variable(0.0))
    assert rate.turn(2) and rate.factor == 2
