"""The trained network as a SavedModel, which needs no Python of ours: for predict.py, a server, the cloud.

    serving_default    images [n, 28, 28], 0 is paper, 1 is ink        -> probabilities [n, 10], classes [n]
                       (where they do not stand as MNIST's do, they are first centred as pictures are)
    encoded            pictures [n], the bytes of PNG or JPEG files    -> the same

A picture may have any size, be dark on light or light on dark, grey, coloured or transparent; the digit may
be anywhere in it. The model itself makes it into 28x28 pixels as MNIST's digits were made, so that no client
has to, and all of them get the same answer.
"""

import os
import shutil
from pathlib import Path

import tensorflow as tf

from mlengine.trainer import model

SIZE, BOX = 28, 20  # pixels: MNIST's digits fill a box of 20x20 and stand in 28x28
# pixels: the longer side of a picture while ink is separated from paper, enough for a small digit in it
LARGEST = 400
COARSE, WIDEST = 48, 25  # places: no stroke is wider than 25/48 of the longer side
GRAIN = 6  # times the quartile of the differences from paper: few pixels of paper differ more
FAINTEST = 0.1  # contrast of ink and paper; 1 is black on white
PAPER = 0.02  # share of the strongest ink: in a digit of 28x28 numbers, what is not above it is paper
ROUNDED = 0.51  # pixels: MNIST's digits stand in the middle up to the rounding to whole pixels
DUST = 0.2  # share of the most ink that is anywhere: places with less are not part of the digit
EDGE = 0.25  # share of the full ink: a photo's digit ends where there is less
FRAMED = 0.7  # a frame leaves at least this share of the height and of the width
OTHER = 0.25  # how much a frame differs from the paper
TALL = 0.75  # share of the height: two parts side by side, both taller, are two digits
NO_INK = "there is no ink in the picture"  # predict.py searches errors for these words
TWO_DIGITS = "there is more than one digit in the picture"


def export(network, folder, card=""):
    """Write the SavedModel under a temporary name, then rename it: there is never half a model.

    A bucket cannot rename folders: there, only report.json, written last, shows that the model is complete.
    """
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]  # a module's variables are saved

    def answer(images):
        probabilities = model.probabilities(network, images[..., tf.newaxis], model.FIVE_TIMES)
        return {"probabilities": probabilities, "classes": tf.argmax(probabilities, axis=1)}

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE, SIZE], tf.float32, "images")])
    def serving_default(images):
        return answer(as_mnist(images))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "pictures")])
    def encoded(pictures):
        return answer(tf.map_fn(mnist_digit, pictures, fn_output_signature=tf.TensorSpec([SIZE, SIZE])))

    signatures = {"serving_default": serving_default, "encoded": encoded}
    folder, *others = places(folder)
    if not others:
        tf.saved_model.save(module, folder, signatures)
        with tf.io.gfile.GFile(f"{folder}/README.md", "w") as file:
            file.write(card)
        return
    temporary, before = others
    for left_over in temporary, before:  # by an export that was killed
        shutil.rmtree(left_over, ignore_errors=True)
    try:
        tf.saved_model.save(module, temporary, signatures)
        Path(temporary, "README.md").write_text(card, encoding="utf-8")
        if os.path.exists(folder):
            os.rename(folder, before)
        os.rename(temporary, folder)
    finally:
        for no_longer_needed in temporary, before:
            shutil.rmtree(no_longer_needed, ignore_errors=True)


def places(folder):
    """The model's folder and, on this machine, those of a model being written and of the one before."""
    folder = os.fspath(folder).rstrip("/")
    return [folder] if "://" in folder else [folder, folder + ".new", folder + ".old"]


def mnist_digit(picture):
    """The bytes of a PNG or JPEG file -> the digit in it, as MNIST would have it [28, 28]."""
    brightness = grey(tf.io.decode_image(picture, expand_animations=False))
    digit = cut_out(ink(without_frame(brightness)), EDGE)
    with tf.control_dependencies([tf.debugging.Assert(~is_two_digits(digit), [TWO_DIGITS])]):
        return centred(digit)


