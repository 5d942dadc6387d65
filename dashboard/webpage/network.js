// Your network, in a hundred lines and without a library: what turns an image into an answer. Below them is
// what the lessons do without, but the exercises and your own networks may need.
//
// A value has a shape, such as [1, 28, 28, 1] (images, rows, columns, channels), and its numbers in one list,
// row by row. A network is a list of operations, each of which makes a new value of earlier ones. The weights
// are values too; how they came about is not here: that was the training.

// All values: the images, the arrays (weights and constants), then what each operation makes. The layers are
// graph.layers.map(k => all[k]), the probabilities last.
function values(graph, arrays, images) {
  const all = [images, ...arrays]
  for (const operation of graph.operations) {
    all.push(OPERATIONS[operation.kind](operation.of.map(k => all[k]), operation))
  }
  return all
}

const product = sizes => sizes.reduce((a, b) => a * b, 1)
const filled = (shape, number = 0) => ({ shape, data: new Float32Array(product(shape)).fill(number) })

// ------------------------------------------------------------------------- where a number stands in the list

// How far it is to the next number along each axis: [28, 28, 6] -> [168, 6, 1].
const steps = shape => shape.map((_, axis) => product(shape.slice(axis + 1)))

// Go through a shape, row by row, with steps of these lengths along its axes: the places on the way.
function walk(shape, lengths) {
  const places = new Int32Array(product(shape)), index = shape.map(() => 0)
  for (let k = 0, place = 0; k < places.length; k++) {
    places[k] = place
    for (let axis = shape.length - 1; axis >= 0; axis--) {  // as a counter does: the last digit first
      place += lengths[axis]
      if (++index[axis] < shape[axis]) break
      place -= lengths[axis] * shape[axis]
      index[axis] = 0
    }
  }
  return places
}

// Go through a large shape, but in the list of a small one: an axis of size 1 is used again and again.
function spread(small, large) {
  return walk(large, steps(small).map((step, axis) => small[axis] === 1 ? 0 : step))
}

// ------------------------------------------------------------------------------------------ number by number

function unary(f) {
  return ([x], operation) => ({ shape: x.shape, data: x.data.map(a => f(a, operation)) })
}

// Shapes are compared from the last axis on: [1, 28, 28, 6] + [6] adds a bias to each channel, in all places.
function binary(f) {
  return ([x, y]) => {
    const axes = Math.max(x.shape.length, y.shape.length)
    const [first, second] = [x, y].map(({ shape }) => [...Array(axes - shape.length).fill(1), ...shape])
    const result = filled(first.map((size, axis) => size === 1 ? second[axis] : size))
    const inX = spread(first, result.shape), inY = spread(second, result.shape)
    for (let k = 0; k < inX.length; k++) result.data[k] = f(x.data[inX[k]], y.data[inY[k]])
    return result
  }
}

// exp of each number, divided by the sum of its row; less the largest, for exp of a large number is infinite.
function softmax([x]) {
  const result = filled(x.shape), n = x.shape[x.shape.length - 1]
  for (let start = 0; start < x.data.length; start += n) {
    const row = x.data.subarray(start, start + n), largest = row.reduce((a, b) => Math.max(a, b))
    const powers = row.map(a => Math.exp(a - largest)), sum = powers.reduce((a, b) => a + b)
    result.data.set(powers.map(a => a / sum), start)
  }
  return result
}

// ----------------------------------------------------------------------------------- layers and convolutions

// Most of the time is spent here: a number is multiplied by n weights, and the products are added to n sums.
function addProducts(sums, to, number, weights, from, n) {
  if (number === 0) return  // black pixels, silent neurons: about half of all
  for (let k = 0; k < n; k++) sums[to + k] += number * weights[from + k]
}

// x @ W: each neuron has a column of weights.
function layer([x, W], { transpose_a, transpose_b }) {
  if (transpose_a) x = transposed([x], { perm: [1, 0] })
  if (transpose_b) W = transposed([W], { perm: [1, 0] })
  const [n, neurons] = W.shape, result = filled([x.shape[0], neurons])
  for (let k = 0; k < x.data.length; k++) {
    addProducts(result.data, Math.floor(k / n) * neurons, x.data[k], W.data, k % n * neurons, neurons)
  }
  return result
}

