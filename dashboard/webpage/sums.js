// -------------------------------------------------------------------------- what a neuron adds up, in words

const MOST_TERMS = 8  // of a sum that are told one by one
const NAMES = {
  AddV2: "with the bias", BiasAdd: "with the bias",
  Relu: "relu", Sigmoid: "sigmoid", Softmax: "softmax", Tanh: "tanh",
}

// Of the neuron that was clicked: its inputs times its weights, and what becomes of their sum.
function explained({ network, input, run, look }) {
  if (!look.neuron || !network) return ""
  const { graph, arrays } = network, { layer, channel, at } = look.neuron
  const all = ask(network, input, run.shape)
  const way = wayBack(graph, arrays, graph.layers[layer])
  if (!way) return ""
  const [{ kind, of, value, ...operation }, ...after] = way, x = all[of[0]], W = all[of[1]], y = all[value]
  const isLayer = kind === "MatMul"
  const index = isLayer ? channel : (at[0] * y.shape[2] + at[1]) * y.shape[3] + channel
  const terms = isLayer
    ? termsOfRow(x, W, channel, nameOfInput(graph, arrays, of[0], run.shape))
    : termsOfPatch(x, W, operation, at, channel)
  const where = isLayer ? "" : ` at row ${at[0]}, column ${at[1]}`
  const steps = after.map(({ kind, value }) => `${NAMES[kind] ?? kind}: ${number(all[value].data[index])}`)
  return [
    `${nameOf(look.neuron, graph)}${where}, its sum, the strongest inputs first:`,
    ...inLines(terms), [`sum: ${number(y.data[index])}`, ...steps].join(" → "),
  ].join("\n")
}

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

function inLines(terms) {
  const order = terms.sort((a, b) => Math.abs(b.product) - Math.abs(a.product))
  const rest = order.slice(MOST_TERMS)
  const lines = order.slice(0, MOST_TERMS).map(({ name, input, weight, product }) => (
    `${name}: ${number(input)} × ${number(weight)} = ${number(product)}`
  ))
  const sum = rest.reduce((sum, { product }) => sum + product, 0)
  return rest.length ? [...lines, `${inWords(rest.length)} more: ${number(sum)}`] : lines
}

// What number k of a row is: a pixel, or a neuron of the layer before.
function nameOfInput(graph, arrays, value, [, width, channels]) {
  const layer = graph.layers.indexOf(value), made = graph.operations[value - 1 - arrays.length]
  if (layer >= 0) return k => `Y${layer + 1}, ${k}`
  if (value === 0 || made?.kind === "Reshape" && made.of[0] === 0) {
    return k => `row ${Math.floor(k / channels / width)}, column ${Math.floor(k / channels) % width}`
  }
  return k => `input ${k}`
}

function termsOfRow(x, W, channel, nameOf) {
  const columns = W.shape[1]
  return Array.from(x.data, (input, k) => {
    const weight = W.data[k * columns + channel]
    return { name: nameOf(k), input, weight, product: input * weight }
  }).filter(({ product }) => product)
}

// What the patch sees around one place of the picture.
function termsOfPatch(x, W, { strides, padding, dilations: [, dy, dx] }, at, channel) {
  const [height, width, depth, channels] = W.shape, [, h, w] = x.shape, terms = []
  const top = at[0] * strides[1] - places(h, (height - 1) * dy + 1, strides[1], padding)[1]
  const left = at[1] * strides[2] - places(w, (width - 1) * dx + 1, strides[2], padding)[1]
  for (let k = 0; k < height * width * depth; k++) {
    const d = k % depth, j = Math.floor(k / depth) % width, i = Math.floor(k / depth / width)
    const line = top + i * dy, place = left + j * dx
    if (line < 0 || line >= h || place < 0 || place >= w) continue
    const input = x.data[(line * w + place) * depth + d], weight = W.data[k * channels + channel]
    const name = `row ${i}, column ${j}${depth > 1 ? `, channel ${d}` : ""}`
    if (input) terms.push({ name, input, weight, product: input * weight })
  }
  return terms
}

function number(value) {
  return `${Number(value.toPrecision(2))}`.replaceAll("-", "−")
}
