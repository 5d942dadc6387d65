// ----------------------------------------------------------------------------------------------------------- the page

const ALL = [ACCURACY, LOSS, TRAINING_DIGITS, WEIGHTS, BIASES, TEST_DIGITS]
const VIEWS = [  // in the order of the dashboard's, with its keys
  { key: "1", panels: [ACCURACY] },
  { key: "2", panels: [LOSS] },
  { key: "3", panels: [TRAINING_DIGITS] },
  { key: "4", panels: [WEIGHTS] },
  { key: "5", panels: [BIASES] },
  { key: "6", panels: [TEST_DIGITS] },
  { key: "0", button: "all", panels: ALL, columns: 3 },
  { key: "7", button: "curves", panels: [ACCURACY, LOSS], columns: 2 },
  { key: "8", button: "weights", panels: [WEIGHTS, BIASES], columns: 2 },
  { key: "9", button: "digits", panels: [TRAINING_DIGITS, TEST_DIGITS], columns: 2 },
  { key: "w", button: "layer 1", panels: [FIRST_LAYER] },
  { key: "l", button: "layers", panels: [LAYERS, FAVOURITES], columns: 2 },
  { key: "g", button: "gradient", panels: [GRADIENTS, STEPS] },
  { key: "m", button: "matrix", panels: [CONFUSION, CELL_DIGITS], columns: 2 },
  { key: "i", button: "life", panels: [DIGIT, LIFE], columns: 2 },
]
const KEYS = {
  "1 ... 6": "one panel", "7, 8, 9": "curves, weights, digits", "0": "all six", w: "the first layer",
  l: "every layer; click a neuron", g: "gradients", m: "the confusion matrix; v: digits that change most",
  i: "the life of a digit; up, down: those beside it", "left, right, home, end": "through the run",
  space: "play and pause", "backspace": "clear the pad", c: "centring on or off", "?": "this list",
}
const NARROWEST = 300  // pixels of a panel
const LOWEST = 240, MOST_OF_WINDOW = 0.72  // pixels of a panel that is not narrow; the share that all panels may take
const PLAYING = 250  // milliseconds for each moment
const $ = id => document.getElementById(id)

let page, run, look, input, colour, pen = null, playing = null

async function start() {
  page = await unpack($("data").textContent)
  run = page.run?.moments.length ? page.run : null  // or it has ended before its first moment
  look = { view: "0", moment: run ? run.moments.length - 1 : 0, ink: null, centring: true }
  if (VIEWS.some(view => view.key === run?.view)) look.view = run.view
  const [name, ...told] = page.title.split(": ")
  $("title").textContent = name
  $("subtitle").textContent = told.join(": ")
  document.body.classList.toggle("no-run", !run)
  for (const network of page.networks) network.shape = page.shape
  if (run) {
    Object.assign(run, { shape: page.shape, classes: page.classes })
    $("slider").max = run.moments.length - 1
    for (const view of VIEWS.filter(view => view.button)) $("views").append(button(view.button, view.key))
    makeTable()
  }
  $("try").hidden = !page.networks.length && !run?.digits
  for (const [words, key] of [["clear", "Backspace"], ["centred", "c"]]) $("pad-buttons").append(button(words, key))
  listen()
  show(look)
  window.network = pixels => Array.from(probabilities(networkShown(0), Float32Array.from(pixels), page.shape))
  document.documentElement.dataset.ready = "yes"
}

function button(words, key) {
  const made = document.createElement("button")
  made.textContent = words
  made.title = key
  made.dataset.key = key
  made.onclick = () => press(key)
  return made
}

// ------------------------------------------------------------------------------------------------- what is shown

function show(wanted) {
  look = wanted
  colour = colours()
  input = networkInput(inkShown(), ...page.shape, look.centring)
  if (run) {
    const moment = run.moments[look.moment]
    showHeader(moment)
    showPanels()
  }
  showPad()
}

function isLast() {
  return !run || look.moment === run.moments.length - 1
}

function networkShown(k) {
  return page.networks[k] && networkAt(page.networks[k], run?.moments[look.moment], isLast())
}

function showHeader(moment) {
  const { total, accuracy } = moment.test === null ? {} : score(run.tests[moment.test].matrix)
  const of = run.iterations ? ` of ${inWords(run.iterations)}` : ""
  $("iteration").textContent = `iteration ${inWords(moment.i)}${of}`
  const epoch = run.epoch ? `epoch ${Math.floor(moment.i / run.epoch) + 1}` : ""
  const rate = moment.factor === 1 ? "" : `rate ×${moment.factor}`
  $("told").textContent = [epoch, rate, isLast() ? run.told : "back in time"].filter(Boolean).join(" · ")
  $("accuracy").textContent = total ? `${(100 * accuracy).toFixed(2)} %` : ""
  $("wrong").textContent = total ? `of the test digits · ${wrongOf(run, moment.test)}` : ""
  $("slider").value = look.moment
  $("slider").setAttribute("aria-valuetext", `${$("iteration").textContent}, ${$("accuracy").textContent} right`)
  $("play").textContent = playing ? "pause" : "play"
}