// In one direction: how many places a patch has in an image, and how far the first of them lies outside.
function places(image, patch, stride, padding) {
  if (padding === "VALID") return [Math.ceil((image - patch + 1) / stride), 0]  // all of them inside
  const n = Math.ceil(image / stride)
  return [n, Math.floor(Math.max(0, (n - 1) * stride + patch - image) / 2)]
}

// Slide a patch over all images. For each of its pixels that is inside, call use(sums, to, from, pixel): `to`
// is where the channels of this place begin in the result, `from` where those of the pixel begin in x.
function slide(x, [height, width], channels, { strides, padding, dilations = [1, 1, 1, 1] }, start, use) {
  const [n, h, w, depth] = x.shape, [, down, right] = strides, [, dy, dx] = dilations
  const [rows, above] = places(h, (height - 1) * dy + 1, down, padding)
  const [columns, left] = places(w, (width - 1) * dx + 1, right, padding)
  const result = filled([n, rows, columns, channels], start)
  for (let place = 0; place < n * rows * columns; place++) {
    const column = place % columns, row = Math.floor(place / columns) % rows
    const image = Math.floor(place / columns / rows)
    for (let pixel = 0; pixel < height * width; pixel++) {
      const i = row * down - above + Math.floor(pixel / width) * dy
      const j = column * right - left + pixel % width * dx
      if (i < 0 || i >= h || j < 0 || j >= w) continue
      use(result.data, place * channels, ((image * h + i) * w + j) * depth, pixel)
    }
  }
  return result
}

// W [height, width, depth, channels]: each channel has a weight for all that the patch sees.
function convolution([x, W], operation) {
  const [height, width, depth, channels] = W.shape
  return slide(x, [height, width], channels, operation, 0, (sums, to, from, pixel) => {
    for (let d = 0; d < depth; d++) {
      addProducts(sums, to, x.data[from + d], W.data, (pixel * depth + d) * channels, channels)
    }
  })
}

function reshaped([x], { shape }) {
  const rest = x.data.length / Math.abs(product(shape))  // where the shape says -1
  return { shape: shape.map(size => size === -1 ? rest : size), data: x.data }
}

// ======================================================================= for exercises and your own networks

// W [height, width, depth, copies]: each channel sees only one channel of the patch.
function depthwise([x, W], operation) {
  const [height, width, depth, copies] = W.shape, n = depth * copies
  return slide(x, [height, width], n, operation, 0, (sums, to, from, pixel) => {
    for (let c = 0; c < n; c++) sums[to + c] += x.data[from + Math.floor(c / copies)] * W.data[pixel * n + c]
  })
}

function pooled(start, f) {
  return ([x], operation) => {
    const depth = x.shape[3]
    return slide(x, operation.ksize.slice(1, 3), depth, operation, start, (data, to, from) => {
      for (let c = 0; c < depth; c++) data[to + c] = f(data[to + c], x.data[from + c])
    })
  }
}

// The sum of the pixels that are inside, divided by their number.
function averaged([x], operation) {
  const sum = pooled(0, (a, b) => a + b)
  return OPERATIONS.RealDiv([sum([x], operation), sum([filled(x.shape, 1)], operation)])
}

// Batch normalisation, with the mean and the variance of each channel as they were in training.
function normalised([x, scale, offset, mean, variance], { epsilon }) {
  const n = scale.data.length, factors = scale.data.map((a, c) => a / Math.sqrt(variance.data[c] + epsilon))
  const one = (a, k) => (a - mean.data[k % n]) * factors[k % n] + offset.data[k % n]
  return { shape: x.shape, data: x.data.map(one) }
}

function reduced(start, f) {
  return ([x], { axis, keep_dims }) => {
    const { shape, data } = filled(x.shape.map((size, k) => axis.includes(k) ? 1 : size), start)
    spread(shape, x.shape).forEach((to, k) => { data[to] = f(data[to], x.data[k]) })
    return { shape: shape.filter((_, k) => keep_dims || !axis.includes(k)), data }
  }
}

