"""Training batches: shuffled, deformed, shared by machines and devices."""

from argparse import Namespace

import numpy as np
import pytest
from jobs import options
from quiet import tf

from mlengine.trainer import data


def context(pipelines=1, devices=1, number=0):
    return Namespace(num_input_pipelines=pipelines, num_replicas_in_sync=devices, input_pipeline_id=number)


def all_batches(digits, hp, steps, context):
    return [(X.numpy(), Y_.numpy()) for X, Y_ in data.batches(digits[0], digits[1], hp, steps, context)]


def test_every_digit_comes_once_an_epoch_in_a_new_order():
    numbered = (np.zeros([70, 28, 28], np.uint8), np.arange(70) % 10)
    batches = all_batches(numbered, options("--hp-batch", 15), range(14), context())
    labels = np.concatenate([Y_ for _, Y_ in batches])
    first, second, third = labels.reshape(3, 70)  # 14 batches of 15 are 3 epochs of 70
    assert [np.bincount(epoch, minlength=10).tolist() for epoch in (first, second, third)] == [[7] * 10] * 3
    assert not np.array_equal(first, second) and not np.array_equal(second, third)


def test_a_batch_depends_on_its_number_only(digits):
    hp = options("--hp-batch", 20)
    whole = all_batches(digits, hp, range(6), context())
    later = all_batches(digits, hp, range(4, 6), context())
    for (X, Y_), (X2, Y2_) in zip(whole[4:], later, strict=True):
        assert np.array_equal(X, X2) and np.array_equal(Y_, Y2_)


@pytest.mark.parametrize("machines, devices", [(1, 2), (2, 2), (2, 4), (1, 3), (3, 3)])
def test_machines_and_devices_share_the_same_batches(digits, machines, devices):
    hp = options("--hp-batch", 20)
    whole = all_batches(digits, hp, range(3), context())
    here = devices // machines
    shares = [all_batches(digits, hp, range(3), context(machines, devices, k)) for k in range(machines)]
    for step, (X, Y_) in enumerate(whole):
        parts = [share for machine in shares for share in machine[step * here : (step + 1) * here]]
        assert np.array_equal(np.concatenate([x for x, _ in parts]), X)
        assert np.array_equal(np.concatenate([y for _, y in parts]), Y_)


def test_digits_are_deformed_by_as_much_as_asked_for(digits):
    images = tf.constant(digits[0][:1, ..., np.newaxis], tf.float32) / 255
    still = options("--hp-turn=0", "--hp-shift=0", "--hp-scale=0", "--hp-slant=0")
    assert np.allclose(data.deform(images, tf.constant([[1.0, -1, 1, -1, 1, 1]]), still), images, atol=1e-5)
    shifted = options("--hp-turn=0", "--hp-shift=3", "--hp-scale=0")
    moved = data.deform(images, tf.constant([[0.0, 0, 0, 1, -1, 0]]), shifted)  # 3 to the left, 3 down
    assert np.allclose(moved[0, 3:, :-3], images[0, :-3, 3:], atol=1e-5)
    turned = data.deform(images, tf.constant([[1.0, 0, 0, 0, 0, 0]]), options("--hp-turn=90", "--hp-shift=0"))
    assert np.allclose(turned[0, ..., 0], np.rot90(images[0, ..., 0]), atol=1e-4)
    stretched = options("--hp-scale=0.3", "--hp-turn=0")
    bigger = data.deform(images, tf.constant([[0.0, -1, -1, 0, 0, 0]]), stretched)
    assert np.sum(bigger) > 1.5 * np.sum(images)  # 1 / 0.7² = 2.04, less what is cut off


def test_the_validation_digits_are_always_the_same(digits):
    images = np.arange(60_000)
    (train, _), (held_out, _) = data.split(images, images)
    assert len(train) == 55_000 and len(held_out) == 5_000
    assert np.array_equal(np.sort(np.append(train, held_out)), images)
    assert np.array_equal(data.split(images, images)[1][0], held_out)
