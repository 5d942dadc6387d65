// ------------------------------------------------------------- panels of digits, and the confusion matrix

const SMALLEST_SIDE = matchMedia("(pointer: coarse)").matches ? 32 : 24  // pixels of a digit in a panel
const LARGEST_SHARE = 1 / 8  // of the width: a few digits are not huge
const MATRIX = { left: 22, top: 20 }  // pixels for the numbers at its sides
const MOST_NUMBERED = 20  // classes: more have no room for their numbers

// Digits in rows, as many as there is room for; a click opens the life of one, enter that of the first.
function mosaicPanel(key, title, caption, digitsOf, aside) {
  const laidOut = ({ width, height }, digits) => {
    const room = Math.floor(width / SMALLEST_SIDE) * Math.floor(height / SMALLEST_SIDE)
    const shown = digits.slice(0, Math.max(1, room)), { columns, side } = gridFor(shown.length, width, height)
    return { shown, columns, side: Math.min(side, Math.max(64, width * LARGEST_SHARE)) }
  }
  const opened = (look, digit) => digit ? { ...look, view: "i", digit } : look
  return {
    key, title, caption, hint: "click one for its life", aside, aspect: 0.75,
    draw(g, width, height, context) {
      const { shown, columns, side } = laidOut(context, digitsOf(context))
      mosaic(g, shown, columns, side, context.run.shape, context.colour)
    },
    press(x, y, context) {
      const { shown, columns, side } = laidOut(context, digitsOf(context))
      const k = Math.floor(y / side) * columns + Math.floor(x / side)
      return opened(context.look, x < columns * side ? shown[k] : null)
    },
    enter: context => opened(context.look, digitsOf(context)[0]),
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
function testDigits({ run, moment }) {
  const { digits } = run
  if (!digits || moment.test === null) return []
  const given = row(digits.given, moment.test)
  return Array.from(digits.right.data, (right, k) => (
    { image: row(digits.images, k), right, given: given[k], kept: k, index: digits.index.data[k] }
  ))
}

function wrongFirst(digits) {
  const isWrong = digit => digit.right !== digit.given
  return [...digits.filter(isWrong), ...digits.filter(digit => !isWrong(digit))]
}

const TRAINING_DIGITS = {
  ...mosaicPanel(
    "3", "Training digits", "wrong ones first: right answer left, network's right", trainingDigits,
  ),
  press: null, enter: null, hint: "",  // no test tells the life of one
  aside({ run, moment }) {
    const train = run.trains[moment.train]
    if (!train) return ""
    return `${inWords(Math.round((1 - train.accuracy) * train.total))} of ${inWords(train.total)} wrong`
  },
}

const TEST_DIGITS = mosaicPanel("6", "Test digits", "wrong ones first",
  context => wrongFirst(testDigits(context)), wrongOf)

// How many of the test digits are wrong, in words.
function wrongOf({ run, moment }) {
  if (moment.test === null) return ""
  const { total, wrong } = score(run.tests[moment.test].matrix)
  return `${inWords(wrong)} of ${inWords(total)} wrong`
}

function score({ shape: [classes], data }) {
  const total = data.reduce((a, b) => a + b, 0)
  const right = data.filter((_, k) => k % (classes + 1) === 0).reduce((a, b) => a + b, 0)
  return { total, wrong: total - right, accuracy: right / total }
}

function matrixOf({ run, moment }) {
  return moment.test === null ? null : run.tests[moment.test].matrix
}

// The cells [right, given] with wrong answers, those with most first.
function worstCells({ shape: [classes], data }) {
  const cells = Array.from(data.keys(), k => [Math.floor(k / classes), k % classes])
  const count = ([right, given]) => data[right * classes + given]
  return cells.filter(cell => cell[0] !== cell[1] && count(cell)).sort((a, b) => count(b) - count(a))
}

function cellOf(look, matrix) {
  return look.cell ?? worstCells(matrix)[0] ?? [0, 0]
}

const CONFUSION = {
  key: "m", title: "Confusion matrix", aspect: 0.95,
  caption: "the right answers down, the network's across", hint: "click a cell",
  side: (width, height, classes) => Math.min(width - MATRIX.left, height - MATRIX.top) / classes,
  draw(g, width, height, context) {
    const matrix = matrixOf(context), { look, colour } = context
    if (!matrix) return sentence(g, "There was no test yet.", width, colour)
    const classes = matrix.shape[0], side = this.side(width, height, classes), chosen = cellOf(look, matrix)
    const most = largest(matrix.data.filter((_, k) => k % (classes + 1)))
    matrix.data.forEach((count, k) => {
      const cell = [Math.floor(k / classes), k % classes]
      const [x, y] = [MATRIX.left + cell[1] * side, MATRIX.top + cell[0] * side]
      const share = cell[0] === cell[1] ? null : count / most || 0
      this.drawCell(g, x, y, side, { count, share, classes }, colour)
      if (String(cell) === String(chosen)) outline(g, x, y, side - 1, colour.ink)
    })
    for (let k = 0; k < classes; k += Math.ceil(classes / MOST_NUMBERED)) {
      label(g, k, MATRIX.left + (k + 0.5) * side, 10, colour.grey, "center")
      label(g, k, 10, MATRIX.top + (k + 0.5) * side, colour.grey, "center")
    }
  },
  drawCell(g, x, y, side, { count, share, classes }, colour) {
    const [paper, ink, test] = [colour.paper, colour.ink, colour.test].map(rgb)
    g.fillStyle = `rgb(${share === null ? mixed(paper, ink, 0.12) : mixed(paper, test, share)})`
    g.fillRect(x, y, side - 1, side - 1)
    if (!count || classes > MOST_NUMBERED) return
    g.font = g.font.replace(/[\d.]+px/, `${limited(side * 0.38, 8, 12)}px`)
    label(g, count, x + side / 2, y + side / 2, share > 0.65 ? colour.paper : colour.ink, "center")
  },
  aside(context) {
    const matrix = matrixOf(context)
    if (!matrix) return ""
    const count = ([i, j]) => matrix.data[i * matrix.shape[0] + j]
    const named = worstCells(matrix).slice(0, 3).map(cell => `${cell[0]} as ${cell[1]} (${count(cell)})`)
    return named.length ? `most often: ${named.join(", ")}` : ""
  },
  press(x, y, context) {
    const matrix = matrixOf(context), { look, width, height } = context
    if (!matrix) return look
    const side = this.side(width, height, matrix.shape[0])
    const cell = [Math.floor((y - MATRIX.top) / side), Math.floor((x - MATRIX.left) / side)]
    return cell.every(k => k >= 0 && k < matrix.shape[0]) ? { ...look, cell, changeable: false } : look
  },
  enter(context) {  // the cell with the next fewer wrong answers
    const matrix = matrixOf(context), { look } = context, cells = matrix ? worstCells(matrix) : []
    if (!cells.length) return look
    const k = cells.findIndex(cell => String(cell) === String(cellOf(look, matrix)))
    return { ...look, cell: cells[(k + 1) % cells.length], changeable: false }
  },
}

// The digits in a cell of the matrix, or those whose answers change most.
const CELL_DIGITS = {
  ...mosaicPanel(null, "", "of those that this page keeps", cellDigits),
  heading(context) {
    const { look } = context, matrix = matrixOf(context)
    if (!matrix) return "The digits of a cell"
    if (look.changeable) return "Those whose answers change most often"
    const [right, given] = cellOf(look, matrix), answers = row(matrix, right)
    const total = answers.reduce((a, b) => a + b)
    return `${right} read as ${given}: ${inWords(answers[given])} of ${inWords(total)}`
  },
  aspect: 0.8,
}

function cellDigits(context) {
  const { run, look } = context, digits = testDigits(context), matrix = matrixOf(context)
  if (look.changeable) return mostChanged(run, digits)
  const [right, given] = matrix ? cellOf(look, matrix) : [0, 0]
  return digits.filter(digit => digit.right === right && digit.given === given)
}

function mostChanged(run, digits) {
  const tests = run.tests.map((_, k) => row(run.digits.given, k))
  const changes = digits.map(({ kept }) => (
    tests.filter((given, k) => k && given[kept] !== tests[k - 1][kept]).length
  ))
  return digits.filter((_, k) => changes[k]).sort((a, b) => changes[b.kept] - changes[a.kept])
}

// ----------------------------------------------------------------------------------- the life of a digit

const DIGIT = {
  key: "i", title: "The life of a digit", aspect: 0.75,
  hint: "click: the next; at its left: the one before",
  draw(g, width, height, { run, look: { digit }, colour }) {
    const [h, w] = run.shape, side = Math.min(width, height)
    if (!digit) return sentence(g, "This page keeps no test digits.", width, colour)
    place(g, picture(brightness(digit.image), w, h, inkOn(colour.paper, colour.ink)), 0, 0, side, side)
    outline(g, 0, 0, side, colour.faint, 1)
  },
  aside({ look: { digit } }) {
    return digit ? `a ${digit.right}, test digit ${inWords(digit.index)}` : ""
  },
  press: (x, y, context) => beside(context, x < context.width / 4 ? -1 : 1),
  enter: context => beside(context, 1),
}

// The digit that is so many further among those that are kept.
function beside(context, by) {
  const { look } = context, { digit } = look, digits = testDigits(context)
  if (!digit || !digits.length) return look
  return { ...look, digit: digits[(digit.kept + by + digits.length) % digits.length] }
}

const LIFE = {
  ...chart(null, "What it was taken for", "", (g, width, height, context) => {
    const { run: { classes }, look: { digit }, colour } = context
    const every = Math.ceil(classes / MOST_NUMBERED)
    const marks = Array.from({ length: classes }, (_, k) => k).filter(k => k % every === 0)
    const at = axes(g, width, height, context, { low: classes - 0.5, high: -0.5, marks, named: String })
    for (const [i, given] of lifeOf(context)) {
      g.beginPath()
      g.arc(at.x(i), at.y(given), 3.5, 0, 7)
      g.fillStyle = given === digit.right ? colour.ink : colour.test
      g.fill()
    }
    cursor(g, at, context)
    if (digit) label(g, "right", at.right + 6, at.y(digit.right), colour.ink)
  }),
  note(context) {
    const { digit } = context.look, words = []
    let known = false
    for (const [i, given] of lifeOf(context)) {
      if ((given === digit.right) === known) continue
      known = !known
      words.push(`${known ? "learned" : "forgotten"} at ${inWords(i)}`)
    }
    if (words.length > 5) words.splice(1, words.length - 3, `${words.length - 3} more changes`)
    return words.join(" · ") || (digit ? "never learned" : "")
  },
}

// [iteration, answer] of each test.
function lifeOf({ run, look }) {
  const kept = look.digit?.kept
  return kept === undefined ? [] : run.tests.map(({ i }, k) => [i, row(run.digits.given, k)[kept]])
}
