// ------------------------------------------------------------------------------------- the network: layers and neurons

const SAMPLE = 300  // test digits of which a neuron's favourites are found
const LARGEST_TILE = 72  // pixels
const MOST_TERMS = 8  // of a sum that are told one by one

// The network of the moment that is shown, or the one of those that are kept which is nearest: {graph, arrays, i}.
// At the end of the run it is the last one itself, and i is null.
function networkAt(network, moment, isLast) {
  network.asked ??= new Map()
  const past = isLast ? null : nearestPast(network, moment.i), i = past === null ? null : network.past[past].i
  if (!network.asked.has(past)) {
    const before = past === null ? [] : network.past[past].arrays
    const arrays = network.arrays.map((array, k) => weightsOf(before[k] ?? array))
    network.asked.set(past, { graph: network, arrays, i })
  }
  return network.asked.get(past)
}

function nearestPast(network, i) {
  return network.past.length ? nearest(network.past.map(past => past.i), i) : null
}

// All values of the network, for an image [height * width]; the same brightness in all channels.
function ask({ graph, arrays }, image, [height, width, channels]) {
  const data = Float32Array.from({ length: image.length * channels }, (_, k) => image[Math.floor(k / channels)])
  return values(graph, arrays, { shape: [1, height, width, channels], data })
}

function probabilities(network, image, shape) {
  return ask(network, image, shape)[network.graph.layers.at(-1)].data
}

// What each layer gives, without the batch: [{shape, data}, ...].
function layersOf(network, image, shape) {
  const all = ask(network, image, shape)
  return network.graph.layers.map(k => ({ shape: all[k].shape.slice(1), data: all[k].data }))
}

function channelsOf(layer) {
  return layer.shape.at(-1)
}

// One channel of a layer, as a picture: {height, width, data}; a neuron is a picture of one pixel.
function channel(layer, c) {
  const n = channelsOf(layer), [height, width] = layer.shape.length === 3 ? layer.shape : [1, layer.data.length / n]
  return { height, width, data: Float32Array.from({ length: layer.data.length / n }, (_, k) => layer.data[k * n + c]) }
}

// --------------------------------------------------------------------------------------------------- every layer

// Where each layer's tiles go: one strip for each.
function strips(layers, width, height) {
  const high = height / layers.length
  return layers.map((layer, k) => {
    const { columns, side } = gridFor(channelsOf(layer), width, high - 24)
    return { top: k * high, columns, side: Math.min(side, LARGEST_TILE) }
  })
}

const LAYERS = {
  key: "l", title: "Every layer, for the digit on the pad", caption: "click a neuron", clickable: true, aspect: 0.95,
  draw(g, width, height, context) {
    const { network, input, run, look, colour } = context
    if (!network) return label(g, context.noNetwork, 0, 20, colour.grey)
    const layers = layersOf(network, input, run.shape), places = strips(layers, width, height)
    layers.forEach((layer, k) => {
      const { top, columns, side } = places[k], isLast = k === layers.length - 1
      const most = isLast ? 1 : layer.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9)
      const colourOf = layer.data.some(value => value < 0) ? signed(colour) : inkOn(colour.paper, colour.ink)
      label(g, `${isLast ? "Y" : `Y${k + 1}`}  ${layer.shape.join("x")}${isLast ? ": the answer" : ""}`, 0, top + 10, colour.grey)
      for (let c = 0; c < channelsOf(layer); c++) {
        const tile = channel(layer, c), x = (c % columns) * side, y = top + 20 + Math.floor(c / columns) * side
        place(g, picture(tile.data.map(value => value / most), tile.width, tile.height, colourOf), x, y, side - 1, side - 1)
        const chosen = look.neuron?.layer === k && look.neuron.channel === c
        outline(g, x, y, side - 1, chosen ? colour.ink : colour.faint, chosen ? 2 : 0.5)
        if (isLast && side > 14) label(g, c, x + 3, y + side / 2, tile.data[0] > 0.5 ? colour.paper : colour.ink)
      }
    })
  },
  press(x, y, context) {
    const { network, input, run, look, width, height } = context
    if (!network) return look
    const layers = layersOf(network, input, run.shape)
    for (const [k, { top, columns, side }] of strips(layers, width, height).entries()) {
      const column = Math.floor(x / side), line = Math.floor((y - top - 20) / side), c = line * columns + column
      if (line < 0 || column >= columns || c >= channelsOf(layers[k])) continue
      const tile = channel(layers[k], c), within = place => limited(place / (side - 1), 0, 0.999)
      const at = [Math.floor(within(y - top - 20 - line * side) * tile.height), Math.floor(within(x - column * side) * tile.width)]
      return { ...look, neuron: { layer: k, channel: c, at } }
    }
    return look
  },
}

