// ------------------------------------------------------------------------------------------ charts

const SMOOTHED = 25  // updates over which the training curve is averaged
const MARKED_ACCURACIES = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1]
const ROOM = { left: 46, right: 104, top: 8, bottom: 20 }  // pixels around a chart
const LETTER = 7, LINE = 14  // pixels: about the width of a letter, the distance of two lines

// Scales of an axis: where a value stands, in any unit.
const SCALES = {
  linear: value => value,
  accuracy: accuracy => -Math.log10(Math.max(1 - accuracy, 0) + 0.001),  // errors halve at equal distances
  logarithm: value => Math.log10(value),
}

// Axes on a canvas: from iteration 0 to the last, from `low` to `high`; gives where things stand.
function axes(g, width, height, { run, colour }, { low, high, scale = "linear", marks, named }) {
  const right = rightOf(width), bottom = height - ROOM.bottom, last = lastIteration(run), up = SCALES[scale]
  const at = {
    right, bottom,
    x: i => ROOM.left + (right - ROOM.left) * i / last,
    y: value => {
      const share = (up(value) - up(low)) / (up(high) - up(low))
      return bottom - (bottom - ROOM.top) * limited(share, -0.02, 1.02)
    },
  }
  for (const mark of marks) {
    line(g, [[ROOM.left, at.y(mark)], [right, at.y(mark)]], colour.rule, 1)
    label(g, named(mark), ROOM.left - 6, at.y(mark), colour.grey, "right")
  }
  line(g, [[ROOM.left, bottom], [right, bottom]], colour.faint, 1)
  const most = limited(Math.floor((right - ROOM.left) / (LETTER * (inWords(last).length + 2))), 1, 4)
  for (const i of roundNumbers(0, last, most)) {
    label(g, inWords(i), at.x(i), bottom + 11, colour.grey, "center")
  }
  return at
}

// Where the slider stands.
function cursor(g, at, { moment, colour }) {
  line(g, [[at.x(moment.i), ROOM.top], [at.x(moment.i), at.bottom]], colour.ink, 1.2)
}

function rightOf(width) {
  return Math.max(width - ROOM.right, ROOM.left + 10)
}

// Round numbers from low to high, about n.
function roundNumbers(low, high, n) {
  const rough = (high - low) / n || 1, power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(one => one * power).find(one => one >= rough * 0.999)
  const first = Math.ceil(low / step - 1e-9), count = Math.floor(high / step + 1e-9) - first + 1
  return Array.from({ length: Math.max(0, count) }, (_, k) => (first + k) * step)
}

// Through these points; a gap where one is not finite.
function line(g, points, colour, width) {
  g.beginPath()
  let drawing = false
  for (const [x, y] of points) {
    const known = Number.isFinite(x) && Number.isFinite(y)
    if (known && drawing) g.lineTo(x, y)
    else if (known) g.moveTo(x, y)
    drawing = known
  }
  g.strokeStyle = colour
  g.lineWidth = width
  g.lineJoin = "round"
  g.stroke()
}

// The mean of each value and those around it; of fewer at the start, where much changes.
function smoothed(values) {
  return values.map((_, k) => {
    const half = Math.min(Math.floor(k / 4), Math.floor(SMOOTHED / 2))
    const near = values.slice(k - half, k + half + 1)
    return near.reduce((a, b) => a + b) / near.length
  })
}

// Words at the ends of curves, [{ words, y, colour }], moved apart where they would collide; gives the words.
function ends(g, at, found) {
  const order = [...found].sort((a, b) => a.y - b.y), lowest = at.bottom - 4
  order.forEach((end, k) => { end.y = Math.max(end.y, k ? order[k - 1].y + LINE : ROOM.top) })
  order.reverse().forEach((end, k) => {
    end.y = Math.min(end.y, k ? order[k - 1].y - LINE : lowest)
    label(g, end.words, at.right + 6, end.y, end.colour)
  })
  return found.map(({ words }) => words).join(", ")
}

// The latest value that was measured until iteration i.
function valueAt(x, y, i) {
  const later = x.findIndex(one => one > i)
  return (later < 0 ? y.at(-1) : y[later - 1]) ?? NaN
}

// A panel over the iterations, where a click leads to the moment nearest to it.
function chart(key, title, caption, draw) {
  return {
    key, title, caption, draw, aspect: 0.75,
    press: (x, y, { look, run, width }) => {
      const i = lastIteration(run) * (x - ROOM.left) / (rightOf(width) - ROOM.left)
      return { ...look, moment: nearest(run.moments.map(moment => moment.i), i) }
    },
  }
}

function lastIteration(run) {
  return run.moments.at(-1).i || run.iterations || 1
}

function nearest(numbers, wanted) {
  const closer = (best, one, k) => Math.abs(one - wanted) < Math.abs(numbers[best] - wanted) ? k : best
  return numbers.reduce(closer, 0)
}

