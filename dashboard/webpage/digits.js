// ------------------------------------------------------------------------- panels of digits, and the confusion matrix

const MOST_TESTED = 500  // test digits in a panel

// Digits in rows; a click opens the life of one. `digitsOf` gives those that are to be shown.
function mosaicPanel(key, title, caption, digitsOf, aside = () => "") {
  const grid = (width, height, count) => {
    const { columns, side } = gridFor(count, width, height)
    return { columns, side: Math.min(side, 64) }
  }
  return {
    key, title, caption, aside, clickable: true, aspect: 0.62,
    draw(g, width, height, context) {
      const digits = digitsOf(context), { columns, side } = grid(width, height, digits.length)
      mosaic(g, digits, columns, side, context.run.shape, context.colour)
    },
    press(x, y, context) {
      const digits = digitsOf(context), { columns, side } = grid(context.width, context.height, digits.length)
      const k = Math.floor(y / side) * columns + Math.floor(x / side)
      return x < columns * side && digits[k] ? { ...context.look, view: "i", digit: digits[k] } : context.look
    },
  }
}

function trainingDigits({ run, moment }) {
  const train = run.trains[moment.train]
  if (!train) return []
  return Array.from(train.right.data, (right, k) => (
    { image: row(train.images, k), right, given: train.given.data[k], isTaught: k < train.taught }
  ))
}

// Those test digits that the page keeps, as the test of this moment has answered them.
function testDigits(run, test) {
  const { digits } = run
  if (!digits || test === null) return []
  const given = row(digits.given, test)
  return Array.from(digits.right.data, (right, k) => (
    { image: row(digits.images, k), right, given: given[k], kept: k, index: digits.index.data[k] }
  ))
}

function wrongFirst(digits) {
  const isWrong = digit => digit.right !== digit.given
  return [...digits.filter(isWrong), ...digits.filter(digit => !isWrong(digit))]
}

const TRAINING_DIGITS = mosaicPanel("3", "Training digits", "wrong ones first: right answer left, network's right; click one",
  trainingDigits, ({ run, moment }) => {
    const train = run.trains[moment.train]
    return train ? `${inWords(Math.round((1 - train.accuracy) * train.total))} of ${inWords(train.total)} wrong` : ""
  })

const TEST_DIGITS = mosaicPanel("6", "Test digits", "wrong ones first; click one for its life",
  ({ run, moment }) => wrongFirst(testDigits(run, moment.test)).slice(0, MOST_TESTED),
  ({ run, moment }) => wrongOf(run, moment.test))

// How many of the test digits are wrong, in words.
function wrongOf(run, test) {
  if (test === null) return ""
  const { total, wrong } = score(run.tests[test].matrix)
  return `${inWords(wrong)} of ${inWords(total)} wrong`
}

function score({ shape: [classes], data }) {
  const total = data.reduce((a, b) => a + b, 0)
  const right = Array.from({ length: classes }, (_, k) => data[k * classes + k]).reduce((a, b) => a + b, 0)
  return { total, wrong: total - right, accuracy: right / total }
}

function matrixOf({ run, moment }) {
  return moment.test === null ? null : run.tests[moment.test].matrix
}

// The cells [right, given] with the most wrong answers.
function worstCells({ shape: [classes], data }, most) {
  const cells = Array.from(data.keys(), k => [Math.floor(k / classes), k % classes])
  return cells.filter(([a, b]) => a !== b && data[a * classes + b])
    .sort(([a, b], [c, d]) => data[c * classes + d] - data[a * classes + b]).slice(0, most)
}

function cellOf(look, matrix) {
  return look.cell ?? worstCells(matrix, 1)[0] ?? [0, 0]
}

const CONFUSION = {
  key: "m", title: "Confusion matrix", caption: "the right answers down, the network's across; click a cell", clickable: true,
  aspect: 0.8,
  grid(width, height, classes) {
    return { left: 22, top: 20, side: Math.min((width - 22) / classes, (height - 20) / classes) }
  },
  draw(g, width, height, context) {
    const matrix = matrixOf(context), { look, colour } = context
    if (!matrix) return
    const classes = matrix.shape[0], { left, top, side } = this.grid(width, height, classes)
    const every = Math.ceil(classes / 20), chosen = cellOf(look, matrix)
    const most = matrix.data.reduce((most, count, k) => k % (classes + 1) ? Math.max(most, count) : most, 1)
    const [paper, ink, test] = [colour.paper, colour.ink, colour.test].map(rgb)
    matrix.data.forEach((count, k) => {
      const [i, j] = [Math.floor(k / classes), k % classes], x = left + j * side, y = top + i * side
      const shade = i === j ? 0.12 : count / most
      g.fillStyle = `rgb(${mixed(paper, i === j ? ink : test, shade)})`
      g.fillRect(x, y, side - 1, side - 1)
      if (i === chosen[0] && j === chosen[1]) outline(g, x, y, side - 1, colour.ink)
      if (count && classes <= 20) label(g, count, x + side / 2, y + side / 2, shade > 0.65 ? colour.paper : colour.ink, "center")
    })
    for (let k = 0; k < classes; k += every) {
      label(g, k, left + (k + 0.5) * side, 10, colour.grey, "center")
      label(g, k, 10, top + (k + 0.5) * side, colour.grey, "center")
    }
  },
  aside(context) {
    const matrix = matrixOf(context)
    if (!matrix) return ""
    const named = worstCells(matrix, 3).map(([i, j]) => `${i} as ${j} (${matrix.data[i * matrix.shape[0] + j]})`)
    return named.length ? `most often: ${named.join(", ")}` : ""
  },
  press(x, y, { look, width, height, run, moment }) {
    const matrix = matrixOf({ run, moment })
    if (!matrix) return look
    const { left, top, side } = this.grid(width, height, matrix.shape[0])
    const cell = [Math.floor((y - top) / side), Math.floor((x - left) / side)]
    return cell.every(k => k >= 0 && k < matrix.shape[0]) ? { ...look, cell, changeable: false } : look
  },
}

