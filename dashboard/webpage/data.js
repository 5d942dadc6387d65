// ------------------------------------------------------------------------------------------------- the run

const TYPES = {
  uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array,
  uint32: Uint32Array, int32: Int32Array, float32: Float32Array,
}

// What the page holds: a gzipped JSON text, and arrays behind it. An array is {shape, data}.
async function unpack(base64) {
  const letters = atob(base64), bytes = new Uint8Array(letters.length)
  for (let k = 0; k < bytes.length; k++) bytes[k] = letters.charCodeAt(k)
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  const buffer = await new Response(stream).arrayBuffer()
  const length = new DataView(buffer).getUint32(0, true)
  const plain = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
  const arrays = plain.arrays.map(({ type, shape, start }) => (
    { shape, data: new TYPES[type](buffer, 4 + length + start, product(shape)) }
  ))
  return linked(plain, arrays)
}

// The same with arrays in the place of {"array": number}.
function linked(value, arrays) {
  if (Array.isArray(value)) return value.map(one => linked(one, arrays))
  if (value === null || typeof value !== "object") return value
  if ("array" in value) return arrays[value.array]
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, linked(one, arrays)]))
}

// Weights as they were, from whole numbers and by what each column is multiplied.
function weightsOf({ shape, values, scale }) {
  const columns = scale.data.length, data = new Float32Array(values.data)
  for (let k = 0; k < data.length; k++) data[k] *= scale.data[k % columns]
  return { shape, data }
}

// Row k of an array.
function row({ shape, data }, k) {
  const size = product(shape.slice(1))
  return data.subarray(k * size, (k + 1) * size)
}

// Column k of a curve, whose column 0 has the iterations.
function column(curve, k) {
  const width = curve.shape[1]
  return Array.from({ length: curve.shape[0] }, (_, row) => curve.data[row * width + k])
}

// Bytes as 0, paper, to 1, ink.
function brightness(bytes) {
  return Float32Array.from(bytes, byte => byte / 255)
}

// Of numbers that are not negative.
function largest(numbers) {
  return numbers.reduce((a, b) => Math.max(a, b), 0)
}

function indexOfMost(values) {
  return values.reduce((best, value, k) => value > values[best] ? k : best, 0)
}

function inWords(number, digits = 0) {
  return number.toLocaleString("en", { maximumFractionDigits: digits })
}
