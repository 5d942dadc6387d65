"""Training batches with tf.data, each digit a little shifted, turned and stretched, another way every time.

A batch depends on the seed and on its number alone. So a run can resume at any step, and several machines
share a batch without communicating.
"""

import math

import numpy as np
import tensorflow as tf

VALIDATION = 5_000  # training digits held out, to choose the best weights of a run


def split(images, labels):
    """Digits to train on, and validation digits: always the same ones."""
    shuffled = np.random.default_rng(0).permutation(len(labels))
    held_out, train = np.split(shuffled, [min(VALIDATION, len(labels) // 10)])
    return (images[train], labels[train]), (images[held_out], labels[held_out])


def batches(images, labels, options, steps, context):
    """For each of the steps and each device of this machine, that device's share of the batch.

    images [share, 28, 28, 1] float32 in 0..1, labels [share] int64; shares may differ by one digit
    """
    images, labels = tf.constant(images[..., np.newaxis]), tf.constant(labels, tf.int64)
    count = tf.shape(labels, tf.int64)[0]
    batch = options.hp_batch
    devices = context.num_replicas_in_sync  # of all machines
    here = devices // context.num_input_pipelines  # of this machine

    def share_of_batch(k):
        step, device = k // here, context.input_pipeline_id * here + k % here
        share = tf.range(device * batch // devices, (device + 1) * batch // devices)
        # the training digits in a new order every epoch, one epoch after the other
        epoch, place = (step * batch + share) // count, (step * batch + share) % count
        seeds = tf.stack(
            [tf.fill(tf.shape(epoch), tf.constant(options.seed, tf.int64)), epoch, epoch], axis=1
        )
        digits = tf.raw_ops.RandomIndexShuffle(index=place, seed=seeds, max_index=count - 1)
        random = tf.random.stateless_uniform([batch, 6], [options.seed, step], -1, 1)
        X = tf.cast(tf.gather(images, digits), tf.float32) / 255
        return deform(X, tf.gather(random, share), options), tf.gather(labels, digits)

    numbers = tf.data.Dataset.range(steps.start * here, steps.stop * here)
    return numbers.map(share_of_batch, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def deform(images, random, options):
    """Each image turned, slanted, stretched and shifted; `random` [n, 6], -1..1, sets how far."""
    angle = random[:, 0] * math.radians(options.hp_turn)
    wider, higher = 1 + random[:, 1] * options.hp_scale, 1 + random[:, 2] * options.hp_scale
    slant = random[:, 5] * options.hp_slant
    right, down = random[:, 3] * options.hp_shift, random[:, 4] * options.hp_shift
    # the result's pixel (x, y) is the image's (a·x + b·y + c, d·x + e·y + f); the centre is (m, m)
    a, b = wider * tf.cos(angle), wider * (slant * tf.cos(angle) - tf.sin(angle))
    d, e = higher * tf.sin(angle), higher * (slant * tf.sin(angle) + tf.cos(angle))
    m = (28 - 1) / 2
    c, f = m - a * m - b * m + right, m - d * m - e * m + down
    zero = tf.zeros_like(a)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([a, b, c, d, e, f, zero, zero], axis=1),
        output_shape=[28, 28],
        fill_value=0.0,
        interpolation="BILINEAR",
    )
