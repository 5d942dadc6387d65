// ------------------------------------------------------------------------- a digit written by hand, as MNIST's were

const PAPER = 280  // dots across
const PEN = 11  // dots: half the width of a stroke
const BOX = 20 / 28  // MNIST's digits fill a box of 20x20 pixels in 28x28

// Draws a stroke of a round pen from one place to another, [x, y] in 0..1, into ink [PAPER * PAPER], 0..1.
function stroke(ink, start, end) {
  const [x0, y0, x1, y1] = [...start, ...end].map(place => place * PAPER)
  const [dx, dy] = [x1 - x0, y1 - y0]
  const [left, right] = [Math.min(x0, x1) - PEN - 1, Math.max(x0, x1) + PEN + 1].map(inside)
  const [top, bottom] = [Math.min(y0, y1) - PEN - 1, Math.max(y0, y1) + PEN + 1].map(inside)
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const [x, y] = [column + 0.5, row + 0.5]
      const along = limited(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1), 0, 1)
      const distance = Math.hypot(x - x0 - along * dx, y - y0 - along * dy)
      const k = row * PAPER + column
      ink[k] = Math.max(ink[k], limited(PEN + 0.5 - distance, 0, 1))
    }
  }
}

function inside(dots) {
  return limited(Math.round(dots), 0, PAPER)
}

function limited(value, low, high) {
  return Math.min(Math.max(value, low), high)
}

// What a network gets of a pad: [height * width].
function networkInput(ink, height, width, centring) {
  const whole = { height: PAPER, width: PAPER, data: ink }
  if (!centring) return asDark(resized(whole, height, width), ink)
  const picture = new Float32Array(height * width), box = drawnPart(whole)
  if (!box) return picture
  const most = BOX * Math.min(height, width), longer = Math.max(box.height, box.width)
  const h = Math.max(1, rounded(box.height * most / longer)), w = Math.max(1, rounded(box.width * most / longer))
  const digit = asDark(resized(box, h, w), box.data)
  const sum = (along, n, m) => Array.from({ length: n }, (_, i) =>
    Array.from({ length: m }, (_, j) => digit[along(i, j)]).reduce((a, b) => a + b, 0))
  const top = margin(sum((i, j) => i * w + j, h, w), height), left = margin(sum((i, j) => j * w + i, w, h), width)
  for (let i = 0; i < h; i++) picture.set(digit.subarray(i * w, (i + 1) * w), (top + i) * width + left)
  return picture
}

// Cut out: the rows and columns with ink.
function drawnPart({ height, width, data }) {
  let top = height, bottom = -1, left = width, right = -1
  data.forEach((ink, k) => {
    if (ink === 0) return
    const y = Math.floor(k / width), x = k % width
    top = Math.min(top, y), bottom = Math.max(bottom, y), left = Math.min(left, x), right = Math.max(right, x)
  })
  if (bottom < 0) return null
  const h = bottom - top + 1, w = right - left + 1, part = new Float32Array(h * w)
  for (let i = 0; i < h; i++) part.set(data.subarray((top + i) * width + left, (top + i) * width + right + 1), i * w)
  return { height: h, width: w, data: part }
}

// Each pixel is the mean of what it covers.
function resized({ height, width, data }, h, w) {
  const rows = coverage(height, h), columns = coverage(width, w), narrow = new Float32Array(height * w)
  for (let y = 0; y < height; y++) {
    columns.forEach((parts, x) => { for (const [k, part] of parts) narrow[y * w + x] += part * data[y * width + k] })
  }
  const picture = new Float32Array(h * w)
  rows.forEach((parts, y) => {
    for (const [k, part] of parts) for (let x = 0; x < w; x++) picture[y * w + x] += part * narrow[k * w + x]
  })
  return picture
}

// For each of m pixels: [[k, part], ...], which of n pixels it covers, and how large their parts in it are.
function coverage(n, m) {
  return Array.from({ length: m }, (_, pixel) => {
    const low = pixel * n / m, high = (pixel + 1) * n / m, parts = []
    for (let k = Math.floor(low); k < Math.min(n, Math.ceil(high)); k++) {
      parts.push([k, (Math.min(high, k + 1) - Math.max(low, k)) * m / n])
    }
    return parts
  })
}

// How many of `size` pixels stay empty before these, for the centre of their mass to be the middle.
function margin(mass, size) {
  const total = mass.reduce((a, b) => a + b, 0), moment = mass.reduce((sum, one, k) => sum + one * k, 0)
  return limited(rounded(size / 2 - moment / total), 0, size - mass.length)
}

// Shrinking makes a thin stroke pale.
function asDark(picture, ink) {
  const most = picture.reduce((a, b) => Math.max(a, b), 0), before = ink.reduce((a, b) => Math.max(a, b), 0)
  return most ? picture.map(value => value * before / most) : picture
}

// To the next whole number; a half to the even one, as Python does it.
function rounded(value) {
  const below = Math.floor(value), rest = value - below
  return rest === 0.5 ? below + below % 2 : Math.round(value)
}