// The test digits to which the chosen neuron responds most.
const FAVOURITES = {
  ...mosaicPanel(null, "", `of ${SAMPLE} test digits that this page keeps`, favourites),
  heading(context) {
    const { network } = context
    if (!network) return "What a neuron responds to"
    const neuron = neuronOf(context), isLast = neuron.layer === network.graph.layers.length - 1
    return isLast ? `Answer ${neuron.channel} responds most to` : `Y${neuron.layer + 1}, ${neuron.channel} responds most to`
  },
  aspect: 0.95,
}

// The one that was clicked; before, the answer.
function neuronOf({ look, network, input, run }) {
  const layer = network.graph.layers.length - 1
  return look.neuron ?? { layer, channel: indexOfMost(probabilities(network, input, run.shape)) }
}

function favourites(context) {
  const { network, run, moment } = context
  if (!network || !run.digits) return []
  const { layer, channel } = neuronOf(context), digits = testDigits(run, moment.test).slice(0, SAMPLE)
  network.sampled ??= digits.map(digit => strengths(layersOf(network, brightness(digit.image), run.shape)))
  const strength = digits.map((_, k) => network.sampled[k][layer][channel])
  const order = digits.map((_, k) => k).filter(k => strength[k] > 0).sort((a, b) => strength[b] - strength[a])
  return order.slice(0, 40).map(k => digits[k])
}

// How strongly each neuron of each layer responds; a channel, where it does so most.
function strengths(layers) {
  return layers.map(layer => {
    const n = channelsOf(layer), most = new Float32Array(n)
    layer.data.forEach((value, k) => { most[k % n] = Math.max(most[k % n], Math.abs(value)) })
    return most
  })
}

// ------------------------------------------------------------------------------------- what a neuron adds up, in words

// From the layer back to the operation that adds up; what happens on the way stays with it.
function wayBack(graph, arrays, value) {
  const way = [], first = 1 + arrays.length
  while (value >= first) {
    const operation = graph.operations[value - first]
    way.unshift({ ...operation, value })
    if (operation.kind === "MatMul" || operation.kind === "Conv2D") return way
    value = operation.of.find(k => k === 0 || k >= first)  // the others are weights
  }
  return null
}

function explained({ network, input, run, look }) {
  if (!look.neuron || !network) return ""
  const { graph, arrays } = network, { layer, channel, at } = look.neuron, all = ask(network, input, run.shape)
  const way = wayBack(graph, arrays, graph.layers[layer])
  if (!way) return ""
  const [{ kind, of, strides, padding, value }, ...after] = way, x = all[of[0]], W = all[of[1]], y = all[value]
  const terms = kind === "MatMul" ? termsOfRow(x, W, channel, nameOfInput(graph, arrays, of[0], run.shape)) : termsOfPatch(x, W, y, strides, padding, at, channel)
  const index = kind === "MatMul" ? channel : (at[0] * y.shape[2] + at[1]) * y.shape[3] + channel
  const order = terms.sort((a, b) => Math.abs(b.product) - Math.abs(a.product)), told = order.slice(0, MOST_TERMS)
  const rest = order.slice(MOST_TERMS), restSum = rest.reduce((sum, { product }) => sum + product, 0)
  const lines = told.map(({ name, input, weight, product }) =>
    `${name}: ${number(input)} × ${number(weight)} = ${number(product)}`)
  if (rest.length) lines.push(`${inWords(rest.length)} more: ${number(restSum)}`)
  const name = layer === graph.layers.length - 1 ? `Answer ${channel}` : `Y${layer + 1}, ${channel}`
  const where = kind === "Conv2D" ? ` at row ${at[0]}, column ${at[1]}` : ""
  const steps = after.map(({ kind, value }) => `${NAMES[kind] ?? kind}: ${number(all[value].data[index])}`)
  return `${name}${where}, its sum, the strongest inputs first:\n${lines.join("\n")}\n` +
    [`sum: ${number(y.data[index])}`, ...steps].join(" → ")
}

