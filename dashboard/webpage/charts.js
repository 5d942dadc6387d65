// ------------------------------------------------------------------------------------------------------- charts

const SMOOTHED = 25  // updates over which the training curve is averaged
const MARKED_ACCURACIES = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1]
const ROOM = { left: 46, right: 104, top: 6, bottom: 20 }  // pixels around a chart

// Scales of an axis: where a value stands, in any unit.
const SCALES = {
  linear: value => value,
  accuracy: accuracy => -Math.log10(Math.max(1 - accuracy, 0) + 0.001),  // errors halve at equal distances
  logarithm: value => Math.log10(value),
}

// Axes on a canvas: from iteration 0 to `last`, from `low` to `high`; gives where things stand.
function axes(g, width, height, colour, { last, low, high, scale = "linear", marks, named }) {
  const [right, bottom] = [width - ROOM.right, height - ROOM.bottom], up = SCALES[scale]
  const at = {
    x: i => ROOM.left + (right - ROOM.left) * i / last,
    y: value => bottom - (bottom - ROOM.top) * limited((up(value) - up(low)) / (up(high) - up(low)), -0.02, 1.02),
    iteration: x => limited((x - ROOM.left) / (right - ROOM.left), 0, 1) * last,
    right,
  }
  for (const mark of marks) {
    line(g, [[ROOM.left, at.y(mark)], [right, at.y(mark)]], colour.rule, 1)
    label(g, named(mark), ROOM.left - 6, at.y(mark), colour.grey, "right")
  }
  line(g, [[ROOM.left, bottom], [right, bottom]], colour.faint, 1)
  for (const i of roundNumbers(0, last, 4)) label(g, inWords(i), at.x(i), bottom + 11, colour.grey, "center")
  return at
}

// Round numbers from low to high, about n.
function roundNumbers(low, high, n) {
  const rough = (high - low) / n || 1, power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(one => one * power).find(one => one >= rough * 0.999)
  const first = Math.ceil(low / step - 1e-9)
  return Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - first + 1) }, (_, k) => (first + k) * step)
}

function line(g, points, colour, width) {
  g.beginPath()
  let drawing = false
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) drawing = false
    else if (drawing) g.lineTo(x, y)
    else g.moveTo(x, y), drawing = true
  }
  g.strokeStyle = colour
  g.lineWidth = width
  g.lineJoin = "round"
  g.stroke()
}

// The mean of each value and those around it; fewer at the start, where much changes.
function smoothed(values) {
  return values.map((_, k) => {
    const half = Math.min(Math.floor(k / 4), Math.floor(SMOOTHED / 2)), near = values.slice(k - half, k + half + 1)
    return near.reduce((a, b) => a + b, 0) / near.length
  })
}

// Words at the ends of curves, [{words, y, colour}], moved apart where they would collide.
function ends(g, at, height, found) {
  const least = 14, order = [...found].sort((a, b) => a.y - b.y)
  order.forEach((end, k) => { end.y = Math.max(end.y, k ? order[k - 1].y + least : 8) })
  order.reverse().forEach((end, k) => {
    end.y = Math.min(end.y, k ? order[k - 1].y - least : height - ROOM.bottom)
    label(g, end.words, at.right + 6, end.y, end.colour)
  })
}

// The latest value that was measured until iteration i.
function valueAt(x, y, i) {
  const k = x.findLastIndex(one => one <= i)
  return k < 0 ? NaN : y[k]
}

function chart(key, title, caption, draw) {
  return {
    key, title, caption, draw, clickable: true, aspect: 0.62,
    press: (x, y, { look, run, width }) => {  // to the moment that was clicked
      const i = limited((x - ROOM.left) / (width - ROOM.right - ROOM.left), 0, 1) * lastIteration(run)
      return { ...look, moment: nearest(run.moments.map(moment => moment.i), i) }
    },
  }
}

function lastIteration(run) {
  return run.moments.at(-1)?.i || run.iterations || 1
}

function nearest(numbers, wanted) {
  return numbers.reduce((best, one, k) => Math.abs(one - wanted) < Math.abs(numbers[best] - wanted) ? k : best, 0)
}

function momentLine(g, at, height, i, colour) {
  line(g, [[at.x(i), ROOM.top], [at.x(i), height - ROOM.bottom]], colour.ink, 1.2)
}

// Training, its mean, and test; `which` is the column of the run's numbers.
function curves(which, key, title, caption, axis, named) {
  return chart(key, title, caption, (g, width, height, { run, moment, colour }) => {
    const { train, test } = run.curves, last = lastIteration(run)
    const [trainX, trainY] = [column(train, 0), column(train, which)], mean = smoothed(trainY)
    const [testX, testY] = [column(test, 0), column(test, which)]
    const earlier = run.earlier.map(({ name, test }) => ({ name, x: column(test, 0), y: column(test, which) }))
    const at = axes(g, width, height, colour, { last, ...axis([mean, testY, ...earlier.map(one => one.y)]), named })
    const points = (x, y) => x.map((i, k) => [at.x(i), at.y(y[k])]).filter(([x]) => x <= at.right + 0.5)
    line(g, points(trainX, trainY), colour.eachBatch, 1)
    earlier.forEach(({ x, y }, k) => line(g, points(x, y), colour.earlier[k % colour.earlier.length], 1.8))
    line(g, points(trainX, mean), colour.training, 1.8)
    line(g, points(testX, testY), colour.test, 2.4)
    for (const [i, factor] of run.turns) {
      line(g, [[at.x(i), ROOM.top], [at.x(i), height - ROOM.bottom]], colour.grey, 0.8)
      label(g, `×${factor}`, at.x(i) + 3, ROOM.top + 6, colour.ink)
    }
    momentLine(g, at, height, moment.i, colour)
    const told = [["training", trainX, mean, colour.training], ["test", testX, testY, colour.test]].concat(
      earlier.map(({ name, x, y }, k) => [name.slice(0, 16), x, y, colour.earlier[k % colour.earlier.length]]))
    ends(g, at, height, told.filter(([, x, y]) => x.length && Number.isFinite(y.at(-1))).map(([name, x, y, colour]) => (
      { words: `${name} ${named(valueAt(x, y, moment.i))}`, y: at.y(y.at(-1)), colour })))
  })
}