function mean([x], operation) {
  const { shape, data } = OPERATIONS.Sum([x], operation)
  return { shape, data: data.map(sum => sum * data.length / x.data.length) }
}

function transposed([x], { perm }) {
  const shape = perm.map(axis => x.shape[axis]), far = steps(x.shape)
  return { shape, data: Float32Array.from(walk(shape, perm.map(axis => far[axis])), place => x.data[place]) }
}

// Write x into a larger value, from this place on.
function write(x, result, start) {
  walk(x.shape, steps(result.shape)).forEach((to, k) => { result.data[start + to] = x.data[k] })
}

function padded([x], { paddings }) {
  const result = filled(x.shape.map((size, axis) => paddings[axis][0] + size + paddings[axis][1]))
  write(x, result, steps(result.shape).reduce((sum, step, axis) => sum + step * paddings[axis][0], 0))
  return result
}

function joined(parts, { axis: [axis] }) {
  const size = parts.reduce((sum, { shape }) => sum + shape[axis], 0)
  const result = filled(parts[0].shape.map((n, k) => k === axis ? size : n))
  let start = 0
  for (const x of parts) {
    write(x, result, start)
    start += x.shape[axis] * steps(result.shape)[axis]
  }
  return result
}

// x in a new order along one axis, as when all images are shuffled alike.
function gathered([x, order], { axis: [axis] }) {
  const result = filled([...x.shape.slice(0, axis), ...order.shape, ...x.shape.slice(axis + 1)])
  const far = steps(x.shape)[axis], n = order.data.length
  for (let k = 0; k < result.data.length; k++) {
    const block = Math.floor(k / far / n), chosen = order.data[Math.floor(k / far) % n]
    result.data[k] = x.data[(block * x.shape[axis] + chosen) * far + k % far]
  }
  return result
}

// ---------------------------------------------------------------- the names that TensorFlow has for all this

const add = binary((a, b) => a + b)
const OPERATIONS = {
  MatMul: layer, Conv2D: convolution, DepthwiseConv2dNative: depthwise,
  Reshape: reshaped, Transpose: transposed, Pad: padded, ConcatV2: joined, GatherV2: gathered,
  Softmax: softmax, FusedBatchNormV3: normalised,
  AvgPool: averaged,
  MaxPool: pooled(-Infinity, (a, b) => Math.max(a, b)),
  Mean: mean,
  Sum: reduced(0, (a, b) => a + b),
  Max: reduced(-Infinity, (a, b) => Math.max(a, b)),
  Add: add, AddV2: add, BiasAdd: add,
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  RealDiv: binary((a, b) => a / b),
  Pow: binary((a, b) => a ** b),
  Maximum: binary((a, b) => Math.max(a, b)),
  Minimum: binary((a, b) => Math.min(a, b)),
  SquaredDifference: binary((a, b) => (a - b) ** 2),
  Abs: unary(a => Math.abs(a)),
  Neg: unary(a => -a),
  Exp: unary(a => Math.exp(a)),
  Log: unary(a => Math.log(a)),
  Sqrt: unary(a => Math.sqrt(a)),
  Rsqrt: unary(a => 1 / Math.sqrt(a)),
  Square: unary(a => a * a),
  Relu: unary(a => Math.max(a, 0)),
  Relu6: unary(a => Math.min(Math.max(a, 0), 6)),
  LeakyRelu: unary((a, { alpha }) => a > 0 ? a : alpha * a),
  Elu: unary(a => a > 0 ? a : Math.expm1(a)),
  Selu: unary(a => 1.0507009873554805 * (a > 0 ? a : 1.6732632423543772 * Math.expm1(a))),
  Sigmoid: unary(a => 1 / (1 + Math.exp(-a))),
  Softplus: unary(a => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)))),  // log(1 + exp(a))
  Tanh: unary(a => Math.tanh(a)),
}