const NAMES = { AddV2: "with the bias", BiasAdd: "with the bias", Relu: "relu", Sigmoid: "sigmoid", Softmax: "softmax", Tanh: "tanh" }

// What number k of a row is: a pixel, or a neuron of the layer before.
function nameOfInput(graph, arrays, value, [, width]) {
  const first = 1 + arrays.length, layer = graph.layers.indexOf(value)
  if (value === 0) return k => `row ${Math.floor(k / width)}, column ${k % width}`
  if (layer >= 0) return k => `Y${layer + 1}, ${k}`
  const made = graph.operations[value - first]
  return made?.kind === "Reshape" && made.of[0] === 0 ? nameOfInput(graph, arrays, 0, [0, width]) : k => `input ${k}`
}

function termsOfRow(x, W, channel, nameOf) {
  const columns = W.shape[1]
  return Array.from(x.data, (input, k) => {
    const weight = W.data[k * columns + channel]
    return { name: nameOf(k), input, weight, product: input * weight }
  }).filter(({ product }) => product)
}

// What the patch sees around one place of the picture.
function termsOfPatch(x, W, y, strides, padding, [line, place], channel) {
  const [height, width, depth, channels] = W.shape, [, h, w] = x.shape, terms = []
  const before = (size, patch, stride, n) => padding === "SAME" ? Math.floor(Math.max(0, (n - 1) * stride + patch - size) / 2) : 0
  const top = line * strides[1] - before(h, height, strides[1], y.shape[1])
  const left = place * strides[2] - before(w, width, strides[2], y.shape[2])
  for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) for (let d = 0; d < depth; d++) {
    if (top + i < 0 || top + i >= h || left + j < 0 || left + j >= w) continue
    const input = x.data[((top + i) * w + left + j) * depth + d]
    const weight = W.data[((i * width + j) * depth + d) * channels + channel]
    if (input) terms.push({ name: `row ${i}, column ${j}${depth > 1 ? `, channel ${d}` : ""}`, input, weight, product: input * weight })
  }
  return terms
}

function number(value) {
  return `${Number(value.toPrecision(2))}`.replace("-", "−")
}

// --------------------------------------------------------------------------------------------------- the first layer

// The weights that the image meets first: {W, isConvolution}, or null.
function firstLayer({ graph, arrays }) {
  const meets = new Set([0]), first = 1 + arrays.length
  for (const [k, { kind, of }] of graph.operations.entries()) {
    if (!meets.has(of[0])) continue
    if (kind === "MatMul" || kind === "Conv2D") return of[1] < first ? { W: arrays[of[1] - 1], isConvolution: kind === "Conv2D" } : null
    meets.add(first + k)
  }
  return null
}

const FIRST_LAYER = {
  key: "w", title: "Weights of the first layer", caption: "the thirty largest; green is positive, violet negative", aspect: 0.62,
  draw(g, width, height, { network, run, colour, noNetwork }) {
    const layer = network && firstLayer(network)
    const [h, w] = layer?.isConvolution ? layer.W.shape : run.shape, n = layer?.W.shape.at(-1)
    if (!layer || layer.W.data.length !== h * w * n) return label(g, noNetwork || "It does not look at single pixels.", 0, 20, colour.grey)
    const size = c => layer.W.data.reduce((sum, value, k) => k % n === c ? sum + value * value : sum, 0)
    const sizes = Array.from({ length: n }, (_, c) => size(c))
    const shown = sizes.map((_, c) => c).sort((a, b) => sizes[b] - sizes[a]).slice(0, 30).sort((a, b) => a - b)
    const most = layer.W.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9)
    const { columns, side } = gridFor(shown.length, width, height)
    shown.forEach((c, k) => {
      const tile = Float32Array.from({ length: h * w }, (_, pixel) => layer.W.data[pixel * n + c] / most)
      place(g, picture(tile, w, h, signed(colour)), (k % columns) * side, Math.floor(k / columns) * side, side - 2, side - 2)
      outline(g, (k % columns) * side, Math.floor(k / columns) * side, side - 2, colour.faint, 0.5)
    })
  },
}