// Training, its mean, and test; `which` is the column of the run's numbers.
function curves(which, key, title, caption, limits, named) {
  return chart(key, title, caption, (g, width, height, context) => {
    const { run, moment, colour } = context, { train, test } = run.curves
    const trainX = column(train, 0), trainY = column(train, which), mean = smoothed(trainY)
    const earlier = run.earlier.map(({ name, test }, k) => ({
      name: name.slice(0, 16), x: column(test, 0), y: column(test, which), width: 1.8,
      shade: colour.earlier[k % colour.earlier.length],
    }))
    const drawn = [
      ...earlier, { name: "training", x: trainX, y: mean, width: 1.8, shade: colour.training },
      { name: "test", x: column(test, 0), y: column(test, which), width: 2.4, shade: colour.test },
    ]
    const at = axes(g, width, height, context, { ...limits(drawn.map(({ y }) => y)), named })
    // an earlier run may have been longer
    const points = (x, y) => x.map((i, k) => [at.x(i), at.y(y[k])]).filter(([x]) => x <= at.right + 0.5)
    line(g, points(trainX, trainY), colour.eachBatch, 1)
    for (const { x, y, width, shade } of drawn) line(g, points(x, y), shade, width)
    for (const [i, factor] of run.turns) {
      line(g, [[at.x(i), ROOM.top], [at.x(i), at.bottom]], colour.grey, 0.8)
      label(g, `×${factor}`, at.x(i) + 3, ROOM.top + 6, colour.ink)
    }
    cursor(g, at, context)
    const told = drawn.map(({ name, x, y, shade }) => ({ name, shade, value: valueAt(x, y, moment.i) }))
    return ends(g, at, told.filter(({ value }) => Number.isFinite(value)).map(({ name, shade, value }) => (
      { words: `${name} ${named(value)}`, y: at.y(value), colour: shade }
    )))
  })
}

function perCent(share) {
  return Number.isFinite(share) ? `${Number((100 * share).toPrecision(4))} %` : ""
}

// A number in a few letters.
function short(value) {
  if (!Number.isFinite(value)) return ""
  const isTiny = value && Math.abs(value) < 0.001
  const words = isTiny ? value.toExponential(1).replace(".0e", "e") : `${Number(value.toPrecision(3))}`
  return words.replaceAll("-", "−")
}

const ACCURACY = curves(1, "1", "Accuracy", "pale: each batch; errors halve at equal distances", all => {
  const best = largest(all.flat().filter(Number.isFinite))
  const high = MARKED_ACCURACIES.find(mark => mark >= 0.95 && best < mark) ?? 1
  return { low: 0, high, scale: "accuracy", marks: MARKED_ACCURACIES.filter(mark => mark <= high) }
}, perCent)

const LOSS = curves(2, "2", "Cross-entropy loss", "over the iterations; pale: each batch", all => {
  const highs = all.map(values => {
    const order = values.filter(Number.isFinite).sort((a, b) => a - b)
    return order[Math.floor(0.9 * (order.length - 1))] ?? 0  // a few at the start are much larger
  })
  const high = 1.1 * largest(highs) || 1, marks = roundNumbers(0, high, 5)
  return { low: 0, high, marks }
}, short)

// Seven bands, each of which has a seventh of all values.
function bands(name, key, title) {
  return chart(key, title, "each band has a seventh of all values", (g, width, height, context) => {
    const { run, moment, colour } = context, rows = run.curves[name], x = column(rows, 0)
    const edges = Array.from({ length: 8 }, (_, k) => column(rows, k + 1))
    const values = edges.flat().filter(Number.isFinite), [low, high] = extremes(values)
    const at = axes(g, width, height, context, { low, high, marks: roundNumbers(low, high, 5), named: short })
    const points = edges.map(edge => (
      edge.map((y, k) => [at.x(x[k]), at.y(y)]).filter(([, y]) => Number.isFinite(y))
    ))
    colour[name].forEach((shade, k) => {
      g.beginPath()
      for (const [x, y] of [...points[7 - k], ...[...points[k]].reverse()]) g.lineTo(x, y)
      g.fillStyle = shade
      g.fill()
    })
    cursor(g, at, context)
    if (!values.length) return ""
    const told = [edges[7], edges[0]].map(y => valueAt(x, y, moment.i))
    return ends(g, at, told.map(value => ({ words: short(value), y: at.y(value), colour: colour.grey })))
  })
}

function extremes(values) {
  const low = values.reduce((a, b) => Math.min(a, b), 0), high = values.reduce((a, b) => Math.max(a, b), 0)
  return high > low ? [low, high] : [low, low + 1]
}

const WEIGHTS = bands("weights", "4", "Weights"), BIASES = bands("biases", "5", "Biases")

// A curve for each layer, on a logarithmic axis.
function layerCurves(name, title, caption, missing) {
  return chart("g", title, caption, (g, width, height, context) => {
    const { run, moment, colour } = context, rows = run.curves[name], x = column(rows, 0)
    const layers = Array.from({ length: rows.shape[1] - 1 }, (_, k) => (
      column(rows, k + 1).map(value => value > 0 ? value : NaN)  // a logarithm knows no 0
    ))
    const measured = layers.flat().filter(Number.isFinite)
    if (!measured.length) return sentence(g, missing, width, colour)
    const low = 10 ** Math.floor(Math.log10(measured.reduce((a, b) => Math.min(a, b))))
    const high = Math.max(10 * low, 10 ** Math.ceil(Math.log10(largest(measured))))
    const powers = roundNumbers(Math.log10(low), Math.log10(high), 6).filter(Number.isInteger)
    const marks = powers.map(power => 10 ** power)
    const at = axes(g, width, height, context, { low, high, scale: "logarithm", marks, named: short })
    const shades = between(colour.layers, layers.length)
    layers.forEach((y, k) => line(g, y.map((value, n) => [at.x(x[n]), at.y(value)]), shades[k], 1.8))
    cursor(g, at, context)
    const told = layers.map((_, k) => ({ k, value: valueAt(x, column(rows, k + 1), moment.i) }))
    return ends(g, at, told.filter(({ value }) => Number.isFinite(value)).map(({ k, value }) => (
      { words: `W${k + 1} ${short(value)}`, y: at.y(value), colour: shades[k] }
    )))
  })
}

const GRADIENTS = layerCurves("gradients", "The gradient in each layer",
  "how strongly the loss reacts to a weight (root mean square, the first 1,000 test digits)",
  "The program gave no gradient(X, Y_).")
const STEPS = layerCurves("steps", "How far an iteration moves a weight",
  "in proportion to the size of the layer's weights", "Nothing was measured.")