function perCent(share) {
  return Number.isFinite(share) ? `${Number((100 * share).toPrecision(4))} %` : ""
}

function short(value) {
  if (!Number.isFinite(value)) return ""
  return value && Math.abs(value) < 0.001 ? value.toExponential(0 + (Math.log10(value) % 1 ? 1 : 0)) : `${Number(value.toPrecision(3))}`
}

const ACCURACY = curves(1, "1", "Accuracy", "over the iterations; pale: each batch; errors halve at equal distances", all => {
  const best = Math.max(0, ...all.flat().filter(Number.isFinite))
  const high = [0.95, 0.98, 0.99, 0.995, 0.998, 1].find(top => best < top || top === 1)
  return { low: 0, high, scale: "accuracy", marks: MARKED_ACCURACIES.filter(mark => mark <= high) }
}, perCent)

const LOSS = curves(2, "2", "Cross-entropy loss", "over the iterations; pale: each batch", all => {
  const highs = all.map(values => values.filter(Number.isFinite).sort((a, b) => a - b)).filter(one => one.length)
    .map(values => values[Math.floor(0.9 * (values.length - 1))])
  const marks = roundNumbers(0, 1.15 * Math.max(...highs, 1e-6), 5)
  return { low: 0, high: Math.max(marks.at(-1), 1.1 * Math.max(...highs, 1e-6)), marks }
}, short)

// Seven bands, each of which has a seventh of all values.
function bands(name, key, title) {
  return chart(key, title, "over the iterations: each band has a seventh of all values", (g, width, height, { run, moment, colour }) => {
    const rows = run.curves[name], x = column(rows, 0), edges = Array.from({ length: 8 }, (_, k) => column(rows, k + 1))
    const values = edges.flat().filter(Number.isFinite), [low, high] = extremes(values)
    const at = axes(g, width, height, colour, { last: lastIteration(run), low, high, marks: roundNumbers(low, high, 5), named: short })
    colour[name].forEach((shade, k) => {
      const upper = x.map((i, n) => [at.x(i), at.y(edges[7 - k][n])]), lower = x.map((i, n) => [at.x(i), at.y(edges[k][n])])
      g.beginPath()
      for (const [x, y] of [...upper, ...lower.reverse()]) if (Number.isFinite(y)) g.lineTo(x, y)
      g.fillStyle = shade
      g.fill()
    })
    momentLine(g, at, height, moment.i, colour)
    const told = [edges[7], edges[0]].map(y => (
      { words: short(valueAt(x, y, moment.i)), y: at.y(y.at(-1)), colour: colour.grey }))
    if (values.length) ends(g, at, height, told)
  })
}

function extremes(values) {
  const low = values.reduce((a, b) => Math.min(a, b), 0), high = values.reduce((a, b) => Math.max(a, b), 0)
  return high > low ? [low, high] : [low, low + 1]
}

const WEIGHTS = bands("weights", "4", "Weights"), BIASES = bands("biases", "5", "Biases")

// A curve for each layer, on a logarithmic axis.
function layerCurves(name, title, caption, missing) {
  return chart("g", title, caption, (g, width, height, { run, moment, colour }) => {
    const rows = run.curves[name], layers = rows.shape[1] - 1, x = column(rows, 0)
    const y = Array.from({ length: layers }, (_, k) => column(rows, k + 1).map(value => value > 0 ? value : NaN))
    const values = y.flat().filter(Number.isFinite)
    if (!values.length) return label(g, missing, ROOM.left, 20, colour.grey)
    const low = 10 ** Math.floor(Math.log10(values.reduce((a, b) => Math.min(a, b))))
    const high = Math.max(10 * low, 10 ** Math.ceil(Math.log10(values.reduce((a, b) => Math.max(a, b)))))
    const powers = roundNumbers(Math.log10(low), Math.log10(high), 6).filter(Number.isInteger).map(power => 10 ** power)
    const at = axes(g, width, height, colour, { last: lastIteration(run), low, high, scale: "logarithm", marks: powers, named: short })
    const shades = between(colour.layers, layers)
    y.forEach((values, k) => line(g, x.map((i, n) => [at.x(i), at.y(values[n])]), shades[k], 1.8))
    momentLine(g, at, height, moment.i, colour)
    ends(g, at, height, y.map((values, k) => {
      const last = values.findLast(Number.isFinite)
      return { words: `W${k + 1} ${short(valueAt(x, values, moment.i)) || "0"}`, y: at.y(last), colour: shades[k] }
    }).filter(({ y }) => Number.isFinite(y)))
  })
}

const GRADIENTS = layerCurves("gradients", "The gradient in each layer",
  "how strongly the loss reacts to a weight (root mean square, the first 1,000 test digits)",
  "The program gave no gradient(X, Y_).")
const STEPS = layerCurves("steps", "How far an iteration moves a weight",
  "in proportion to the size of the layer's weights", "Nothing was measured.")