// The digits in a cell of the matrix, or those whose answers change most.
const CELL_DIGITS = {
  ...mosaicPanel(null, "", "of those that this page keeps; click one for its life", cellDigits),
  heading(context) {
    const { look } = context, matrix = matrixOf(context)
    if (!matrix) return "The digits of a cell"
    if (look.changeable) return "Those whose answers change most often"
    const [right, given] = cellOf(look, matrix), of = row(matrix, right).reduce((a, b) => a + b, 0)
    return `${right} read as ${given}: ${inWords(row(matrix, right)[given])} of ${inWords(of)}`
  },
  aspect: 0.8,
}

function cellDigits(context) {
  const { run, moment, look } = context, digits = testDigits(run, moment.test)
  if (look.changeable) return mostChanged(run, digits).slice(0, MOST_TESTED)
  const matrix = matrixOf(context), [right, given] = matrix ? cellOf(look, matrix) : [0, 0]
  return digits.filter(digit => digit.right === right && digit.given === given).slice(0, MOST_TESTED)
}

function mostChanged(run, digits) {
  const tests = run.tests.map((_, k) => row(run.digits.given, k))
  const changes = digits.map(({ kept }) => tests.filter((given, k) => k && given[kept] !== tests[k - 1][kept]).length)
  return digits.filter((_, k) => changes[k]).sort((a, b) => changes[b.kept] - changes[a.kept])
}

// ---------------------------------------------------------------------------------------------- the life of a digit

const DIGIT = {
  key: "i", title: "The life of a digit", caption: "up, down: the digits beside it", aspect: 1,
  draw(g, width, height, { run, look, colour }) {
    const side = Math.min(width, height)
    if (!look.digit) return label(g, "Click one of the digits in 3, 6 or m.", 0, 20, colour.grey)
    const [h, w] = run.shape
    place(g, picture(brightness(look.digit.image), w, h, inkOn(colour.paper, colour.ink)), 0, 0, side, side)
    outline(g, 0, 0, side, colour.faint, 1)
  },
  aside({ look: { digit } }) {
    if (!digit) return ""
    return `a ${digit.right}, ${digit.index === undefined ? "training digit" : `test digit ${inWords(digit.index)}`}`
  },
}

const LIFE = {
  ...chart(null, "What it was taken for", "test after test: right ones dark, wrong ones red", (g, width, height, context) => {
    const { run, look, moment, colour } = context, answers = lifeOf(run, look.digit), classes = run.classes
    const marks = Array.from({ length: classes }, (_, k) => k).filter(k => k % Math.ceil(classes / 20) === 0)
    const at = axes(g, width, height, colour, {
      last: lastIteration(run), low: classes - 0.5, high: -0.5, marks, named: String,
    })
    momentLine(g, at, height, moment.i, colour)
    for (const [i, given] of answers) {
      g.beginPath()
      g.arc(at.x(i), at.y(given), 3.5, 0, 7)
      g.fillStyle = given === look.digit.right ? colour.ink : colour.test
      g.fill()
    }
    if (look.digit && !answers.length) label(g, "Of a training digit no test tells.", ROOM.left + 8, 16, colour.grey)
  }),
  note({ run, look }) {
    let known = false
    const words = []
    for (const [i, given] of lifeOf(run, look.digit)) {
      const now = given === look.digit.right
      if (now !== known) words.push(`${now ? "learned" : "forgotten"} at ${inWords(i)}`)
      known = now
    }
    return words.length > 5 ? `${words[0]} · ${words.length - 3} changes · ${words.slice(-2).join(" · ")}` : words.join(" · ")
  },
}

function lifeOf(run, digit) {
  return digit?.kept === undefined ? [] : run.tests.map(({ i }, k) => [i, row(run.digits.given, k)[digit.kept]])
}
