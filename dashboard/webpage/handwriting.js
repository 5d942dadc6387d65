// ------------------------------------------------------- a digit written by hand, as MNIST's were

const PAPER = 280  // dots across
const PEN = 11  // dots: half the width of a stroke
const BOX = 20 / 28  // MNIST's digits fill a box of 20x20 pixels in 28x28

// Draws a stroke of a round pen from one place to another, [x, y] in 0..1, into ink [PAPER * PAPER], 0..1.
function stroke(ink, start, end) {
  const [x0, y0, x1, y1] = [...start, ...end].map(place => place * PAPER)
  const dx = x1 - x0, dy = y1 - y0, far = PEN + 1
  const [left, right] = [Math.min(x0, x1) - far, Math.max(x0, x1) + far].map(inside)
  const [top, bottom] = [Math.min(y0, y1) - far, Math.max(y0, y1) + far].map(inside)
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const x = column + 0.5, y = row + 0.5
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
  const pixels = new Float32Array(height * width), box = drawnPart(whole)
  if (!box) return pixels
  const most = BOX * Math.min(height, width), longer = Math.max(box.height, box.width)
  const [h, w] = [box.height, box.width].map(side => Math.max(1, rounded(side * most / longer)))
  const digit = asDark(resized(box, h, w), box.data), rows = Array(h).fill(0), columns = Array(w).fill(0)
  digit.forEach((ink, k) => {
    rows[Math.floor(k / w)] += ink
    columns[k % w] += ink
  })
  const top = margin(rows, height), left = margin(columns, width)
  for (let i = 0; i < h; i++) pixels.set(digit.subarray(i * w, (i + 1) * w), (top + i) * width + left)
  return pixels
}

// Cut out: the rows and columns with ink.
function drawnPart({ height, width, data }) {
  let top = height, bottom = -1, left = width, right = -1
  for (let y = 0, k = 0; y < height; y++) {
    for (let x = 0; x < width; x++, k++) {
      if (data[k] === 0) continue
      top = Math.min(top, y)
      bottom = y
      left = Math.min(left, x)
      right = Math.max(right, x)
    }
  }
  if (bottom < 0) return null
  const h = bottom - top + 1, w = right - left + 1, part = new Float32Array(h * w)
  for (let i = 0; i < h; i++) {
    const start = (top + i) * width + left
    part.set(data.subarray(start, start + w), i * w)
  }
  return { height: h, width: w, data: part }
}

// Each pixel is the mean of what it covers.
function resized({ height, width, data }, h, w) {
  const narrow = new Float32Array(height * w), small = new Float32Array(h * w)
  coverage(width, w).forEach((parts, x) => {
    for (const [k, part] of parts) {
      for (let y = 0; y < height; y++) narrow[y * w + x] += part * data[y * width + k]
    }
  })
  coverage(height, h).forEach((parts, y) => {
    for (const [k, part] of parts) {
      for (let x = 0; x < w; x++) small[y * w + x] += part * narrow[k * w + x]
    }
  })
  return small
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
  const total = mass.reduce((a, b) => a + b), turning = mass.reduce((sum, one, k) => sum + one * k, 0)
  return limited(rounded(size / 2 - turning / total), 0, size - mass.length)
}

// Shrinking makes a thin stroke pale.
function asDark(pixels, ink) {
  const most = largest(pixels), before = largest(ink)
  return most ? pixels.map(value => value * before / most) : pixels
}

// To the next whole number; a half to the even one, as Python does it.
function rounded(value) {
  const below = Math.floor(value), rest = value - below
  return rest === 0.5 ? below + below % 2 : Math.round(value)
}