function context(width, height) {
  const moment = run.moments[look.moment], network = networkShown(0)
  return { run, look, moment, input, width, height, colour, network, noNetwork: page.noNetwork }
}

function showPanels() {
  const view = VIEWS.find(view => view.key === look.view), space = $("panels").clientWidth
  const columns = Math.max(1, Math.min(view.columns ?? 1, Math.floor(space / NARROWEST)))
  $("panels").style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`
  if ($("panels").dataset.view !== view.key) {
    $("panels").replaceChildren(...view.panels.map(panelElement))
    $("panels").dataset.view = view.key
  }
  for (const made of $("views").children) made.setAttribute("aria-pressed", made.dataset.key === view.key)
  view.panels.forEach((panel, k) => {
    const element = $("panels").children[k], canvas = element.querySelector("canvas")
    const width = element.clientWidth, rows = Math.ceil(view.panels.length / columns)
    const most = Math.max(LOWEST, window.innerHeight * MOST_OF_WINDOW / rows)
    const height = Math.round(Math.min(width * panel.aspect, most)), told = context(width, height)
    panel.draw(sheet(canvas, width, height), width, height, told)
    if (panel.heading) element.querySelector("h2 button").textContent = panel.heading(told)
    const aside = panel.aside?.(told) ?? "", note = panel.note?.(told) || panel.caption
    element.querySelector(".aside").textContent = aside
    element.querySelector(".note").textContent = note
    canvas.setAttribute("aria-label", [panel.title, aside, note].filter(Boolean).join(": "))
  })
  $("explained").textContent = look.view === "l" ? explained(context()) : ""
}

function panelElement(panel) {
  const element = document.createElement("section"), heading = document.createElement("h2")
  const title = document.createElement("button"), aside = document.createElement("span")
  const canvas = document.createElement("canvas"), note = document.createElement("p")
  element.className = "panel"
  title.textContent = panel.title
  if (panel.key) title.onclick = () => press(look.view === panel.key ? "0" : panel.key), title.title = panel.key
  aside.className = "aside"
  note.className = "note"
  canvas.setAttribute("role", "img")
  canvas.classList.toggle("clickable", Boolean(panel.clickable))
  canvas.onclick = event => {
    const box = canvas.getBoundingClientRect(), told = context(box.width, box.height)
    if (panel.press) show(panel.press(event.clientX - box.left, event.clientY - box.top, told))
  }
  heading.append(title, aside)
  element.append(heading, canvas, note)
  return element
}

function makeTable() {
  const table = document.createElement("table"), { train, test } = run.curves
  const rows = [["iteration", "test accuracy", "test loss"]].concat(
    column(test, 0).map((i, k) => [inWords(i), perCent(column(test, 1)[k]), short(column(test, 2)[k])]))
  rows.forEach((cells, k) => {
    const line = table.insertRow()
    for (const cell of cells) line.append(Object.assign(document.createElement(k ? "td" : "th"), { textContent: cell }))
  })
  $("table").lastElementChild.append(table)
  $("table").hidden = !test.shape[0] && !train.shape[0]
}

// --------------------------------------------------------------------------------------------------- the pad

// Until somebody writes, a test digit is on the paper.
function inkShown() {
  if (look.ink) return look.ink
  const ink = new Float32Array(PAPER * PAPER), [height, width] = page.shape
  const digit = look.view === "i" && look.digit ? look.digit.image : run?.digits && row(run.digits.images, 0)
  if (digit) {
    ink.forEach((_, k) => {
      const y = Math.floor(Math.floor(k / PAPER) * height / PAPER), x = Math.floor((k % PAPER) * width / PAPER)
      ink[k] = digit[y * width + x] / 255
    })
  }
  return ink
}

function showPad() {
  const ink = inkOn(colour.paper, colour.ink), [height, width] = page.shape
  $("pad").getContext("2d").drawImage(picture(inkShown(), PAPER, PAPER, ink), 0, 0)
  const side = $("input").clientWidth
  place(sheet($("input"), side, side), picture(input, width, height, ink), 0, 0, side, side)
  $("pad-note").textContent = look.ink ? "" : run ? "a test digit, until you write your own over it" : "write a digit"
  $("input-note").textContent = `${height}x${width} pixels`
  for (const made of $("pad-buttons").children) if (made.dataset.key === "c") made.setAttribute("aria-pressed", look.centring)
  showAnswer()
}

function showAnswer() {
  const written = input.some(value => value > 0)
  $("answer").replaceChildren()
  const told = page.networks.map((network, k) => {
    const asked = networkShown(k), answers = probabilities(asked, input, page.shape), best = indexOfMost(answers)
    $("answer").append(bars(network.name, answers, best, colour.networks[k % colour.networks.length]))
    const which = asked.i === null || asked.i === run?.moments[look.moment].i ? "" : `, the network of ${inWords(asked.i)}`
    return `${network.name ? `${network.name}: ` : "It says "}${best}, ${(100 * answers[best]).toFixed(1)} %${which}`
  })
  $("answer-note").textContent = page.networks.length ? written ? told.join("; ") : "" : page.noNetwork
}

function bars(name, answers, best, colour) {
  const element = document.createElement("div")
  element.className = "bars"
  if (name) element.append(Object.assign(document.createElement("b"), { textContent: name }))
  answers.forEach((p, k) => {
    const [label, bar, number] = ["span", "span", "span"].map(tag => document.createElement(tag))
    label.textContent = k
    bar.className = "bar"
    bar.style.width = `${100 * p}%`
    bar.style.background = colour
    number.textContent = p >= 0.005 ? `${(100 * p).toFixed(1)} %` : ""
    if (k === best) label.className = number.className = "best"
    element.append(label, bar, number)
  })
  return element
}

// ------------------------------------------------------------------------------------------- what the reader does

function listen() {
  const pad = $("pad"), at = event => {
    const box = pad.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
  }
  const writeTo = event => {
    const ink = look.ink ?? new Float32Array(PAPER * PAPER), end = at(event)
    stroke(ink, pen ?? end, end)
    pen = end
    show({ ...look, ink })
  }
  pad.onpointerdown = event => {
    if (event.button) return press("Backspace")
    pad.setPointerCapture(event.pointerId)
    pen = null
    writeTo(event)
  }
  pad.onpointermove = event => { if (pen) for (const one of event.getCoalescedEvents?.() ?? [event]) writeTo(one) }
  pad.onpointerup = pad.onpointercancel = () => { pen = null }
  pad.oncontextmenu = event => event.preventDefault()
  $("slider").oninput = () => show({ ...look, moment: Number($("slider").value) })
  $("play").onclick = () => press(" ")
  document.onkeydown = event => {
    const types = event.target.type === "range" && event.key.startsWith("Arrow")
    if (!event.ctrlKey && !event.metaKey && !event.altKey && !types && press(event.key)) event.preventDefault()
  }
  $("keys").onclick = () => $("keys").close()
  const again = () => show(look)
  addEventListener("resize", again)
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again)
  addEventListener("beforeprint", again)
  addEventListener("afterprint", again)
}

// A key, or what stands for it; true if it has a meaning.
function press(key) {
  const acts = {
    Backspace: () => show({ ...look, ink: new Float32Array(PAPER * PAPER) }),
    c: () => show({ ...look, centring: !look.centring }),
    "?": () => $("keys").open ? $("keys").close() : showKeys(),
  }
  const travels = run && {
    ArrowLeft: () => go(look.moment - 1), ArrowRight: () => go(look.moment + 1),
    Home: () => go(0), End: () => go(run.moments.length - 1), " ": playOrPause, Escape: () => press("0"),
    v: () => show({ ...look, view: "m", changeable: !look.changeable }),
    ArrowUp: () => sibling(-1), ArrowDown: () => sibling(1),
  }
  if (run && VIEWS.some(view => view.key === key)) show({ ...look, view: key })
  else if (acts[key]) acts[key]()
  else if (travels?.[key]) return travels[key]() !== false
  else return false
  return true
}

function go(k) {
  show({ ...look, moment: limited(k, 0, run.moments.length - 1) })
}

function sibling(by) {
  if (look.view !== "i" || look.digit?.kept === undefined) return false  // the page scrolls
  const digits = testDigits(run, run.moments[look.moment].test)
  show({ ...look, digit: digits[(look.digit.kept + by + digits.length) % digits.length] })
}

// From the start, if the end is shown.
function playOrPause() {
  clearInterval(playing)
  playing = playing ? null : setInterval(() => {
    if (isLast()) playOrPause()
    else go(look.moment + 1)
  }, PLAYING)
  show({ ...look, moment: playing && isLast() ? 0 : look.moment })
}

function showKeys() {
  const list = document.createElement("dl")
  for (const [key, meaning] of Object.entries(KEYS)) {
    list.append(Object.assign(document.createElement("dt"), { textContent: key }))
    list.append(Object.assign(document.createElement("dd"), { textContent: meaning }))
  }
  $("keys").replaceChildren(list)
  $("keys").showModal()
}

start()
