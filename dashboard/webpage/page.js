// ------------------------------------------------------------------------------------------------ the page

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
  { key: "g", button: "gradient", panels: [GRADIENTS, STEPS], columns: 2 },
  { key: "m", button: "matrix", panels: [CONFUSION, CELL_DIGITS], columns: 2 },
  { key: "i", button: "life", panels: [DIGIT, LIFE], columns: 2 },
  { key: "on paper", panels: [...ALL, CONFUSION, CELL_DIGITS], columns: 2 },  // what is printed of 0
]
const NARROWEST = 300  // pixels of a panel
const LOWEST = 240, MOST_OF_WINDOW = 0.66  // pixels of a panel; the share of a window that all may take
const QUIET = 1000  // milliseconds without a change, until the answer is read aloud
const $ = id => document.getElementById(id)

let page, run, look, colour, speaking, going

async function start() {
  try {
    page = await unpack($("data").textContent)
  } catch (reason) {
    return cannotOpen(reason)
  }
  run = page.run?.moments.length ? page.run : null  // or it has ended before its first moment
  look = { view: "0", moment: run ? run.moments.length - 1 : 0, ink: null, centring: true }
  const [name, ...told] = page.title.split(": ")
  $("title").textContent = name
  const ofNetworks = "Networks read it while you write. The bars say how sure each is."
  $("subtitle").textContent = run ? told.join(": ") : ofNetworks
  document.body.className = run ? "" : "no-run"
  for (const network of page.networks) network.shape = page.shape
  if (run) prepareRun()
  $("try").hidden = !page.networks.length && !run?.digits
  $("pad-buttons").append(button("clear", "Backspace"), button("centred", "c"))
  listen()
  show(look)
  window.network = pixels => Array.from(probabilities(networkShown(0), Float32Array.from(pixels), page.shape))
  document.documentElement.dataset.ready = "yes"
}

function cannotOpen(reason) {
  console.warn(reason)
  $("opening").textContent = "DecompressionStream" in window
    ? "This file is damaged: its data cannot be read. Have it sent again."
    : "This browser is too old for this page: it needs one of 2023 or later."
}

function prepareRun() {
  Object.assign(run, { shape: page.shape, classes: page.classes })
  $("slider").max = run.moments.length - 1
  $("views").append(...VIEWS.filter(view => view.button).map(view => button(view.button, view.key)))
  $("views").append(button("most changed", "v"), button("keys", "?"))
  if (VIEWS.some(view => view.key === run.view)) look = seen(run.view)
  $("table").hidden = !run.curves.test.shape[0] && !run.curves.train.shape[0]
  $("table").addEventListener("toggle", makeTable, { once: true })
}

function button(words, key) {
  const made = document.createElement("button")
  Object.assign(made, { textContent: words, title: key })
  made.dataset.key = key
  return made
}

// -------------------------------------------------------------------------------------------- what is shown

function show(wanted) {
  look = wanted
  colour = colours()
  showPad()
  if (!run) return
  showHeader()
  showPanels()
}

// A view, as it looks when one comes to it.
function seen(view) {
  const digit = view === "i" ? look.digit ?? wrongFirst(testDigits(context()))[0] : look.digit
  return { ...look, view, digit }
}

function isLast() {
  return !run || look.moment === run.moments.length - 1
}

function networkShown(k) {
  return page.networks[k] && networkAt(page.networks[k], run?.moments[look.moment], isLast())
}

function context(width, height) {
  const moment = run.moments[look.moment], network = networkShown(0)
  return { run, look, moment, input, width, height, colour, network, noNetwork: page.noNetwork }
}

function showHeader() {
  const { moment } = context(), { total, accuracy } = moment.test === null ? {} : score(matrixOf(context()))
  const of = run.iterations ? ` of ${inWords(run.iterations)}` : ""
  $("iteration").textContent = `iteration ${inWords(moment.i)}${of}`
  const epoch = run.epoch ? `epoch ${Math.floor(moment.i / run.epoch) + 1}` : ""
  const rate = moment.factor === 1 ? "" : `rate ×${moment.factor}`
  $("told").textContent = [epoch, rate, isLast() ? run.told : "back in time"].filter(Boolean).join(" · ")
  $("accuracy").textContent = total ? `${(100 * accuracy).toFixed(2)} %` : ""
  $("wrong").textContent = total ? `of the test digits · ${wrongOf(context())}` : ""
  $("slider").value = look.moment
  $("now").textContent = inWords(moment.i)
  const right = total ? `, ${$("accuracy").textContent} right` : ""
  $("slider").setAttribute("aria-valuetext", $("iteration").textContent + right)
  $("play").textContent = playing ? "pause" : "play"
}

