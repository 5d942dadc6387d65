"""The training loop: on any number of devices; it can stop and resume at any step, with the same result."""

import dataclasses
import math
import time

import keras
import numpy as np
import tensorflow as tf

from mlengine.trainer import data, forms, machines, model
from mlengine.trainer.options import EPOCHS, highest_rate

CHUNK = 10  # steps in one call of TensorFlow
MEAN_OVER = 500  # steps of which the mean of the weights is taken, or a tenth of those so far, if fewer
READ_AT_ONCE = 1_000  # digits, outside training

# the form of what is noted of each validation
HISTORY = {"step": 0, "loss": 0.0, "validation_accuracy": 0.0, "validation_loss": 0.0, "rate": 0.0}
TOO_LONG = "the learning rate is too high. Start again, in another --job-dir, with a lower --hp-rate."


class Diverged(ArithmeticError):
    """Training has failed; the reason in one sentence."""


@dataclasses.dataclass
class Progress:
    """How far the run is: with the variables, all that is needed to resume it."""

    step: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0  # over the steps since the last validation
    loss_steps: int = 0
    history: list = dataclasses.field(default_factory=list)  # an entry for each validation
    best: dict = dataclasses.field(default_factory=lambda: {"step": 0, "accuracy": -1.0, "loss": math.inf})
    since_best: int = 0  # validations
    since_lowered: int = 0  # validations without improvement or a lower rate
    factor: float = 1.0  # of the learning rate
    mean_step: int = 0  # when the mean of the weights was last updated


