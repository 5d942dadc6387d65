"""The networks: lesson 3.1's, enlarged, and lesson 2.2's. Images [n, 28, 28, 1] in, logits [n, 10] out."""

import math

import keras
from keras import layers, ops, optimizers

ONCE = ((0, 0),)
FIVE_TIMES = (0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)  # pixels down and right
WARM_UP = 0.05  # share of the run in which the learning rate rises


def convolutional(options):
    """Lesson 3.1's network with three more layers and batch normalisation.

    Batch normalisation gives each channel the mean 0 and the variance 1 over a batch, then a scale and an
    offset that are learned (so that no biases are needed): the range of every layer's input stays the same,
    and a high learning rate is possible. Outside training, it uses the mean and variance of recent batches.

    After the first layer, patches stay within the image ("valid" padding), so it becomes smaller by itself.
    """
    # · · · · · · · · · ·   X  [batch, 28, 28, 1]    images
    # @ @ @ @ @ @ @ @ @ @   Y1 [batch, 14, 14, 32]   patches of 5x5 pixels, moved by 2; batch norm, relu
    #  @ @ @ @ @ @ @ @ @    Y2 [batch, 12, 12, 40]   patches of 3x3, moved by 1; and so on
    #   @ @ @ @ @ @ @ @     Y3 [batch, 10, 10, 48]
    #    @ @ @ @ @ @ @      Y4 [batch, 8, 8, 64]
    #     @ @ @ @ @ @       Y5 [batch, 6, 6, 80]
    #      @ @ @ @ @        Y6 [batch, 4, 4, 96]
    #     \x/x\x/x\x/       Y7 [batch, 200]          every number to every neuron; batch norm, relu, dropout
    #      \x/x\x/x/        Y  [batch, 10]           one neuron for each digit; softmax comes with the loss
    channels = options.hp_conv2, options.hp_conv3, options.hp_conv4, options.hp_conv5, options.hp_conv6
    return keras.Sequential(
        [
            keras.Input([28, 28, 1]),
            *normalised(layers.Conv2D(options.hp_conv1, 5, strides=2, padding="same", use_bias=False)),
            *(part for n in channels for part in normalised(layers.Conv2D(n, 3, use_bias=False))),
            layers.Flatten(),
            *normalised(layers.Dense(options.hp_dense, use_bias=False)),
            layers.Dropout(options.hp_dropout),
            layers.Dense(10, dtype="float32"),  # also where the other layers compute in 16 bits
        ]
    )


def normalised(layer):
    # synchronized: one mean for the shares of all devices, as if there were one device
    return layer, layers.BatchNormalization(momentum=0.95, synchronized=True), layers.ReLU()


def dense(options):
    """Lesson 2.2's network."""
    # · · · · · · · · · ·   X  [batch, 28, 28, 1]   images
    # \x/x\x/x\x/x\x/x\x/   Y1 [batch, 200]         every pixel to every neuron; relu, dropout
    #  \x/x\x/x\x/x\x/x/    Y2 [batch, 100]
    #   \x/x\x/x\x/x\x/     Y3 [batch, 60]
    #    \x/x\x/x\x/x/      Y4 [batch, 30]
    #      \x/x\x/x/        Y  [batch, 10]          softmax comes with the loss
    return keras.Sequential(
        [
            keras.Input([28, 28, 1]),
            layers.Flatten(),
            *(
                layer
                for n in (200, 100, 60, 30)
                for layer in (layers.Dense(n, "relu"), layers.Dropout(options.hp_dropout))
            ),
            layers.Dense(10, dtype="float32"),
        ]
    )


NETWORKS = {"convolutional": convolutional, "dense": dense}


def probabilities(network, X, moves):
    """[n, 10] for images [n, 28, 28, 1]: the mean over copies of each image, moved by these pixels.

    Where the network is sure, the copies agree. Where it is not, a single pixel should not decide.
    """
    paper = ops.pad(X, [[0, 0], [1, 1], [1, 1], [0, 0]])
    moved = [paper[:, 1 - down : 29 - down, 1 - right : 29 - right] for down, right in moves]
    return sum(ops.softmax(network(X, training=False)) for X in moved) / len(moves)


class FallingRate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of a step: up during the first twentieth of the run, then down by `decay`."""

    def __init__(self, highest, decay, steps):
        self.highest, self.decay, self.steps = highest, decay, steps
        self.factor = keras.Variable(1.0, trainable=False, name="factor")  # lowered on a plateau

    def __call__(self, step):
        done = keras.ops.cast(step + 1, "float32") / self.steps  # share of the run
        falling = {
            "constant": 1.0,
            "exponential": keras.ops.exp(-5 * done),  # 0.0067 of the highest at the end
            "cosine": 0.5 + 0.5 * keras.ops.cos(math.pi * done),
        }
        return self.highest * self.factor * keras.ops.minimum(1.0, done / WARM_UP) * falling[self.decay]


def optimizer(options, rate):
    kind, more = {
        "sgd": (optimizers.SGD, {}),
        "momentum": (optimizers.SGD, {"momentum": 0.9}),
        "nesterov": (optimizers.SGD, {"momentum": 0.9, "nesterov": True}),
        "adagrad": (optimizers.Adagrad, {}),
        "adadelta": (optimizers.Adadelta, {}),
        "rmsprop": (optimizers.RMSprop, {}),
        "adam": (optimizers.Adam, {}),
    }[options.hp_optimizer]
    chosen = kind(rate, weight_decay=options.hp_weight_decay or None, **more)
    if options.precision != "mixed_float16":
        return chosen
    # in 16 bits, small gradients would be 0: the loss is multiplied by a large number, then they are divided
    return optimizers.LossScaleOptimizer(chosen)
