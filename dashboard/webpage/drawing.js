// -------------------------------------------------------------------- colours, canvases, pixels

const SHARP = 3  // dots of printed paper for each pixel of CSS
const LEAST_SIDE_WITH_ANSWERS = 20  // pixels of a digit

// The colours of page.css, as they are now: light, or dark.
function colours() {
  const style = getComputedStyle(document.documentElement)
  const named = name => style.getPropertyValue(`--${name}`).trim()
  const several = name => named(name).split(" ")
  return {
    ink: named("ink"), grey: named("grey"), faint: named("faint"), rule: named("rule"), paper: named("paper"),
    training: named("training"), eachBatch: named("each-batch"), test: named("test"), marked: named("marked"),
    wrongInk: named("wrong-ink"), wrongPaper: named("wrong-paper"),
    negative: named("negative"), positive: named("positive"),
    weights: several("weights"), biases: several("biases"), networks: several("networks"),
    earlier: several("earlier"), layers: several("layers"),
  }
}

// A canvas of this size in pixels of CSS, as sharp as the screen: its context.
function sheet(canvas, width, height) {
  const zoom = document.body.classList.contains("paper") ? SHARP : devicePixelRatio || 1
  canvas.width = Math.round(width * zoom)
  canvas.height = Math.round(height * zoom)
  canvas.style.aspectRatio = `${width} / ${height}`
  const g = canvas.getContext("2d")
  g.scale(zoom, zoom)
  g.font = `12px ${getComputedStyle(document.body).fontFamily}`
  g.textBaseline = "middle"
  return g
}

function rgb(colour) {
  return [1, 3, 5].map(k => parseInt(colour.slice(k, k + 2), 16))
}

// The colour on the way from one to another, where 0 is the first and 1 the other.
function mixed(from, to, share) {
  return from.map((part, k) => Math.round(part + (to[k] - part) * share))
}

// n colours from the first to the last, by way of the others.
function between(names, n) {
  return Array.from({ length: n }, (_, k) => {
    const place = n > 1 ? k * (names.length - 1) / (n - 1) : 0
    const below = Math.min(Math.floor(place), names.length - 2)
    return `rgb(${mixed(rgb(names[below]), rgb(names[below + 1]), place - below)})`
  })
}

// A picture of values [height * width], in colours that `colourOf` gives.
function picture(values, width, height, colourOf) {
  return painted(width, height, pixels => values.forEach((value, k) => { pixels[k] = colourOf(value) }))
}

// A canvas whose pixels, numbers of 32 bits, are filled by a function.
function painted(width, height, fill) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height })
  const g = canvas.getContext("2d"), image = g.createImageData(width, height)
  fill(new Uint32Array(image.data.buffer))
  g.putImageData(image, 0, 0)
  return canvas
}

// Draws it into a rectangle: large pixels stay sharp, small ones are averaged.
function place(g, image, x, y, width, height) {
  g.imageSmoothingEnabled = width < 2 * image.width
  g.imageSmoothingQuality = "high"
  g.drawImage(image, x, y, width, height)
}

// 256 colours from paper to ink, as pixels.
function ramp(paper, ink) {
  const [from, to] = [rgb(paper), rgb(ink)]
  return Uint32Array.from({ length: 256 }, (_, k) => {
    const [red, green, blue] = mixed(from, to, k / 255)
    return (255 << 24 | blue << 16 | green << 8 | red) >>> 0
  })
}

function inkOn(paper, ink) {
  const shades = ramp(paper, ink)
  return value => shades[Math.round(255 * limited(value || 0, 0, 1))]
}

function signed(colour) {
  const negative = inkOn(colour.paper, colour.negative), positive = inkOn(colour.paper, colour.positive)
  return value => value < 0 ? negative(-value) : positive(value)
}

// Columns and rows for n tiles in a space of this shape, and the side of a tile.
function gridFor(n, width, height) {
  let best = { columns: 1, rows: n, side: 0 }
  for (let rows = 1; rows <= n; rows++) {
    const columns = Math.ceil(n / rows), side = Math.min(width / columns, height / rows)
    if (side > best.side) best = { columns, rows, side }
  }
  return best
}

// Digits in rows: the wrong ones on a tint of red, the right answer left, the network's right.
function mosaic(g, digits, columns, side, [h, w], colour) {
  if (!digits.length) return
  const rows = Math.ceil(digits.length / columns)
  const fill = pixels => fillWithDigits(pixels, digits, columns, h, w, colour)
  const image = painted(columns * w, rows * h, fill)
  place(g, image, 0, 0, columns * side, rows * side)
  g.font = `bold ${Math.max(9, Math.round(side / 3))}px sans-serif`
  digits.forEach((digit, k) => {
    const x = (k % columns) * side, y = Math.floor(k / columns) * side
    if (digit.isTaught) outline(g, x, y, side, colour.marked)
    if (digit.right === digit.given || side < LEAST_SIDE_WITH_ANSWERS) return
    label(g, digit.right, x + 1, y + side - side / 6 - 1, colour.ink)
    label(g, digit.given, x + side - 3, y + side - side / 6 - 1, colour.wrongInk, "right")
  })
  for (let k = 1; k < columns; k++) line(g, [[k * side, 0], [k * side, rows * side]], colour.paper, 1)
  for (let k = 1; k < rows; k++) line(g, [[0, k * side], [columns * side, k * side]], colour.paper, 1)
}

function fillWithDigits(pixels, digits, columns, h, w, colour) {
  const right = ramp(colour.paper, colour.ink), wrong = ramp(colour.wrongPaper, colour.wrongInk)
  digits.forEach(({ image, right: answer, given }, k) => {
    const shades = answer === given ? right : wrong, width = columns * w
    const start = Math.floor(k / columns) * h * width + k % columns * w
    for (let i = 0, byte = 0; i < h; i++) {
      for (let j = 0; j < w; j++) pixels[start + i * width + j] = shades[image[byte++]]
    }
  })
}

function outline(g, x, y, side, colour, width = 2) {
  g.strokeStyle = colour
  g.lineWidth = width
  g.strokeRect(x + width / 2, y + width / 2, side - width, side - width)
}

function label(g, words, x, y, colour, align = "left") {
  g.fillStyle = colour
  g.textAlign = align
  g.fillText(words, x, y)
}

// Words in the place of a picture, in as many lines as they need.
function sentence(g, words, width, colour) {
  let text = "", y = 14
  for (const word of words.split(" ")) {
    if (text && g.measureText(`${text} ${word}`).width > width) {
      label(g, text, 0, y, colour.grey)
      text = ""
      y += 18
    }
    text += text ? ` ${word}` : word
  }
  label(g, text, 0, y, colour.grey)
}
