// One control for each type of value. Each takes the value as the rule's JSON has it, and tells the new one.
import { html, nothing, ref } from '../../../static/vendor/lit.js'
import { numbersIn, readNumber, writeNumber } from './numbers.js'
import { said } from './pick.js'
import { _ } from '../../../static/admin/texts.js'

const ICONS = new URL('../../../static/vendor/icons.svg', import.meta.url).pathname

export const icon = (name) =>
  html`<svg class="icon" aria-hidden="true" focusable="false"><use href="${ICONS}#${name}"></use></svg>`

export const button = (name, label, click, { kind = '', disabled = false, text = '', pressed } = {}) =>
  html`<button type="button" class="${text ? 'btn btn-sm' : 'icon-button'} ${kind}" aria-label=${label || nothing} title=${label || nothing}
    aria-pressed=${pressed === undefined ? nothing : String(pressed)} ?disabled=${disabled} @click=${click}>${icon(name)}${text}</button>`

/** Show a value in a text box without disturbing what is being typed: "1." stays, though it is read as 1. */
const shows = (value, read = (text) => text) => ref((box) => {
  if (box && read(box.value) !== (value ?? null)) box.value = typeof value === 'object' && value ? JSON.stringify(value) : writeNumber(value) ?? ''
})

const words = (text) => (text === '' ? null : text)

/** A text box; `read` makes of the text what the JSON holds. */
export function box({ label, value, change, read = words, unit = '', mode, placeholder = '', invalid, described, kind = 'text', id }) {
  const input = html`<input class="form-control${invalid ? ' is-invalid' : ''}" id=${id ?? nothing} type=${kind} inputmode=${mode ?? nothing}
    autocomplete="off" spellcheck="false" aria-label=${label ?? nothing} placeholder=${placeholder}
    aria-invalid=${invalid ? 'true' : nothing} aria-describedby=${described || nothing}
    ${shows(value, read)} @input=${(e) => change(read(e.target.value))} @blur=${(e) => { e.target.value = writeNumber(read(e.target.value)) ?? '' }}>`
  return unit ? html`<span class="with-unit">${input}<span class="muted">${unit}</span></span>` : input
}

export const numberBox = (options) => box({ ...options, read: readNumber, mode: 'decimal' })

export function area({ label, value, change, rows = 2, invalid, described, id }) {
  return html`<textarea class="form-control${invalid ? ' is-invalid' : ''}" id=${id ?? nothing} rows=${rows} aria-label=${label ?? nothing}
    aria-invalid=${invalid ? 'true' : nothing} aria-describedby=${described || nothing}
    ${shows(value, words)} @input=${(e) => change(words(e.target.value))}></textarea>`
}

/** A list to choose from; a value that is none of it is shown as it is. */
export function choice({ label, value, options, change, invalid, described, id, none }) {
  const isKnown = options.some((option) => option.value === value)
  const empty = value === null || value === undefined || value === ''
  return html`<select class="form-select${invalid ? ' is-invalid' : ''}" id=${id ?? nothing} aria-label=${label ?? nothing}
    aria-invalid=${invalid ? 'true' : nothing} aria-describedby=${described || nothing}
    @change=${(e) => change(e.target.value === '' ? undefined : (options.find((o) => String(o.value) === e.target.value)?.value ?? e.target.value))}>
    ${none !== undefined || empty ? html`<option value="" ?selected=${empty}>${none ?? _('Choose')}</option>` : nothing}
    ${!isKnown && !empty ? html`<option value=${String(value)} selected>${_('%(value)s (unknown)', { value: String(value) })}</option>` : nothing}
    ${options.map((o) => html`<option value=${String(o.value)} .selected=${o.value === value}>${o.title ?? o.value}</option>`)}
  </select>`
}

export function check({ label, value, change, hint = '' }) {
  return html`<div class="form-check form-switch"><label><input class="form-check-input" type="checkbox" .checked=${Boolean(value)}
    @change=${(e) => change(e.target.checked)}><span class="form-check-label">${label}</span></label>${hint ? html`<p class="form-hint">${hint}</p>` : nothing}</div>`
}

