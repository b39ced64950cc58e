// Dialogs, and what was typed into a form that the server refuses: it stands there again, with the refusal beside it.
const KEY = 'pitboss-sent'
const TYPED = ':is(input:not([type=hidden], [type=submit]), select, textarea):not([disabled], [readonly])'
const UNKEPT = new Set(['hidden', 'password', 'file', 'submit'])

export function openDialog(dialog) {
  if (!dialog || dialog.open) return
  dialog.showModal()
  focusIn(dialog)
}

/** A dialog that asks for nothing begins where nothing happens: on Cancel. */
function focusIn(dialog) {
  const first = dialog.querySelector(`.dialog-body ${TYPED}`) ?? dialog.querySelector('.dialog-foot [data-close]')
  first?.focus()
}

/** Remember what a form sends, until the next page: its secrets and files never. */
export function remember(form) {
  // The password that is asked for in between is no answer to what was sent before it.
  if ('between' in form.dataset) return
  const typed = fieldsOf(form).map((field) => [field.name, valueOf(field)])
  const sent = { dialog: form.closest('dialog')?.id, action: form.getAttribute('action'), version: versionOf(form), typed }
  try { sessionStorage.setItem(KEY, JSON.stringify(sent)) } catch { /* a refusal shows an empty form then */ }
}

/** Put what was refused back where it was typed; what was accepted is forgotten. */
export function restore() {
  if (document.querySelector('form[data-between]')) return
  const sent = taken()
  const toast = document.querySelector('.toast-box:is(.bad, .again)')
  const form = sent?.typed.length && toast && formOf(sent)
  // Somebody else's change would be lost under what was typed over the version before it.
  if (!form || versionOf(form) !== sent.version) return
  fill(form, sent.typed)
  const dialog = form.closest('dialog')
  refuse(dialog?.querySelector('.dialog-body') ?? form, toast)
  if (dialog) openDialog(dialog)
  else form.querySelector(TYPED)?.focus()
}

function taken() {
  try {
    const text = sessionStorage.getItem(KEY)
    sessionStorage.removeItem(KEY)
    return JSON.parse(text)
  } catch { return null }
}

function formOf({ dialog, action }) {
  const within = dialog ? document.getElementById(dialog) : document
  return [...(within?.querySelectorAll('form[method=post]') ?? [])].find((form) => form.getAttribute('action') === action)
}

const fieldsOf = (form) => [...form.querySelectorAll(TYPED)].filter((field) => field.name && !UNKEPT.has(field.type))
const isTick = (field) => ['checkbox', 'radio'].includes(field.type)
const versionOf = (form) => form.querySelector('input[name=version]')?.value

function valueOf(field) {
  if (isTick(field)) return field.checked
  return field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value
}

function fill(form, typed) {
  const left = [...typed]
  for (const field of fieldsOf(form)) {
    const at = left.findIndex(([name]) => name === field.name)
    if (at < 0) continue
    put(field, left.splice(at, 1)[0][1])
    field.dispatchEvent(new Event('change', { bubbles: true }))
  }
}

function put(field, value) {
  if (isTick(field)) field.checked = value
  else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value)
  else field.value = value
}

/** Move a refusal from the top of the page to the top of what it refuses. */
function refuse(place, toast) {
  const alert = document.createElement('div')
  alert.setAttribute('role', 'alert')
  const box = document.createElement('div')
  box.className = `note-box ${toast.classList.contains('bad') ? 'bad' : 'good'}`
  box.append(toast.querySelector('svg'), toast.querySelector('p'))
  alert.append(box)
  place.prepend(alert)
  toast.remove()
  place.closest('dialog')?.addEventListener('close', () => alert.remove(), { once: true })
}
