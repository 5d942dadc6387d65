"""Lesson 2.1: relu and learning rate decay, 98 %.

New here: relu, which keeps a positive sum and replaces a negative one by 0. Where it keeps the sum its
slope is 1, so the gradient does not vanish and deep networks learn from the first iteration. The biases
start at 0.1, so that most sums start above 0. The loss is now computed from the logits, the sums before
softmax, in one step. Sigmoid kept Y4 between 0 and 1 and the logits small; with relu they grow, and in 32
bits exp(-110) is 0, log(0) is -infinity, and 0 times -infinity is NaN, which spreads to every weight. The
last change is the learning rate: large steps make noisy curves, small ones take too many iterations, so it
starts high and decays.

Run it without options to watch it learn in a window; --text prints text instead, --help lists all options.

Final test accuracy: 0.9819 ± 0.0003 (seeds 0, 1, 2; 10,000 iterations), in 25 s as text on 2 CPU cores.
"""

import mnistdata
import tensorflowvisu

options = tensorflowvisu.command_line(__doc__, iterations=10000)

import tensorflow as tf  # only after command_line(), which lets it start without its log messages

# neural network with 5 layers
#
# · · · · · · · · · ·   X  [batch, 28, 28, 1]             images
# · · · · · · · · · ·   XX [batch, 784]                   each image as one row of pixels
# \x/x\x/x\x/x\x/x\x/   W1 [784, 200]           B1 [200]  every pixel to every neuron; relu
#  · · · · · · · · ·    Y1 [batch, 200]
#  \x/x\x/x\x/x\x/x/    W2 [200, 100]           B2 [100]  every neuron to every neuron; relu
#   · · · · · · · ·     Y2 [batch, 100]
#   \x/x\x/x\x/x\x/     W3 [100, 60]            B3 [60]   every neuron to every neuron; relu
#    · · · · · · ·      Y3 [batch, 60]
#    \x/x\x/x\x/x/      W4 [60, 30]             B4 [30]   every neuron to every neuron; relu
#     · · · · · ·       Y4 [batch, 30]
#     \x/x\x/x\x/       W5 [30, 10]             B5 [10]   every neuron to every neuron; softmax
#      · · · · ·        Y  [batch, 10]                    ten probabilities

BATCH = 100  # images in one iteration
K, L, M, N = 200, 100, 60, 30  # neurons of the hidden layers
XLA = not tf.config.list_physical_devices("GPU")  # compile with XLA, which is faster; not every GPU has it

tf.random.set_seed(options.seed)  # the same random numbers in every run
mnist = mnistdata.read_data_sets(options.data, seed=options.seed)
# as tensors, because converting the digits again in each test would take time
test_images, test_labels = tf.constant(mnist.test.images), tf.constant(mnist.test.labels)

W1 = tf.Variable(tf.random.truncated_normal([784, K], stddev=0.1))
W2 = tf.Variable(tf.random.truncated_normal([K, L], stddev=0.1))
W3 = tf.Variable(tf.random.truncated_normal([L, M], stddev=0.1))
W4 = tf.Variable(tf.random.truncated_normal([M, N], stddev=0.1))
W5 = tf.Variable(tf.random.truncated_normal([N, 10], stddev=0.1))
B1 = tf.Variable(tf.fill([K], 0.1))
B2 = tf.Variable(tf.fill([L], 0.1))
B3 = tf.Variable(tf.fill([M], 0.1))
B4 = tf.Variable(tf.fill([N], 0.1))
B5 = tf.Variable(tf.zeros([10]))
weights, biases = [W1, W2, W3, W4, W5], [B1, B2, B3, B4, B5]
throttle = tf.Variable(1.0)  # of the learning rate: + and - turn it in the dashboard


def model(X):
    XX = tf.reshape(X, [-1, 784])  # [batch, 784]
    Y1 = tf.nn.relu(XX @ W1 + B1)  # [batch, 200]
    Y2 = tf.nn.relu(Y1 @ W2 + B2)  # [batch, 100]
    Y3 = tf.nn.relu(Y2 @ W3 + B3)  # [batch, 60]
    Y4 = tf.nn.relu(Y3 @ W4 + B4)  # [batch, 30]
    Ylogits = Y4 @ W5 + B5  # [batch, 10]
    return [Y1, Y2, Y3, Y4, Ylogits]  # what each layer gives


