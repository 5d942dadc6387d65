"""answers: a network's answers to digits: which are right, which are confused, how they change."""

import numpy as np
import pytest
import toy

from dashboard.run import answers, text
from dashboard.run.answers import read_answers

GOOD = {"X": np.zeros([5, 28, 28, 1]), "Y_": np.eye(10)[:5], "Y": np.eye(10)[:5]}


@pytest.fixture(scope="module")
def many():
    """10,000 digits, right answers and given ones, and a test on them."""
    random = np.random.default_rng(0)
    X, (right, given) = random.random([10_000, 4]), random.integers(0, 10, [2, 10_000])
    return X, right, given, toy.test_update(0, X, np.eye(10)[right], np.eye(10)[given], 1.0)


def test_accuracy():
    Y_ = np.eye(10)[[3, 1, 4, 1]]
    Y = np.full((4, 10), 0.05)
    Y[range(4), [3, 1, 4, 5]] = 0.55
    assert read_answers(np.zeros([4, 784]), Y_, Y).accuracy == 0.75


@pytest.mark.parametrize("name, wrong", [
    ("X", np.zeros([5])), ("X", np.zeros([5, 783])), ("X", np.zeros([0, 28, 28])),
    ("X", np.zeros([5, 28, 0])), ("X", np.zeros([5, 1, 28, 28, 1])),
    ("Y_", np.zeros(5)), ("Y_", np.eye(10)[:4]), ("Y", np.zeros([5, 9])), ("Y", np.zeros(5)),
])  # fmt: skip
def test_a_wrong_shape_is_refused_by_name(name, wrong):
    with pytest.raises(ValueError, match=f"^{name}: .* needed.*\\[{wrong.shape[0]}"):
        read_answers(**{**GOOD, name: wrong})


def test_wrong_digits_come_first():
    found = read_answers(
        np.arange(4).repeat(4).reshape(4, 2, 2), np.eye(10)[[0, 1, 2, 3]], np.eye(10)[[0, 7, 2, 8]]
    )
    images, right, given, total, indices, _ = answers.wrong_first(found, most=3)
    assert images[:, 0, 0].tolist() == [1, 3, 0]
    assert (right.tolist(), given.tolist(), total, indices.tolist()) == ([1, 3, 0], [7, 8, 0], 4, [1, 3, 0])


@pytest.mark.parametrize("classes", [10, 300])
def test_every_class_is_kept(classes):
    """In as few bytes as it takes."""
    Y_ = np.eye(classes)
    found = read_answers(np.zeros([classes, 4]), Y_, Y_)
    assert found.given.tolist() == found.right.tolist() == list(range(classes))


# ----------------------------------------------------------------------------------------- which are confused


def test_the_matrix_counts_and_names_the_worst():
    right, given = [0, 0, 1, 1, 1, 2, 2], [0, 0, 2, 2, 1, 1, 2]
    test = toy.test_update(0, np.zeros([7, 4]), np.eye(3)[right], np.eye(3)[given], 1.0)
    matrix = answers.confusion(test.answers)
    assert matrix.tolist() == [[2, 0, 0], [0, 1, 2], [0, 1, 1]]
    assert answers.worst_pairs(matrix, 3) == [(1, 2), (2, 1)]


def test_the_matrix_matches_the_accuracy_printed(many):
    *_, test = many
    counts = answers.confusion(test.answers)
    assert counts.sum() == 10_000
    assert f"test accuracy:{np.trace(counts) / 10_000:.4f} " in text.test_line(test)


def test_the_cell_holds_exactly_its_digits(many):
    X, right, given, test = many
    found = answers.digits_in_cell(test.answers, (3, 5), 1000)
    k = np.flatnonzero((right == 3) & (given == 5))
    assert found.indices.tolist() == k.tolist() and found.total == len(k)
    assert (
        (found.images.reshape(-1, 4) == X[k]).all() and (found.right == 3).all() and (found.given == 5).all()
    )
    few = answers.digits_in_cell(test.answers, (3, 5), 7)
    assert len(few.images) == 7 and few.total == len(k)


# -------------------------------------------------------------------------------------------- how they change


def test_the_digits_that_change_most_come_first():
    random = np.random.default_rng(0)
    X, Y_, tests = random.random([200, 4]), np.eye(3)[random.integers(0, 3, 200)], []
    for i in range(6):
        tests.append(toy.test_update(i, X, Y_, np.eye(3)[random.integers(0, 3, 200)], 1.0))
    given = np.array([test.answers.given for test in tests])
    changes = (given[1:] != given[:-1]).sum(axis=0)
    digits = answers.changeable_digits(tests, 5)
    assert changes[digits.indices].tolist() == sorted(changes.tolist())[::-1][:5]
    assert digits.total == (changes > 0).sum()
    assert not len(answers.changeable_digits(tests[:1], 5).images), "one test is no change"
