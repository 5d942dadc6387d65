// -------------------------------------------------------------------- the network: layers and neurons

const SAMPLE = 200  // test digits of which a neuron's favourites are found; if it is 0 for all, it is dead
const FAVOURITES_SHOWN = 40
const PATIENCE = 80  // milliseconds in which some of them are asked for; then keys and clicks come first
const LARGEST_TILE = 72, SMALLEST_TILE = 4  // pixels of a channel's or a neuron's side
const HEADING = 24  // pixels above each layer
const GAP = 8, HEADROOM = 14  // pixels between pictures of weights, and above each, for its number

// The network of the moment that is shown, or the nearest of those that are kept: { graph, arrays, i }.
// At the end of the run it is the last one itself, and i is null.
function networkAt(network, moment, isLast) {
  network.asked ??= new Map()
  const past = isLast || !network.past.length ? null : nearest(network.past.map(({ i }) => i), moment.i)
  if (!network.asked.has(past)) {
    const { i, arrays: before } = network.past[past] ?? { i: null, arrays: [] }
    const arrays = network.arrays.map((array, k) => weightsOf(before[k] ?? array))
    network.asked.set(past, { graph: network, arrays, i })
  }
  return network.asked.get(past)
}

// All values of the network, for an image [height * width]; the same brightness in all channels.
function ask({ graph, arrays }, image, [height, width, channels]) {
  const length = image.length * channels
  const data = Float32Array.from({ length }, (_, k) => image[Math.floor(k / channels)])
  return values(graph, arrays, { shape: [1, height, width, channels], data })
}

function probabilities(network, image, shape) {
  return ask(network, image, shape)[network.graph.layers.at(-1)].data
}

// What each layer gives, without the batch: [{ shape, data }, ...].
function layersOf(network, image, shape) {
  const all = ask(network, image, shape)
  return network.graph.layers.map(k => ({ shape: all[k].shape.slice(1), data: all[k].data }))
}

function channelsOf(layer) {
  return layer.shape.at(-1)
}

// One channel of a layer, as a picture: { height, width, data }; a neuron is a picture of one pixel.
function channel({ shape, data }, c) {
  const n = shape.at(-1), [height, width] = shape.length === 3 ? shape : [1, data.length / n]
  return { height, width, data: Float32Array.from({ length: data.length / n }, (_, k) => data[k * n + c]) }
}

// ------------------------------------------------------------------------------------------ every layer

// Where each layer's tiles go: in strips, with tiles as large as the height allows; a channel shows more than
// a neuron, of which there are many.
function strips(layers, width, height) {
  for (let most = 3 * LARGEST_TILE; ; most--) {
    let bottom = 0
    const found = layers.map((layer, k) => {
      const n = channelsOf(layer), isPicture = layer.shape.length === 3 || k === layers.length - 1
      const wanted = Math.max(isPicture ? Math.min(most, LARGEST_TILE) : most / 3, SMALLEST_TILE)
      const side = Math.min(wanted, width / Math.min(n, 10)), top = bottom + HEADING
      const columns = Math.min(n, Math.floor(width / side + 1e-9))
      bottom = top + Math.ceil(n / columns) * side
      return { top, columns, side, bottom }
    })
    if (bottom <= height || most <= SMALLEST_TILE) return found
  }
}

const LAYERS = {
  key: "l", title: "Every layer, for the digit on the pad", aspect: 0.95,
  caption: `dead: 0 for ${SAMPLE} test digits`, hint: "click a neuron: its sum, below",
  heightFor({ network, input, run, width, height }) {
    return network && Math.ceil(strips(layersOf(network, input, run.shape), width, height).at(-1).bottom)
  },
  draw(g, width, height, context) {
    const { network, input, run, colour } = context
    if (!network) return sentence(g, context.noNetwork, width, colour)
    sampleMore(context)
    const layers = layersOf(network, input, run.shape), places = strips(layers, width, height)
    layers.forEach((layer, k) => this.drawLayer(g, layer, k, places[k], k === layers.length - 1, context))
  },
  drawLayer(g, layer, k, { top, columns, side }, isLast, context) {
    const { look, colour } = context
    const most = isLast ? 1 : largest(layer.data.map(Math.abs)) || 1
    const colourOf = layer.data.some(value => value < 0) ? signed(colour) : inkOn(colour.paper, colour.ink)
    const { shape, data } = layer, n = channelsOf(layer), isNeurons = data.length === n
    const dead = Array.from({ length: n }, (_, c) => isDead(context, k, c)).filter(Boolean).length
    const name = isLast ? "Y" : `Y${k + 1}`
    const meaning = isLast ? ": the answer" : dead ? `: ${dead} of ${n} dead` : ""
    label(g, `${name}  ${shape.join("x")}${meaning}`, 0, top - 9, colour.grey)
    const rows = Math.ceil(n / columns), shades = data.map(value => value / most)
    if (isNeurons) place(g, picture(shades, columns, rows, colourOf), 0, top, columns * side, rows * side)
    for (let c = 0; c < n; c++) {
      const x = (c % columns) * side, y = top + Math.floor(c / columns) * side
      if (!isNeurons) {
        const { height, width, data } = channel({ shape, data: shades }, c)
        place(g, picture(data, width, height, colourOf), x, y, side - 1, side - 1)
      }
      const isChosen = look.neuron?.layer === k && look.neuron.channel === c
      outline(g, x, y, side - 1, isChosen ? colour.marked : colour.faint, isChosen ? 2 : 0.5)
      if (isLast && side > 14) label(g, c, x + 3, y + side / 2, data[c] > 0.5 ? colour.paper : colour.ink)
    }
  },
  press(x, y, context) {
    const { network, input, run, look, width, height } = context
    if (!network) return look
    const layers = layersOf(network, input, run.shape), places = strips(layers, width, height)
    for (const [k, { top, columns, side }] of places.entries()) {
      const column = Math.floor(x / side), line = Math.floor((y - top) / side), c = line * columns + column
      if (line < 0 || column >= columns || c >= channelsOf(layers[k])) continue
      const tile = channel(layers[k], c), within = dots => limited(dots / (side - 1), 0, 0.999)
      const i = Math.floor(within(y - top - line * side) * tile.height)
      const j = Math.floor(within(x - column * side) * tile.width)
      return { ...look, neuron: { layer: k, channel: c, at: [i, j] } }
    }
    return look
  },
  enter(context) {  // the next neuron, from layer to layer; of a channel, the middle
    const { network, input, run, look } = context
    if (!network) return look
    const layers = layersOf(network, input, run.shape), now = look.neuron ?? { layer: 0, channel: -1 }
    const isEnd = now.channel + 1 === channelsOf(layers[now.layer])
    const layer = isEnd ? (now.layer + 1) % layers.length : now.layer, c = isEnd ? 0 : now.channel + 1
    const { height, width } = channel(layers[layer], c)
    return { ...look, neuron: { layer, channel: c, at: [Math.floor(height / 2), Math.floor(width / 2)] } }
  },
}

