// ------------------------------------------------------------------------------------- colours, canvases, pixels

// The colours of page.css, as they are now: light, dark, or on printed paper.
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

// A canvas, as sharp as the screen: its context, in units of CSS pixels.
function sheet(canvas, width, height) {
  const zoom = window.devicePixelRatio || 1
  canvas.width = Math.round(width * zoom)
  canvas.height = Math.round(height * zoom)
  canvas.style.height = `${height}px`
  const g = canvas.getContext("2d")
  g.scale(zoom, zoom)
  g.clearRect(0, 0, width, height)
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
    const place = n > 1 ? k * (names.length - 1) / (n - 1) : 0, below = Math.min(Math.floor(place), names.length - 2)
    return `rgb(${mixed(rgb(names[below]), rgb(names[below + 1]), place - below)})`
  })
}

// A picture of values [height * width], in colours that `colourOf` gives.
function picture(values, width, height, colourOf) {
  return painted(width, height, pixels => values.forEach((value, k) => { pixels[k] = colourOf(value) }))
}

// A canvas whose pixels, numbers of 32 bits, are filled by a function.
function painted(width, height, fill) {
  const canvas = new OffscreenCanvas(width, height), g = canvas.getContext("2d"), image = g.createImageData(width, height)
  fill(new Uint32Array(image.data.buffer))
  g.putImageData(image, 0, 0)
  return canvas
}

// Draws it into a square or a rectangle: large pixels stay sharp, small ones are averaged.
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
  const colours = ramp(paper, ink)
  return value => colours[Math.round(255 * limited(value || 0, 0, 1))]
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

// Digits in rows: the wrong ones on a tint of red, with the right answer at the left, the network's at the right.
function mosaic(g, digits, columns, side, [h, w], colour) {
  if (!digits.length) return
  const right = ramp(colour.paper, colour.ink), wrong = ramp(colour.wrongPaper, colour.wrongInk)
  const rows = Math.ceil(digits.length / columns), width = columns * w
  const image = painted(width, rows * h, pixels => digits.forEach((digit, k) => {
    const colours = digit.right === digit.given ? right : wrong
    const start = Math.floor(k / columns) * h * width + (k % columns) * w
    digit.image.forEach((byte, n) => { pixels[start + Math.floor(n / w) * width + n % w] = colours[byte] })
  }))
  place(g, image, 0, 0, columns * side, rows * side)
  digits.forEach((digit, k) => {
    const x = (k % columns) * side, y = Math.floor(k / columns) * side
    if (digit.isTaught) outline(g, x, y, side, colour.marked)
    if (digit.right === digit.given || side < 24) return
    g.font = `bold ${Math.round(side / 3)}px sans-serif`
    label(g, digit.right, x + 1, y + side - side / 6 - 1, colour.ink)
    label(g, digit.given, x + side - 3, y + side - side / 6 - 1, colour.wrongInk, "right")
  })
  for (let k = 1; k < columns; k++) line(g, [[k * side, 0], [k * side, rows * side]], colour.paper, 1)
  for (let k = 1; k < rows; k++) line(g, [[0, k * side], [columns * side, k * side]], colour.paper, 1)
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
