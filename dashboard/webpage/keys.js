// ------------------------------------------------------------------------ what the reader does: keys, clicks

const KEYS = {
  "1 ... 6": "one panel", "7, 8, 9": "curves, weights, digits", "0, escape": "all six",
  w: "the first layer", l: "every layer; click a neuron", g: "gradients",
  m: "the confusion matrix", v: "the digits whose answers change most",
  i: "the life of a digit", "up, down": "the digits beside it",
  "left, right, home, end": "through the run", space: "play and pause",
  c: "centring on or off", backspace: "clear the pad",
  "tab, enter": "to a picture; its first digit, next cell, next neuron", "?": "this list",
}
const PLAYING = 250  // milliseconds for each moment
let playing = null

const ACTS = {
  "?": () => $("keys").open ? $("keys").close() : showKeys(),
  Backspace: () => show({ ...look, ink: new Float32Array(PAPER * PAPER) }),
  c: () => show({ ...look, centring: !look.centring }),
}
const ACTS_OF_A_RUN = {
  " ": playOrPause,
  ArrowLeft: () => travel(look.moment - 1),
  ArrowRight: () => travel(look.moment + 1),
  Home: () => travel(0),
  End: () => travel(run.moments.length - 1),
  ArrowUp: () => show(beside(context(), -1)),
  ArrowDown: () => show(beside(context(), 1)),
  Escape: () => show(seen("0")),
  v: () => show({ ...look, view: "m", changeable: look.view !== "m" || !look.changeable }),
}

// A key, or the button that stands for it; true if it has a meaning.
function press(key) {
  const isView = run && VIEWS.some(view => view.key === key), act = ACTS[key] ?? (run && ACTS_OF_A_RUN[key])
  if (isView) show(seen(key))
  else act?.()
  return Boolean(isView || act)
}

// What the browser itself does with a key: press a button that has the focus, move the slider, scroll.
function isForTheBrowser({ key, target, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || target.closest?.("#table")) return true
  if ($("keys").open && key !== "?") return true
  if (key === "ArrowUp" || key === "ArrowDown") return target.type === "range" || look.view !== "i"
  if (target.type === "range") return /^(Arrow|Home|End)/.test(key)
  return (key === " " || key === "Enter") && Boolean(target.closest?.("button"))
}

function listen() {
  listenToPen()
  document.onkeydown = event => {
    if (isForTheBrowser(event)) return
    const isHeld = event.repeat && !event.key.startsWith("Arrow")
    if (isHeld || press(event.key)) event.preventDefault()
  }
  document.onclick = event => {
    const pressed = event.target.closest("button"), key = pressed?.dataset.key
    if (!pressed) return
    press(pressed.closest("h2") && look.view === key ? "0" : key)  // a title leads back, too
    const isBelow = $("panels").getBoundingClientRect().top > innerHeight / 2  // on a phone
    if (pressed.closest("#views") && key !== "?" && isBelow) $("views").scrollIntoView()
  }
  // a button that was clicked does not keep the focus, else space would press it again
  document.onmousedown = event => { if (event.target.closest("button")) event.preventDefault() }
  $("slider").oninput = () => travel(Number($("slider").value))
  $("keys").onclick = () => $("keys").close()
  const again = oncePerPicture(() => show(look))
  addEventListener("resize", again)
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again)
  listenToPrinter()
}

// On paper the page is a report: light, as wide as a sheet, all panels with the matrix instead of the six.
function listenToPrinter() {
  const print = isPrinted => {
    pause()
    document.documentElement.classList.toggle("on-paper", isPrinted)
    document.body.classList.toggle("paper", isPrinted)
    $("try").classList.toggle("unwritten", !look.ink)
    const [from, to] = isPrinted ? ["0", "on paper"] : ["on paper", "0"]
    show(look.view === from ? { ...look, view: to } : look)
  }
  addEventListener("beforeprint", () => print(true))
  addEventListener("afterprint", () => print(false))
}

function go(k) {
  show({ ...look, moment: limited(k, 0, run.moments.length - 1) })
}

function travel(k) {
  pause()
  go(k)
}

// From the start, if the end is shown.
function playOrPause() {
  if (playing) return travel(look.moment)
  playing = setInterval(() => isLast() ? travel(look.moment) : go(look.moment + 1), PLAYING)
  go(isLast() ? 0 : look.moment)
}

function pause() {
  clearInterval(playing)
  playing = null
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
