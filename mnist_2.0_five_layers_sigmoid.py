"""Step 2.0: five layers, sigmoid: over 97 %.

New here: four more layers. Each neuron of a layer adds up what all neurons of the layer before it say, and
sigmoid squashes the sum into the range from 0 to 1; the last layer keeps its softmax. The weights start as
small random numbers, since neurons that start alike would stay alike. Adam replaces plain gradient descent:
it steps along the gradient's mean over the last iterations, for each weight at a pace of its own. Watch the
slow start: sigmoid's slope is 1/4 at most, so each layer on the way back from the loss leaves less of the
gradient, and the first one gets next to nothing.

    python mnist_2.0_five_layers_sigmoid.py            live, in a window
    python mnist_2.0_five_layers_sigmoid.py --text     as text
    python mnist_2.0_five_layers_sigmoid.py --help     all options

Final test accuracy: 0.9762 ± 0.0019 (seeds 0, 1, 2; 10,000 iterations), in 20 s as text on 2 CPU cores.
"""

import mnistdata
import tensorflowvisu

options = tensorflowvisu.command_line(__doc__, iterations=10000)  # and starts TensorFlow quietly

import tensorflow as tf

# neural network with 5 layers
#
# · · · · · · · · · ·   X  [batch, 28, 28, 1]              images
# · · · · · · · · · ·   XX [batch, 784]                    the same, one row of pixels each
# \x/x\x/x\x/x\x/x\x/   W1 [784, 200]           B1 [200]   every pixel to every neuron; sigmoid
#  · · · · · · · · ·    Y1 [batch, 200]
#  \x/x\x/x\x/x\x/x/    W2 [200, 100]           B2 [100]   every neuron to every neuron; sigmoid
#   · · · · · · · ·     Y2 [batch, 100]
#   \x/x\x/x\x/x\x/     W3 [100, 60]            B3 [60]    the same
#    · · · · · · ·      Y3 [batch, 60]
#    \x/x\x/x\x/x/      W4 [60, 30]             B4 [30]    the same
#     · · · · · ·       Y4 [batch, 30]
#     \x/x\x/x\x/       W5 [30, 10]             B5 [10]    one neuron for each digit; softmax
#      · · · · ·        Y  [batch, 10]                     ten probabilities

BATCH = 100  # images in one iteration
LEARNING_RATE = 0.003

tf.random.set_seed(options.seed)  # the same random numbers in every run
mnist = mnistdata.read_data_sets(options.data, seed=options.seed)
test_images, test_labels = tf.constant(mnist.test.images), tf.constant(mnist.test.labels)
iterations_per_epoch = len(mnist.train.labels) // BATCH  # to see every training digit once

W1 = tf.Variable(tf.random.truncated_normal([784, 200], stddev=0.1))
W2 = tf.Variable(tf.random.truncated_normal([200, 100], stddev=0.1))
W3 = tf.Variable(tf.random.truncated_normal([100, 60], stddev=0.1))
W4 = tf.Variable(tf.random.truncated_normal([60, 30], stddev=0.1))
W5 = tf.Variable(tf.random.truncated_normal([30, 10], stddev=0.1))
B1 = tf.Variable(tf.zeros([200]))
B2 = tf.Variable(tf.zeros([100]))
B3 = tf.Variable(tf.zeros([60]))
B4 = tf.Variable(tf.zeros([30]))
B5 = tf.Variable(tf.zeros([10]))
weights, biases = [W1, W2, W3, W4, W5], [B1, B2, B3, B4, B5]

# what Adam remembers: the mean of each gradient over about ten iterations, of its square over a thousand
means = [tf.Variable(tf.zeros_like(V)) for V in weights + biases]
squares = [tf.Variable(tf.zeros_like(V)) for V in weights + biases]
step = tf.Variable(0.0)


def model(X):
    XX = tf.reshape(X, [-1, 784])  # [batch, 784]
    Y1 = tf.nn.sigmoid(XX @ W1 + B1)  # [batch, 200]
    Y2 = tf.nn.sigmoid(Y1 @ W2 + B2)  # [batch, 100]
    Y3 = tf.nn.sigmoid(Y2 @ W3 + B3)  # [batch, 60]
    Y4 = tf.nn.sigmoid(Y3 @ W4 + B4)  # [batch, 30]
    Y = tf.nn.softmax(Y4 @ W5 + B5)  # [batch, 10]
    return Y


def cross_entropy(Y, Y_):
    """The mean of -Σ Y_ · log(Y) over the images, times 100. An answer that is right and certain adds 0."""
    return -tf.reduce_mean(Y_ * tf.math.log(Y)) * 10 * 100  # as the mean divides by 10 classes too


@tf.function
def evaluate(X, Y_):
    Y = model(X)
    return Y, cross_entropy(Y, Y_)


def adam(V, G, mean, square, rate):
    """mean += (G - mean) / 10, square += (G² - square) / 1000, V -= rate · mean / √square, in one go."""
    tf.raw_ops.ResourceApplyAdam(
        var=V.handle, grad=G, m=mean.handle, v=square.handle, lr=rate, beta1=0.9, beta2=0.999, epsilon=1e-8,
        # mean and square start at 0 and are too small at first: they are divided by 1 - 0.9^t and 1 - 0.999^t
        beta1_power=0.9 ** (step + 1), beta2_power=0.999 ** (step + 1),
    )  # fmt: skip


@tf.function(input_signature=[tf.TensorSpec([None, BATCH, 28, 28, 1]), tf.TensorSpec([None, BATCH, 10])])
def train(images, labels):
    """One iteration for each batch; many in one call, because every call takes time of its own."""
    for k in tf.range(len(images)):
        X, Y_ = images[k], labels[k]
        with tf.GradientTape() as tape:
            loss = cross_entropy(model(X), Y_)
        gradients = tape.gradient(loss, weights + biases)
        for V, G, mean, square in zip(weights + biases, gradients, means, squares):
            adam(V, G, mean, square, LEARNING_RATE)
        step.assign_add(1)


datavis = tensorflowvisu.MnistDataVis(options, iterations_per_epoch, mnist.source, predict=model)


def training_step(i, n, update_test_data, update_train_data):
    """After `i` iterations: show how good the network is, where asked to, then do the next `n`."""
    if update_test_data:
        Y, loss = evaluate(test_images, test_labels)
        datavis.update_test_data(i, mnist.test.images, mnist.test.labels, Y, loss)
    images, labels = mnist.train.next_batches(n, BATCH)  # [n, BATCH, 28, 28, 1] and [n, BATCH, 10]
    if update_train_data:
        Y, loss = evaluate(images[0], labels[0])
        datavis.update_train_data(i, images[0], labels[0], Y, loss, weights, biases)
    train(images, labels)


datavis.animate(training_step, options.iterations, train_data_update_freq=20, test_data_update_freq=100)
# the same as text, as with --text:
# datavis.print_only(training_step, options.iterations, train_data_update_freq=20, test_data_update_freq=100)

# Measured, final test accuracy, mean of seeds 0, 1, 2:
#   as it stands                      0.9762
#   relu in the place of sigmoid      0.0980: the loss became NaN after about 4,500 iterations, see 2.1