function showPanels() {
  const view = VIEWS.find(view => view.key === look.view), space = $("panels").clientWidth
  const columns = Math.max(1, Math.min(view.columns ?? 1, Math.floor(space / NARROWEST)))
  $("panels").style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`
  if ($("panels").dataset.view !== view.key) {
    $("panels").replaceChildren(...view.panels.map(panelElement))
    $("panels").dataset.view = view.key
  }
  for (const made of $("views").children) {
    const { key } = made.dataset, isOn = key === "v" ? view.key === "m" && look.changeable : key === view.key
    if (key !== "?") made.setAttribute("aria-pressed", Boolean(isOn))
  }
  const rows = columns === 1 ? 1 : Math.ceil(view.panels.length / columns)  // of what one sees at a time
  const share = innerHeight * MOST_OF_WINDOW / rows
  const highest = isOnPaper() ? Infinity : Math.max(LOWEST, share)
  view.panels.forEach((panel, k) => showPanel(panel, $("panels").children[k], highest))
  $("explained").textContent = look.view === "l" ? explained(context()) : ""
}

function showPanel(panel, element, highest) {
  const canvas = element.querySelector("canvas"), width = element.clientWidth
  if (!width) return  // some browsers have no width for a moment
  const most = Math.round(Math.min(width * panel.aspect, highest))
  const height = panel.heightFor?.(context(width, most)) ?? most, told = context(width, height)
  const words = panel.draw(sheet(canvas, width, height), width, height, told)
  const title = panel.heading?.(told) ?? panel.title, aside = panel.aside?.(told) ?? ""
  const note = [panel.note?.(told) ?? panel.caption, isOnPaper() ? "" : panel.hint].filter(Boolean).join("; ")
  element.querySelector("h2 > :first-child").textContent = title
  element.querySelector(".aside").textContent = aside
  element.querySelector(".note").textContent = note
  canvas.setAttribute("aria-label", [title, words, aside, note].filter(Boolean).join(": "))
}

function isOnPaper() {
  return document.body.classList.contains("paper")
}

function panelElement(panel) {
  const element = document.createElement("section"), heading = document.createElement("h2")
  const aside = document.createElement("span"), note = document.createElement("p")
  const canvas = document.createElement("canvas")
  element.className = "panel"
  aside.className = "aside"
  note.className = "note"
  canvas.setAttribute("role", panel.enter ? "button" : "img")
  canvas.classList.toggle("clickable", Boolean(panel.press))
  canvas.onclick = event => {
    const box = canvas.getBoundingClientRect(), told = context(box.width, box.height)
    if (panel.press) show(panel.press(event.clientX - box.left, event.clientY - box.top, told))
  }
  if (panel.enter) makeReachable(canvas, panel)
  heading.append(panel.key ? button("", panel.key) : document.createElement("span"), aside)
  element.append(heading, canvas, note)
  return element
}

// Without a mouse: enter goes on to the next of what could be clicked.
function makeReachable(canvas, panel) {
  canvas.tabIndex = 0
  canvas.onkeydown = event => {
    if (event.key !== "Enter") return
    show(panel.enter(context()))
    if (!canvas.isConnected) $("panels").querySelector("[tabindex]").focus()
  }
}

function makeTable() {
  const { train, test } = run.curves
  const columns = [
    { title: "training accuracy", x: column(train, 0), y: smoothed(column(train, 1)), words: perCent },
    { title: "training loss", x: column(train, 0), y: smoothed(column(train, 2)), words: short },
    { title: "test accuracy", x: column(test, 0), y: column(test, 1), words: perCent },
    { title: "test loss", x: column(test, 0), y: column(test, 2), words: short },
  ]
  const titles = ["iteration", ...columns.map(({ title }) => title)]
  const rows = column(test.shape[0] ? test : train, 0).map(i => (
    [inWords(i), ...columns.map(({ x, y, words }) => words(valueAt(x, y, i)))]
  ))
  const table = document.createElement("table")
  for (const cells of [titles, ...rows]) {
    const line = table.insertRow(), tag = cells === titles ? "th" : "td"
    for (const textContent of cells) line.append(Object.assign(document.createElement(tag), { textContent }))
  }
  $("table").lastElementChild.append(table)
}

// Draws once more, as soon as there is time.
function goOn() {
  clearTimeout(going)
  going = setTimeout(() => show(look))
}

// For those who do not see the page; only once nothing changes any more.
function speak(words) {
  clearTimeout(speaking)
  speaking = setTimeout(() => { $("spoken").textContent = words }, QUIET)
}