// The test digits to which the chosen neuron responds most.
const FAVOURITES = {
  ...mosaicPanel(null, "", `of ${SAMPLE} test digits that this page keeps`, favourites),
  heading(context) {
    if (!context.network) return "What a neuron responds to"
    const neuron = neuronOf(context), name = nameOf(neuron, context.network.graph)
    return isDead(context, neuron.layer, neuron.channel) ? `${name} is dead` : `${name} responds most to`
  },
  aspect: 0.95,
}

function nameOf({ layer, channel }, graph) {
  return layer === graph.layers.length - 1 ? `Answer ${channel}` : `Y${layer + 1}, ${channel}`
}

// The one that was clicked; before, the answer.
function neuronOf({ look, network, input, run }) {
  const layer = network.graph.layers.length - 1
  return look.neuron ?? { layer, channel: indexOfMost(probabilities(network, input, run.shape)) }
}

function favourites(context) {
  if (!context.network) return []
  const { layer, channel } = neuronOf(context), digits = testDigits(context)
  const strength = context.network.sampled.map(found => found[layer][channel])
  const order = [...strength.keys()].filter(k => strength[k] > 0).sort((a, b) => strength[b] - strength[a])
  return order.slice(0, FAVOURITES_SHOWN).map(k => digits[k])
}

// How strongly the neurons respond to the digits of the sample; to some more of them each time.
function sampleMore(context) {
  const { network, run } = context, digits = testDigits(context).slice(0, SAMPLE)
  network.sampled ??= []
  for (const until = performance.now() + PATIENCE; performance.now() < until;) {
    const next = digits[network.sampled.length]
    if (!next) return
    network.sampled.push(strengths(layersOf(network, brightness(next.image), run.shape)))
  }
  goOn()
}

function isDead({ network: { sampled }, run: { digits } }, layer, channel) {
  const isWhole = sampled.length > 0 && sampled.length === Math.min(SAMPLE, digits.index.data.length)
  return isWhole && sampled.every(found => found[layer][channel] === 0)
}

// How strongly each neuron of each layer responds; a channel, where it does so most.
function strengths(layers) {
  return layers.map(layer => {
    const n = channelsOf(layer), most = new Float32Array(n)
    layer.data.forEach((value, k) => { most[k % n] = Math.max(most[k % n], Math.abs(value)) })
    return most
  })
}

// ------------------------------------------------------------------------------------------ the first layer

// The weights that the image meets first: { W, isConvolution }, or null.
function firstLayer({ graph, arrays }) {
  const meets = new Set([0]), first = 1 + arrays.length
  for (const [k, { kind, of }] of graph.operations.entries()) {
    if (!meets.has(of[0])) continue
    if (kind === "MatMul" || kind === "Conv2D") {
      return of[1] < first ? { W: arrays[of[1] - 1], isConvolution: kind === "Conv2D" } : null
    }
    meets.add(first + k)
  }
  return null
}

const FIRST_LAYER = {
  key: "w", title: "Weights of the first layer", aspect: 0.75,
  caption: "at most thirty, the largest; green is positive, violet negative",
  draw(g, width, height, { network, run, colour, noNetwork }) {
    const layer = network && firstLayer(network), n = layer?.W.shape.at(-1)
    const [h, w] = layer?.isConvolution ? layer.W.shape : run.shape
    if (!layer || layer.W.data.length !== h * w * n) {
      return sentence(g, noNetwork || "It does not look at single pixels.", width, colour)
    }
    const all = { shape: [h, w, n], data: layer.W.data }
    const pictures = Array.from({ length: n }, (_, c) => channel(all, c).data)
    const sizes = pictures.map(weights => weights.reduce((sum, weight) => sum + weight * weight, 0))
    const shown = [...sizes.keys()].sort((a, b) => sizes[b] - sizes[a]).slice(0, 30).sort((a, b) => a - b)
    const most = largest(all.data.map(Math.abs)) || 1
    const { columns, side } = gridFor(shown.length, width, height)
    shown.forEach((c, k) => {
      const x = (k % columns) * side, y = Math.floor(k / columns) * side
      const tile = picture(pictures[c].map(weight => weight / most), w, h, signed(colour))
      label(g, c, x, y + 6, colour.grey)
      place(g, tile, x, y + HEADROOM, side - HEADROOM - GAP, side - HEADROOM - GAP)
      outline(g, x, y + HEADROOM, side - HEADROOM - GAP, colour.faint, 1)
    })
  },
}
