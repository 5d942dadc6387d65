"""Lesson 1.0: one layer of ten neurons, 92 %.

New here: everything. A neuron multiplies each of the 784 pixels of an image by a weight of its own, adds up
the products, and adds a bias. There is one neuron for each digit, and softmax turns the ten sums into ten
probabilities. The loss measures how far these are from the right answer. Training takes a batch of 100
images at a time, computes the gradient of the loss, and moves every weight and bias a small step against
it, which makes the loss smaller: gradient descent. One such step is one iteration.

Run it without options to watch it learn in a window; --text prints text instead, --help lists all options.

Final test accuracy: 0.9202 ± 0.0018 (seeds 0, 1, 2; 2,000 iterations), in 6 s as text on 2 CPU cores.
"""

import mnistdata
import tensorflowvisu

options = tensorflowvisu.command_line(__doc__, iterations=2000)

import tensorflow as tf  # only after command_line(), which lets it start without its log messages

# neural network with 1 layer of 10 softmax neurons
#
# · · · · · · · · · ·   X  [batch, 28, 28, 1]             images
# · · · · · · · · · ·   XX [batch, 784]                   each image as one row of pixels
# \x/x\x/x\x/x\x/x\x/   W  [784, 10]            B  [10]   every pixel to every neuron; softmax
#      · · · · ·        Y  [batch, 10]                    ten probabilities

BATCH = 100  # images in one iteration
LEARNING_RATE = 0.005  # the loss is times 100: without that factor, 0.5 would make the same steps
XLA = not tf.config.list_physical_devices("GPU")  # compile with XLA, which is faster; not every GPU has it

tf.random.set_seed(options.seed)  # the same random numbers in every run
mnist = mnistdata.read_data_sets(options.data, seed=options.seed)
# as tensors, because converting the digits again in each test would take time
test_images, test_labels = tf.constant(mnist.test.images), tf.constant(mnist.test.labels)

W = tf.Variable(tf.zeros([784, 10]))
B = tf.Variable(tf.zeros([10]))
weights, biases = [W], [B]
throttle = tf.Variable(1.0)  # of the learning rate: + and - turn it in the dashboard


def model(X):
    XX = tf.reshape(X, [-1, 784])  # [batch, 784]
    Y = tf.nn.softmax(XX @ W + B)  # [batch, 10]
    return Y


def cross_entropy(Y, Y_):
    """The mean of -Σ Y_ · log(Y) over the images, times 100: 0 if all answers are right and certain."""
    return tf.reduce_mean(-tf.reduce_sum(Y_ * tf.math.log(Y), axis=1)) * 100


@tf.function(jit_compile=XLA)
def evaluate(X, Y_):
    Y = model(X)
    return Y, cross_entropy(Y, Y_)


@tf.function
def gradient(X, Y_):
    """How the loss changes with each weight and bias."""
    with tf.GradientTape() as tape:
        _, loss = evaluate(X, Y_)
    return tape.gradient(loss, weights + biases)


@tf.function(jit_compile=XLA, reduce_retracing=True)
def train(images, labels):
    """One iteration for each batch; many in one call, because each call has a fixed cost."""
    for k in tf.range(len(images)):
        X, Y_ = images[k], labels[k]
        for V, G in zip(weights + biases, gradient(X, Y_)):
            V.assign_sub(throttle * LEARNING_RATE * G)  # a step downhill


state = weights + biases  # all that training changes
datavis = tensorflowvisu.MnistDataVis(
    options, mnist, BATCH, model, gradient=gradient, throttle=throttle, state=state
)


def training_step(i, n, update_test_data, update_train_data):
    """After `i` iterations: show what is due, then train on the next `n` batches."""
    if update_test_data:
        Y, loss = evaluate(test_images, test_labels)
        datavis.update_test_data(i, mnist.test.images, mnist.test.labels, Y, loss)
    images, labels = mnist.train.next_batches(n, BATCH)  # [n, BATCH, 28, 28, 1] and [n, BATCH, 10]
    if update_train_data:
        Y, loss = evaluate(images[0], labels[0])
        datavis.update_train_data(i, images[0], labels[0], Y, loss, weights, biases, throttle * LEARNING_RATE)
    if n:
        train(images, labels)


datavis.animate(training_step, options.iterations, train_data_update_freq=10, test_data_update_freq=50)
# the same run as text only, as with --text:
# datavis.print_only(training_step, options.iterations, train_data_update_freq=10, test_data_update_freq=50)

# Measured, final test accuracy, mean of seeds 0, 1, 2:
#   as it stands, 2,000 iterations    0.9202
#   10,000 iterations                 0.9233, and at best 0.9267 on the way: one layer can do no better
