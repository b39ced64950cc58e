// Filters that an operator saves: links above a list, kept in this browser for each operator and page.
import { _ } from './texts.js'

const NAME_CHARACTERS_MAX = 40
const SAVED_MAX = 12
const key = `pitboss-filters:${document.body.dataset.of}:${location.pathname}`

function read() {
  try { return JSON.parse(localStorage.getItem(key)) ?? [] } catch { return [] }
}

function write(saved) {
  try { localStorage.setItem(key, JSON.stringify(saved)) } catch { /* nothing is kept where nothing may be */ }
}

/** What a filter asks for, as an address writes it: only what is set. */
function asked(form) {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== '')).toString()
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

function link({ name, query }, current, redraw) {
  const chip = element('a', { href: `${location.pathname}?${query}`, textContent: name })
  if (query === current) chip.setAttribute('aria-current', 'true')
  const remove = element('button', { type: 'button', textContent: '×', title: _('Remove') })
  remove.setAttribute('aria-label', _('Remove the saved filter %(name)s', { name }))
  remove.addEventListener('click', () => {
    write(read().filter((one) => one.name !== name))
    redraw()
  })
  return element('li', {}, chip, remove)
}

function naming(query, redraw) {
  const field = element('input', { id: 'saved-filter', className: 'form-control', required: true, maxLength: NAME_CHARACTERS_MAX })
  field.setAttribute('aria-describedby', 'saved-filter-hint')
  const label = element('label', { htmlFor: field.id, className: 'form-label', textContent: _('Name of the filter') })
  const hint = element('p', { id: 'saved-filter-hint', className: 'form-hint', textContent: _('It is kept in this browser, for you alone.') })
  const cancel = element('button', { type: 'button', className: 'btn btn-sm', textContent: _('Cancel') })
  cancel.addEventListener('click', () => redraw())
  const keep = element('button', { type: 'submit', className: 'btn btn-sm btn-primary', textContent: _('Save') })
  const form = element('form', {}, label, field, hint, element('div', { className: 'row-of' }, keep, cancel))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const name = field.value.trim()
    if (name) write([...read().filter((one) => one.name !== name), { name, query }].slice(-SAVED_MAX))
    redraw()
  })
  return form
}

function show(form) {
  // Some lists begin with values of their own, such as the days of a report: those are nothing to save.
  const usual = location.search ? '' : asked(form)
  const bar = element('div', { className: 'saved-filters' })
  form.after(bar)

  function draw({ isFocused = true } = {}) {
    const saved = read()
    const current = asked(form)
    const list = element('ul', {}, ...saved.map((one) => link(one, current, draw)))
    list.setAttribute('aria-label', _('Saved filters'))
    const save = element('button', { type: 'button', className: 'btn btn-sm', textContent: _('Save this filter') })
    save.addEventListener('click', () => {
      save.replaceWith(naming(asked(form), draw))
      bar.querySelector('input').focus()
    })
    const isNew = !['', usual].includes(current) && saved.every((one) => one.query !== current)
    bar.replaceChildren(...(saved.length ? [list] : []), ...(isNew ? [save] : []))
    if (isFocused) (bar.querySelector('[aria-current]') ?? bar.querySelector('button') ?? form.querySelector('input, select')).focus()
  }

  draw({ isFocused: false })
  for (const change of ['input', 'change']) form.addEventListener(change, () => draw({ isFocused: false }))
}

for (const form of document.querySelectorAll('form.filters[role=search]')) show(form)