def cross_entropy(Ylogits, Y_):
    """The mean of -Σ Y_ · log(softmax(Ylogits)) over the images, times 100, in one step without log(0)."""
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(Y_, Ylogits)) * 100


@tf.function
def evaluate(X, Y_):
    *_, Ylogits = model(X)
    return tf.nn.softmax(Ylogits), cross_entropy(Ylogits, Y_)


def predict(X):
    *layers, Ylogits = model(X)
    return *layers, tf.nn.softmax(Ylogits)  # probabilities [batch, 10] last


@tf.function
def gradient(X, Y_):
    """How the loss changes with each weight and bias."""
    with tf.GradientTape() as tape:
        _, loss = evaluate(X, Y_)
    return tape.gradient(loss, weights + biases)


def learning_rate(step):
    return throttle * (0.0001 + 0.003 * tf.exp(-step / 2000))  # 0.0031 at first, 0.0012 after 2,000


# running means of each gradient, over about 10 iterations, and of its square, over about 1,000
means = [tf.Variable(tf.zeros_like(V)) for V in weights + biases]
squares = [tf.Variable(tf.zeros_like(V)) for V in weights + biases]
step = tf.Variable(0.0)  # iterations done


@tf.function(jit_compile=XLA)
def adam(gradients, rate, t):
    """In iteration t = 1, 2, ...: V goes down by rate · mean of G / √(mean of G²), where G is its gradient.

    These running means take in a tenth of each new G and a thousandth of each new G². They start at 0 and are
    too small at first, which dividing them by 1 - 0.9^t and 1 - 0.999^t corrects.
    """
    for V, G, mean, square in zip(weights + biases, gradients, means, squares):
        mean.assign_add(0.1 * (G - mean))
        square.assign_add(0.001 * (G**2 - square))
        corrected_mean, corrected_square = mean / (1 - 0.9**t), square / (1 - 0.999**t)
        V.assign_sub(rate * corrected_mean / (tf.sqrt(corrected_square) + 1e-8))


@tf.function(reduce_retracing=True)
def train(images, labels):
    """One iteration for each batch; many in one call, because each call has a fixed cost."""
    for k in tf.range(len(images)):
        X, Y_ = images[k], labels[k]
        adam(gradient(X, Y_), learning_rate(step), step + 1)
        step.assign_add(1)


state = weights + biases + means + squares + [step]  # all that training changes
datavis = tensorflowvisu.MnistDataVis(
    options, mnist, BATCH, predict, gradient=gradient, throttle=throttle, state=state
)


def training_step(i, n, update_test_data, update_train_data):
    """After `i` iterations: show what is due, then train on the next `n` batches."""
    if update_test_data:
        Y, loss = evaluate(test_images, test_labels)
        datavis.update_test_data(i, mnist.test.images, mnist.test.labels, Y, loss)
    images, labels = mnist.train.next_batches(n, BATCH)  # [n, BATCH, 28, 28, 1] and [n, BATCH, 10]
    if update_train_data:
        Y, loss = evaluate(images[0], labels[0])
        datavis.update_train_data(i, images[0], labels[0], Y, loss, weights, biases, learning_rate(i))
    if n:
        train(images, labels)


datavis.animate(training_step, options.iterations, train_data_update_freq=20, test_data_update_freq=100)
# the same run as text only, as with --text:
# datavis.print_only(training_step, options.iterations, train_data_update_freq=20, test_data_update_freq=100)

# Measured, final test accuracy, mean of seeds 0, 1, 2:
#   as it stands                      0.9819, and the batches of 100 training digits all right
#   rate 0.003 all along              0.9793; its last 30 tests are between 0.968 and 0.982
#   rate 0.0001 all along             0.9692, and still rising
#   sigmoid                           0.9717
#   biases 0                          0.9812: here, relu works without the 0.1 too
