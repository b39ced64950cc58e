// What pages need beyond HTML and htmx: the theme button, toasts, copying and select-all.
import { openDialog, remember, restore } from './dialogs.js'
import { _ } from './texts.js'

const root = document.documentElement

function setTheme(theme) {
  root.dataset.bsTheme = theme
  try { localStorage.setItem('pitboss-theme', theme) } catch { /* the choice lasts for this page */ }
  for (const button of document.querySelectorAll('[data-theme-toggle]')) {
    button.setAttribute('aria-pressed', String(theme === 'dark'))
  }
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent.trim()
  await navigator.clipboard.writeText(text)
  button.querySelector('[data-copy-label]').textContent = _('Copied')
}

function checkAll(button) {
  const boxes = [...button.closest('fieldset').querySelectorAll('input[type=checkbox]')]
  const wanted = boxes.some((box) => !box.checked)
  for (const box of boxes) box.checked = wanted
}

document.addEventListener('click', (event) => {
  const at = (selector) => event.target.closest(selector)
  let found
  if (at('[data-theme-toggle]')) setTheme(root.dataset.bsTheme === 'dark' ? 'light' : 'dark')
  else if ((found = at('[data-open]'))) openDialog(document.getElementById(found.dataset.open))
  else if ((found = at('[data-close]'))) found.closest('dialog').close()
  else if ((found = at('[data-dismiss]'))) found.closest('.toast-box').remove()
  else if ((found = at('[data-copy]'))) copy(found)
  else if ((found = at('[data-check-all]'))) checkAll(found)
})

// A dialog closes when its backdrop is clicked, as Escape does.
document.addEventListener('mousedown', (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close()
})

// The same form twice is a mistake: the second press waits for the answer of the first.
document.addEventListener('submit', (event) => {
  const form = event.target
  if (event.defaultPrevented || form.method !== 'post') return
  if (form.dataset.sent) event.preventDefault()
  form.dataset.sent = 'yes'
  remember(form)
})
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
})

function start() {
  setThemeButtons()
  for (const dialog of document.querySelectorAll('dialog[data-open-now]')) openDialog(dialog)
  document.querySelector('[data-focus]')?.focus()
  restore()
}

function setThemeButtons() {
  for (const button of document.querySelectorAll('[data-theme-toggle]')) {
    button.setAttribute('aria-pressed', String(root.dataset.bsTheme === 'dark'))
  }
}

start()