class Training:
    def __init__(self, strategy, options, digits, validation):
        self.strategy, self.options = strategy, options
        self.digits, self.validation = digits, validation
        self.epoch = max(1, len(digits[1]) // options.hp_batch)  # steps
        self.last_step = options.steps or (options.epochs or EPOCHS) * self.epoch
        self.save_every = options.checkpoint_steps or self.epoch  # steps
        self.progress = Progress()
        self.machines = machines.Agreement(strategy)
        keras.utils.set_random_seed(options.seed)
        tf.config.experimental.enable_op_determinism()  # the same seed, the same weights, also on a GPU
        keras.mixed_precision.set_dtype_policy(options.precision)
        with strategy.scope():
            self.network = model.NETWORKS[options.model](options)
            self.rate = model.FallingRate(highest_rate(options), options.hp_decay, self.last_step)
            self.optimizer = model.optimizer(options, self.rate)
            self.optimizer.build(self.network.trainable_variables)
            # a second network of the same kind, for the mean of the first one's weights
            self.mean_network = model.NETWORKS[options.model](options)
        self.mean = self.values(self.network)  # of the network's variables over the last steps
        self.best = self.mean  # the one with the best validation

    def run(self):
        """Train to the end. Yields after every few steps whether to save; the caller may stop there."""
        steps = range(self.progress.step, self.last_step)
        batches = iter(
            self.strategy.distribute_datasets_from_function(
                lambda context: data.batches(*self.digits, self.options, steps, context)
            )
        )
        while not self.is_over():
            started, step = time.monotonic(), self.progress.step
            ahead = [size - step % size for size in (CHUNK, self.epoch, self.save_every)]
            n = min(*ahead, self.last_step - step)
            loss = float(self.train(batches, tf.constant(n)))
            if not math.isfinite(loss):
                raise Diverged(f"The loss became {loss} after step {step:,}: {TOO_LONG}")
            self.progress.step += n
            self.progress.loss_sum += loss
            self.progress.loss_steps += n
            epoch_ends = self.progress.step % self.epoch == 0 or self.progress.step == self.last_step
            if self.progress.step % CHUNK == 0 or epoch_ends:
                self.update_mean()
            if epoch_ends:
                self.validate()
            self.progress.seconds += time.monotonic() - started
            yield self.progress.step % self.save_every == 0 or self.is_over()

    def is_over(self):
        patience = self.options.early_stopping
        return self.progress.step >= self.last_step or 0 < patience <= self.progress.since_best

    @tf.function
    def train(self, batches, n):
        """n steps; the sum of their losses."""
        total = tf.constant(0.0)
        for _ in tf.range(n):
            losses = self.strategy.run(self.train_step, args=next(batches))
            total += self.strategy.reduce("SUM", losses, axis=None)
        return total

    def train_step(self, X, Y_):
        """One device's share of a batch."""
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            Ylogits = self.network(X, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(Y_, Ylogits)
            # the mean over the whole batch, of which this device has a share: the shares' sum is the loss
            loss = tf.reduce_sum(losses) / self.options.hp_batch
            scaled_loss = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled_loss, variables)
        if self.options.hp_clip or self.options.precision == "mixed_float16":
            gradients = self.summed_over_devices(gradients)
        self.optimizer.apply_gradients(zip(gradients, variables))  # of all devices, summed up
        return loss

    def summed_over_devices(self, gradients):
        """The gradients of the whole batch: only the sum shows whether they are too long, or not finite."""
        replicas = tf.distribute.get_replica_context()
        gradients = replicas.all_reduce("SUM", gradients)
        if self.options.hp_clip:
            longest = self.options.hp_clip * self.optimizer.scale_loss(1.0)
            gradients, _ = tf.clip_by_global_norm(gradients, longest)
        # apply_gradients sums once more
        return [gradient / replicas.num_replicas_in_sync for gradient in gradients]

    def update_mean(self):
        """An exponential moving average of all variables, batch normalisation's means and variances included.

        Each step goes a little too far in the direction of its batch: the mean of many is better.
        """
        steps, self.progress.mean_step = self.progress.step - self.progress.mean_step, self.progress.step
        decay = math.exp(-steps / min(MEAN_OVER, self.progress.step / 10))
        now = self.values(self.network)
        self.mean = [  # whole numbers, the state of dropout's random generator, are copied
            decay * a + (1 - decay) * b if b.dtype.kind == "f" else b for a, b in zip(self.mean, now)
        ]

    def validate(self):
        """Read the validation digits: are these the best weights so far?"""
        images, labels = self.validation
        Y = self.probabilities(self.mean, images, model.ONCE)  # five times would be slower
        accuracy = np.mean(Y.argmax(axis=1) == labels)
        loss = np.mean(-np.log(Y[np.arange(len(labels)), labels] + 1e-9))
        # different machines may differ in the last bit, but must decide the same
        accuracy, loss = self.machines.mean([accuracy, loss])
        if not math.isfinite(loss):
            raise Diverged(f"The validation loss became {loss} after step {self.progress.step:,}: {TOO_LONG}")
        now = self.progress
        values = now.step, now.loss_sum / now.loss_steps, accuracy, loss, float(self.rate(now.step - 1))
        now.history.append(dict(zip(HISTORY, values)))
        now.loss_sum, now.loss_steps = 0.0, 0
        now.since_best += 1
        now.since_lowered += 1
        if (accuracy, -loss) > (now.best["accuracy"], -now.best["loss"]):
            now.best = {"step": now.step, "accuracy": accuracy, "loss": loss}
            now.since_best = now.since_lowered = 0
            self.best = self.mean
        if 0 < self.options.plateau <= now.since_lowered:
            now.since_lowered, now.factor = 0, now.factor / 2
            self.rate.factor.assign(now.factor)

    def probabilities(self, arrays, images, moves):
        """Ten for each of the digits. Every device reads all of them: faster than to share them."""
        assign(self.mean_network, arrays)
        starts = range(0, len(images), READ_AT_ONCE)
        parts = [images[start : start + READ_AT_ONCE] for start in starts]
        return np.concatenate([self.read(part, moves).numpy() for part in parts])

    @tf.function(reduce_retracing=True)
    def read(self, images, moves):
        X = tf.cast(images[..., tf.newaxis], tf.float32) / 255
        Y = self.strategy.run(lambda X: model.probabilities(self.mean_network, X, moves), args=(X,))
        return self.strategy.experimental_local_results(Y)[0]

    def summary(self):
        """For the report."""
        best = self.progress.best
        return {
            "best_step": best["step"],
            "validation_accuracy": best["accuracy"],
            "validation_loss": best["loss"],
            "steps": self.progress.step,
            "seconds": round(self.progress.seconds, 1),
            "parameters": self.network.count_params(),
            "history": self.progress.history,
        }

    # ------------------------------------------------------------------------------------- stop and resume

    def values(self, owner):
        """The variables of the network or of the optimizer, as this machine has them."""
        return [self.strategy.experimental_local_results(v.value)[0].numpy() for v in owner.variables]

    def snapshot(self):
        """All that is needed to resume: what JSON can hold, and arrays."""
        groups = {
            "network": self.values(self.network),
            "optimizer": self.values(self.optimizer),
            "mean": self.mean,
            "best": self.best,
        }
        arrays = {f"{group}{k:03}": array for group, found in groups.items() for k, array in enumerate(found)}
        return dataclasses.asdict(self.progress), arrays

    def fits(self, progress, arrays):
        """Is it a snapshot of this training?"""
        own_progress, own_arrays = self.snapshot()
        return (
            forms.has_form(progress, {**own_progress, "history": [HISTORY]})
            and progress.keys() == own_progress.keys()
            and 0 <= progress["step"] <= self.last_step
            and shapes(arrays) == shapes(own_arrays)
        )

    def restore(self, progress, arrays):
        """Resume from a snapshot."""
        self.progress = Progress(**progress)
        self.rate.factor.assign(self.progress.factor)
        for group, owner in ("network", self.network), ("optimizer", self.optimizer):
            assign(owner, [arrays[f"{group}{k:03}"] for k in range(len(owner.variables))])
        self.mean, self.best = (
            [arrays[f"{group}{k:03}"] for k in range(len(self.best))] for group in ("mean", "best")
        )

    def best_answers(self, images):
        """The probabilities from the best weights, read five times."""
        return self.probabilities(self.best, images, model.FIVE_TIMES)

    def best_network(self):
        """A network with the best weights, on no particular device."""
        network = model.NETWORKS[self.options.model](self.options)
        assign(network, self.best)
        return network


def shapes(arrays):
    return {name: (array.dtype, array.shape) for name, array in arrays.items()}


def assign(owner, arrays):
    for variable, array in zip(owner.variables, arrays, strict=True):
        variable.assign(array)
