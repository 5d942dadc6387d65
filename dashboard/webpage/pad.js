// ------------------------------------------------------------------------------- the pad, and the answers

const MOST_ANSWERS = 16  // classes: of more, the likeliest ten are shown
let input  // what the networks get of the pad
let pen = null  // { id, at }: the finger that writes, and where it is

// Until somebody writes, a test digit is on the paper.
function inkShown() {
  if (look.ink) return look.ink
  const ink = new Float32Array(PAPER * PAPER), [height, width] = page.shape
  const digit = look.view === "i" && look.digit ? look.digit.image : run?.digits && row(run.digits.images, 0)
  if (!digit) return ink
  for (let y = 0, k = 0; y < PAPER; y++) {
    const start = Math.floor(y * height / PAPER) * width
    for (let x = 0; x < PAPER; x++) ink[k++] = digit[start + Math.floor(x * width / PAPER)] / 255
  }
  return ink
}

function showPad() {
  const ink = inkShown(), shade = inkOn(colour.paper, colour.ink), [height, width] = page.shape
  input = networkInput(ink, height, width, look.centring)
  $("pad").getContext("2d").drawImage(picture(ink, PAPER, PAPER, shade), 0, 0)
  const side = $("input").clientWidth
  place(sheet($("input"), side, side), picture(input, width, height, shade), 0, 0, side, side)
  const isTestDigit = !look.ink && run?.digits
  $("pad-note").textContent = isTestDigit ? "a test digit, until you write your own" : "write a digit"
  const how = look.centring ? ", centred" : ""
  $("input-note").textContent = `what the network gets: ${height}x${width} pixels${how}`
  $("pad-buttons").lastElementChild.setAttribute("aria-pressed", look.centring)
  showAnswers()
}

function showAnswers() {
  const isWritten = input.some(value => value > 0)
  const asked = k => Array.from(probabilities(networkShown(k), input, page.shape))
  const answers = page.networks.map((_, k) => isWritten ? asked(k) : Array(page.classes).fill(0))
  const shade = k => colour.networks[k % colour.networks.length]
  $("answer").replaceChildren(...answers.map((shares, k) => bars(page.networks[k].name, shares, shade(k))))
  const told = isWritten ? answers.map((shares, k) => answerInWords(shares, k)).join("; ") : ""
  const [only, ...others] = page.networks  // the answers of several stand beside each other already
  $("answer-note").textContent = others.length ? "" : only ? told : page.noNetwork
  speak(told || page.noNetwork)
}

function answerInWords(shares, k) {
  const { name } = page.networks[k], { i } = networkShown(k), best = indexOfMost(shares)
  const isOther = i !== null && i !== run.moments[look.moment].i
  const which = isOther ? `, the network of iteration ${inWords(i)}` : ""
  return `${name ? `${name}: ` : "It says "}${best}, ${(100 * shares[best]).toFixed(1)} %${which}`
}

function bars(name, shares, shade) {
  const element = document.createElement("div"), order = [...shares.keys()]
  const best = shares.some(Boolean) ? indexOfMost(shares) : null  // of an empty pad there is none
  element.className = "bars"
  if (name) element.append(Object.assign(document.createElement("b"), { textContent: name }))
  const shown = order.length > MOST_ANSWERS ? order.sort((a, b) => shares[b] - shares[a]).slice(0, 10) : order
  for (const k of shown) {
    const [label, bar, number] = ["span", "span", "span"].map(tag => document.createElement(tag))
    label.textContent = k
    bar.className = "bar"
    bar.style.width = `${100 * shares[k]}%`
    bar.style.background = shade
    number.textContent = shares[k] >= 0.005 ? `${(100 * shares[k]).toFixed(1)} %` : ""
    if (k === best) label.className = number.className = "best"
    element.append(label, bar, number)
  }
  return element
}

// ------------------------------------------------------------------------------------------------- the pen

function listenToPen() {
  const pad = $("pad"), showWriting = oncePerPicture(() => look.view === "l" ? show(look) : showPad())
  const write = event => {
    const box = pad.getBoundingClientRect(), ink = look.ink ?? new Float32Array(PAPER * PAPER)
    const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
    stroke(ink, pen.at ?? at, at)
    pen.at = at
    look = { ...look, ink }
    showWriting()
  }
  pad.onpointerdown = event => {
    if (pen) return  // a second finger
    if (event.button) return void press("Backspace")
    pad.setPointerCapture(event.pointerId)
    pen = { id: event.pointerId, at: null }
    write(event)
  }
  pad.onpointermove = event => {
    if (pen?.id !== event.pointerId) return
    const missed = event.getCoalescedEvents?.() ?? []  // between two pictures of the screen
    for (const one of missed.length ? missed : [event]) write(one)
  }
  pad.onpointerup = pad.onpointercancel = pad.onlostpointercapture = event => {
    if (pen?.id === event.pointerId) pen = null
  }
  pad.oncontextmenu = event => event.preventDefault()
}

// It draws before the screen shows its next picture, however often it is called until then.
function oncePerPicture(draw) {
  let asked = 0
  return () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0
      draw()
    })
  }
}