/** Several of a fixed list, as boxes to tick; what is none of them stays, and can be taken away. */
function ticks({ label, value, options, change }) {
  const chosen = Array.isArray(value) ? value : []
  const all = [...options, ...chosen.filter((item) => !options.includes(item))]
  const toggle = (item, isOn) => change(all.filter((other) => (other === item ? isOn : chosen.includes(other))))
  return html`<span class="ticks" role="group" aria-label=${label}>${all.map((item) => html`<label class="tick">
    <input type="checkbox" .checked=${chosen.includes(item)} @change=${(e) => toggle(item, e.target.checked)}><span>${item}</span></label>`)}</span>`
}

/** Several texts or numbers: what is typed becomes one with Enter, a text with a comma and a number with a semicolon. */
export function tokens({ label, value, change, isNumeric = false, options, placeholder = _('Add'), invalid, described }) {
  const items = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]
  const add = (text) => {
    const typed = isNumeric ? numbersIn(text).map(readNumber) : text.split(',').map((part) => words(part.trim()))
    const more = typed.filter((item) => item !== null && !items.includes(item))
    if (more.length) change([...items, ...more])
  }
  const ends = (key) => key === 'Enter' || key === (isNumeric ? ';' : ',')
  const take = (input) => { add(input.value); input.value = '' }
  const press = (e) => {
    if (ends(e.key)) { e.preventDefault(); take(e.target) }
    if (e.key === 'Backspace' && !e.target.value && items.length) change(items.slice(0, -1))
  }
  const title = (item) => options?.find((o) => o.value === item || o.also === item)?.title ?? writeNumber(item)
  return html`<span class="tokens" role="group" aria-label=${label} aria-describedby=${described || nothing}>
    ${items.map((item, n) => html`<span class="token">${title(item)}<button type="button" aria-label=${_('Remove %(title)s', { title: title(item) })}
      @click=${() => change(items.toSpliced(n, 1))}>${icon('x')}</button></span>`)}
    ${options
      ? html`<pick-box .label=${_('Add to %(label)s', { label })} .value=${''} .options=${options.filter((o) => !items.includes(o.value))}
          .placeholder=${placeholder} .invalid=${Boolean(invalid)} @pick=${(e) => add(e.detail)}></pick-box>`
      : html`<input class="form-control${invalid ? ' is-invalid' : ''}" type="text" aria-label=${_('Add to %(label)s', { label })} placeholder=${placeholder} autocomplete="off"
          @keydown=${press} @change=${(e) => take(e.target)}>`}</span>`
}

// -- durations and instants ----------------------------------------------------------------------------

const UNITS = [['s', _('seconds')], ['m', _('minutes')], ['h', _('hours')], ['d', _('days')], ['w', _('weeks')]]

/** A count that cannot be read stands behind a question mark, so that nobody takes it for a duration. */
export const UNREAD_COUNT = /^\?(.*)[smhdw]$/
const COUNT = /^\s*([\d.]*) ?([smhdw])\s*$/

export function duration({ label, value, change, invalid, described }) {
  const text = String(value ?? '')
  const unread = text.match(UNREAD_COUNT)?.[1]
  const unit = text.match(unread ? /.$/ : COUNT)?.at(-1)
  const number = parseFloat(text)
  const count = unread ?? (Number.isNaN(number) ? null : number)
  const tell = (n, u) => change(n === null ? null : `${typeof n === 'string' ? '?' : ''}${n}${u}`)
  if (value !== null && value !== undefined && unit === undefined) return box({ label, value, change, invalid, described })
  return html`<span class="joined">
    ${numberBox({ label, value: count, change: (n) => tell(n, unit ?? 'd'), invalid, described })}
    ${choice({ label: _('Unit of %(label)s', { label }), value: unit ?? 'd', options: UNITS.map(([v, title]) => ({ value: v, title })),
      change: (u) => tell(count, u) })}</span>`
}

/** A moment on the clock of UTC, which the JSON writes with a Z. */
export function instant({ label, value, change, invalid, described }) {
  const time = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value * 1000 : NaN
  if (value !== null && value !== undefined && Number.isNaN(time)) return box({ label, value, change, invalid, described })
  const shown = Number.isNaN(time) ? '' : new Date(time).toISOString().slice(0, 16)
  return html`<span class="with-unit"><input class="form-control${invalid ? ' is-invalid' : ''}" type="datetime-local" aria-label=${label}
    aria-invalid=${invalid ? 'true' : nothing} aria-describedby=${described || nothing} .value=${shown}
    @change=${(e) => change(e.target.value ? `${e.target.value}:00Z` : null)}><span class="muted">UTC</span></span>`
}

