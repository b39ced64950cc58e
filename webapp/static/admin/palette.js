// The palette: Ctrl-K or Cmd-K anywhere, type, arrows, Enter. The server finds; this only asks and moves.
import { _ } from './texts.js'

const dialog = document.getElementById('palette')
const input = dialog.querySelector('input')
const list = dialog.querySelector('[role=listbox]')
const SETTLE_MS = 120
let waiting
let asked = 0

function open() {
  if (dialog.open) return
  dialog.showModal()
  input.select()
  ask()
}

async function ask() {
  const turn = ++asked
  const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(input.value.trim())}`).catch(() => null)
  // Only the answer to what is typed now counts.
  if (turn !== asked) return
  if (!answer?.ok) {
    list.textContent = _('The search does not answer now. Close this and try again.')
    return
  }
  list.innerHTML = await answer.text()
  choose(options()[0])
}

const options = () => [...list.querySelectorAll('a[role=option]')]
const chosen = () => list.querySelector('[aria-selected=true]')

function choose(option) {
  chosen()?.setAttribute('aria-selected', 'false')
  option?.setAttribute('aria-selected', 'true')
  option?.scrollIntoView({ block: 'nearest' })
  if (option) input.setAttribute('aria-activedescendant', option.id)
  else input.removeAttribute('aria-activedescendant')
}

function move(by) {
  const all = options()
  choose(all[(all.indexOf(chosen()) + by + all.length) % all.length])
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: () => chosen()?.click(),
}

addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    open()
  }
})
document.addEventListener('click', (event) => { if (event.target.closest('[data-palette]')) open() })
input.addEventListener('input', () => {
  clearTimeout(waiting)
  waiting = setTimeout(ask, SETTLE_MS)
})
input.addEventListener('keydown', (event) => {
  const act = KEYS[event.key]
  if (!act) return
  event.preventDefault()
  act()
})