def as_mnist(images):
    """Digits [n, 28, 28]: where they do not fill the box or do not stand in the middle, they are centred.

    MNIST's own all do, and stay as they are, to the last bit. So does blank paper. Grey paper becomes white.
    """
    images -= tf.reduce_min(images, axis=(1, 2), keepdims=True)
    ink = tf.where(images > PAPER * tf.reduce_max(images, axis=(1, 2), keepdims=True), images, 0)
    (height, y), (width, x) = extent_and_centre(ink, 2), extent_and_centre(ink, 1)
    longer = tf.maximum(height, width)
    off = tf.maximum(tf.abs(y - SIZE // 2), tf.abs(x - SIZE // 2))
    stands = (longer >= BOX - 1) & (longer <= BOX) & (off <= ROUNDED)  # three of 10,000 are only 19 long
    others = tf.where(~stands & (longer > 0))
    signature = tf.TensorSpec([SIZE, SIZE])
    centred_ones = tf.map_fn(centred, tf.gather_nd(ink, others), fn_output_signature=signature)
    return tf.tensor_scatter_nd_update(images, others, centred_ones)


def extent_and_centre(images, other_axis):
    """From the first pixel with ink to the last, and the centre of mass, along one axis of each image [n]."""
    pixels = tf.range(SIZE)
    inked = tf.reduce_max(images, other_axis) > 0
    first, last = tf.where(inked, pixels, SIZE), tf.where(inked, pixels, -1)
    mass = tf.reduce_sum(images, other_axis)
    moment = tf.reduce_sum(mass * tf.cast(pixels, tf.float32), 1)
    centre = tf.math.divide_no_nan(moment, tf.reduce_sum(mass, 1))
    return tf.reduce_max(last, 1) - tf.reduce_min(first, 1) + 1, centre


def grey(pixels):
    """uint8 [height, width, 1 to 4 channels] -> brightness 0..1 [height, width], smaller if it is large."""
    size = tf.cast(tf.shape(pixels)[:2], tf.float32)
    size *= tf.minimum(1.0, LARGEST / tf.reduce_max(size))
    pixels = tf.image.resize(pixels, tf.cast(tf.maximum(1.0, tf.round(size)), tf.int32), "area") / 255
    channels = tf.shape(pixels)[2]
    if channels % 2 == 1:  # grey, or red, green, blue
        return tf.reduce_mean(pixels, axis=2)
    colours, opacity = pixels[..., :-1], pixels[..., -1:]
    if tf.reduce_mean(opacity) < 0.5:  # a digit on nothing: what is there is the ink, in whatever colour
        return 1 - opacity[..., 0]
    return tf.reduce_mean(colours * opacity + 1 - opacity, axis=2)  # on white paper


def without_frame(light):
    """Brightness [height, width], without a frame around the paper where there is one."""
    frame = light[0, 0]
    if tf.reduce_max(tf.abs(light - frame)) > FAINTEST:
        inner = cut_out(tf.abs(light - frame), FAINTEST, light)
        blurred = 1 + tf.reduce_max(tf.shape(inner)) // 100  # pixels, where the frame ends
        inner = inner[blurred:-blurred, blurred:-blurred]
        share = tf.shape(inner) / tf.shape(light)
        if tf.reduce_all(share > FRAMED):
            edges = tf.concat([inner[0], inner[-1], inner[:, 0], inner[:, -1]], axis=0)
            paper = tf.sort(edges)[tf.size(edges) // 2]
            if tf.abs(paper - frame) > OTHER:
                light = inner
    return light


def ink(light):
    """Brightness [height, width] -> 0 where there is paper, 1 where there is ink."""
    # Shadows and uneven light are wide, strokes are narrow. So each place is compared with what is around it,
    # WIDEST x WIDEST places of a coarse copy.
    coarse = coarser(light)
    lighter = coarse - tf.nn.avg_pool2d(coarse, WIDEST, strides=1, padding="SAME")
    borders = lighter[0, 0], lighter[0, -1], lighter[0, :, 0], lighter[0, :, -1]
    paper = tf.reduce_mean(tf.concat(borders, axis=0))
    if tf.reduce_max(lighter) - paper > paper - tf.reduce_min(lighter):  # the ink is light
        light, coarse = 1 - light, 1 - coarse
    # Morphological closing: paper grows over the strokes, then shrinks back elsewhere. The picture is
    # extended at its edges, or a shadow there would be narrow.
    paper = -brightest(-brightest(beyond(beyond(coarse, axis=1), axis=2)))
    darker = tf.image.resize(paper, tf.shape(light))[0, ..., 0] - light
    grain = GRAIN * quartile(tf.abs(darker))  # at least a quarter is paper
    contrast = tf.reduce_max(darker)
    there_is_ink = tf.debugging.Assert(contrast > tf.maximum(FAINTEST, 3 * grain), [NO_INK])
    with tf.control_dependencies([there_is_ink]):  # without ink, what follows would fail with another message
        ink = tf.clip_by_value((darker - grain) / (contrast - grain), 0, 1)
    amount = tf.nn.avg_pool2d(coarser(ink), 3, strides=1, padding="SAME")
    amount = tf.image.resize(amount, tf.shape(ink))[0, ..., 0]
    return tf.where(amount > DUST * tf.reduce_max(amount), ink, 0)


def coarser(picture):
    """[height, width] -> [1, COARSE, less, 1] or [1, less, COARSE, 1]."""
    size = tf.shape(picture)
    size = tf.maximum(1, size * COARSE // tf.reduce_max(size))
    return tf.image.resize(picture[tf.newaxis, ..., tf.newaxis], size, "area")


def beyond(light, axis):
    """The first and last row (or column) repeated, as many times as two calls of `brightest` take away."""
    count = tf.shape(light)[axis]
    places = tf.clip_by_value(tf.range(1 - WIDEST, count + WIDEST - 1), 0, count - 1)
    return tf.gather(light, places, axis=axis)


def brightest(light):
    return tf.nn.max_pool2d(light, WIDEST, strides=1, padding="VALID")


def quartile(numbers):
    """A quarter of the numbers are smaller."""
    return tf.sort(tf.reshape(numbers, [-1]))[tf.size(numbers) // 4]


def cut_out(ink, edge, picture=None):
    """The rows and columns, of the picture, from the first to the last that have more ink than this."""
    rows = tf.where(tf.reduce_max(ink, axis=1) > edge)[:, 0]
    columns = tf.where(tf.reduce_max(ink, axis=0) > edge)[:, 0]
    picture = ink if picture is None else picture
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def is_two_digits(ink):
    """Is there, beside a gap from top to bottom, something tall on both sides?"""
    inked = ink > EDGE
    counts = tf.cast(inked, tf.float32)
    to_the_left, to_the_right = (tf.cumsum(counts, axis=1, reverse=side) > 0 for side in (False, True))
    both_tall = [tf.reduce_mean(tf.cast(part, tf.float32), 0) > TALL for part in (to_the_left, to_the_right)]
    return tf.reduce_any(both_tall[0] & both_tall[1] & ~tf.reduce_any(inked, 0))


def centred(ink):
    """Ink [height, width] -> cut out, scaled to fit the box, its centre of mass in the middle of [28, 28].

    Any ink counts, as in the dashboard's pad: a row of faint, anti-aliased pixels belongs to the box.
    """
    ink = cut_out(ink, 0.0)
    size = tf.cast(tf.shape(ink), tf.float32)
    size = tf.maximum(1.0, tf.round(size * BOX / tf.reduce_max(size)))
    ink = tf.image.resize(ink[..., tf.newaxis], tf.cast(size, tf.int32), "area")[..., 0]
    ink /= tf.reduce_max(ink)  # a thin pen has become pale

    top = margin(tf.reduce_sum(ink, axis=1))
    left = margin(tf.reduce_sum(ink, axis=0))
    return tf.image.pad_to_bounding_box(ink[..., tf.newaxis], top, left, SIZE, SIZE)[..., 0]


def margin(mass):
    """How many empty pixels come before these, for the centre of their mass to be the middle."""
    pixels = tf.range(tf.cast(tf.size(mass), tf.float32))
    centre = tf.reduce_sum(mass * pixels) / tf.reduce_sum(mass)
    return tf.clip_by_value(tf.cast(tf.round(SIZE // 2 - centre), tf.int32), 0, SIZE - tf.size(mass))