// -- the value of a fact -------------------------------------------------------------------------------

const OPERATORS = {
  is: _('is'), not: _('is not'), min: _('is at least'), max: _('is at most'), above: _('is more than'), below: _('is less than'),
  between: _('is between'), in: _('is one of'), not_in: _('is none of'), starts_with: _('starts with'), contains: _('contains'),
  known: _('is known'), unknown: _('is not known'),
}
const IN_TIME = { min: _('is not before'), max: _('is not after'), above: _('is after'), below: _('is before') }
const OF_TYPE = {
  number: ['min', 'max', 'above', 'below', 'between', 'is', 'not', 'in', 'not_in'],
  money: ['min', 'max', 'above', 'below', 'between', 'is', 'not', 'in', 'not_in'],
  text: ['is', 'not', 'in', 'not_in', 'starts_with'],
  choice: ['is', 'not', 'in', 'not_in'],
  boolean: ['is'],
  instant: ['min', 'max', 'above', 'below', 'between', 'is', 'not'],
  duration: ['min', 'max', 'above', 'below', 'between', 'is', 'not'],
  list: ['contains'],
}

/** The operators of a type, in the words of people; the first is what a new row begins with. */
export function operators(type) {
  const names = [...(OF_TYPE[type] ?? ['is', 'not', 'in', 'not_in', 'min', 'max']), 'known', 'unknown']
  return names.map((value) => ({ value, title: (type === 'instant' && IN_TIME[value]) || OPERATORS[value] }))
}

/** What the value of a test becomes when its operator changes: as much of it as still means something. */
export function converted(value, op, fact) {
  const list = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]
  if (op === 'known' || op === 'unknown') return null
  if (op === 'in' || op === 'not_in') return list
  if (op === 'between') return [list[0] ?? null, list[1] ?? null]
  if (op === 'contains') return list
  if (fact?.type === 'boolean') return list[0] ?? true
  return list[0] ?? null
}

/** The control for the value of a test, by the type of its fact and its operator. */
export function valueOf({ fact, op, value, change, segments, ...more }) {
  const label = more.label ?? _('Value of %(name)s', { name: fact?.title ?? _('it') })
  const type = fact?.type ?? 'text'
  if (op === 'known' || op === 'unknown') return nothing
  if (op === 'between') {
    const pair = Array.isArray(value) ? value : [value, null]
    const half = (place, said) => single({ fact, type, value: pair[place], label: _('%(what)s of %(name)s', { what: said, name: fact?.title ?? _('it') }), ...more,
      change: (item) => change(place ? [pair[0] ?? null, item] : [item, pair[1] ?? null]) })
    return html`<span class="pair">${half(0, _('Lowest'))}<span class="muted">${_('and')}</span>${half(1, _('Highest'))}</span>`
  }
  if (op === 'contains') {
    const options = segments?.map((key) => ({ value: key, title: key }))
    return tokens({ label, value, change, options, placeholder: options ? _('Segment') : _('Add'), ...more })
  }
  const known = fact?.choices?.length ? fact.choices : fact?.suggested ?? []
  if (op === 'in' || op === 'not_in') {
    if (known.length) return ticks({ label, value, options: known, change })
    return tokens({ label, value, change, isNumeric: type === 'number' || type === 'money', ...more })
  }
  if (known.length && op !== 'starts_with') return choice({ label, value, change, options: known.map((item) => ({ value: item })), ...more })
  return single({ fact, type, value, label, change, ...more })
}

function single({ fact, type, value, label, change, ...more }) {
  const common = { label, value, change, ...more }
  switch (type) {
    case 'money': return numberBox({ ...common, unit: fact.unit, placeholder: sample(fact) })
    case 'number': return numberBox({ ...common, unit: fact.unit, placeholder: sample(fact) })
    case 'boolean': return choice({ ...common, options: [{ value: true, title: _('true') }, { value: false, title: _('false') }] })
    case 'instant': return instant(common)
    case 'duration': return duration(common)
    default: return box({ ...common, placeholder: sample(fact) })
  }
}

const sample = (fact) => (fact?.example === null || fact?.example === undefined ? '' : _('such as %(example)s', { example: said(fact.example) }))
