// What a reward does: each action with a form that is drawn from its schema.
import { html, nothing, repeat } from '../../../static/vendor/lit.js'
import { fault, isWrong } from './faults.js'
import { distinct, said } from './pick.js'
import { field, formula, group } from './sections.js'
import { area, box, button, check, choice, numberBox, tokens } from './widgets.js'
import { _, ngettext } from '../../../static/admin/texts.js'

const OWN = ['action', 'formula', 'amount', 'max_amount']

export function actions(ed) {
  const then = Array.isArray(ed.doc.then) ? ed.doc.then : []
  const known = distinct(ed.words.actions.map((a) => ({ value: a.name, title: a.title || a.name, plugin: a.plugin, doc: a.doc, kind: a.pays ? _('pays %(unit)s', { unit: paid(ed, a) }) : _('pays nothing') })))
  const own = ed.errorsAt('/then', '/then')
  return html`
    <ol class="actions">${then.map((data, n) => html`<li class="action" data-at="/then/${n}">${action(ed, data ?? {}, n, known)}</li>`)}</ol>
    <div data-at="/then">${own.map(fault)}</div>
    ${button('plus', _('Add an action'), () => ed.set(['then'], [...then, { action: '' }]), { text: _('Action') })}`
}

const paid = (ed, term) => (term.pays === 'money' ? ed.words.currency : term.pays)

function action(ed, data, n, known) {
  const at = ['then', n]
  const term = ed.words.actions.find((a) => a.name === data.action)
  const errors = [...ed.errorsAt(`/then/${n}`, ''), ...ed.errorsAt(`/then/${n}/action`, '')]
  const extra = term ? Object.keys(data).filter((key) => !OWN.includes(key) && !term.parameters.some((p) => p.name === key)) : []
  const change = (e) => ed.set([...at], started(ed, e.detail, data))
  return html`<div class="action-head"><pick-box .label=${_('Action %(n)s', { n: n + 1 })} .placeholder=${_('Choose an action')} .value=${data.action ?? ''} .options=${known}
      .invalid=${isWrong(errors)} .described=${errors.length ? `why-then-${n}` : ''} @pick=${change}></pick-box>
      ${button('trash', _('Remove action %(n)s', { n: n + 1 }), () => ed.set(at, undefined))}</div>
    ${term?.doc ? html`<p class="form-hint">${term.doc}</p>` : nothing}
    ${errors.length ? html`<div id="why-then-${n}">${errors.map(fault)}</div>` : nothing}
    ${term?.pays && ed.doc.table === undefined ? amount(ed, data, at, paid(ed, term)) : nothing}
    ${term?.pays && ed.doc.table !== undefined ? html`<p class="form-hint">${_('The table below says how much.')}</p>` : nothing}
    ${term ? parameters(ed, term, data, at) : nothing}
    ${extra.map((key) => group(ed, [...at, key], key, () => button('trash', _('Remove %(key)s', { key }), () => ed.set([...at, key], undefined), { text: _('Remove %(key)s', { key }) })))}`
}

/** Another action keeps of the old one what it also wants to know. */
function started(ed, name, data) {
  const term = ed.words.actions.find((a) => a.name === name)
  const wanted = (key) => (OWN.includes(key) ? term?.pays : term?.parameters.some((p) => p.name === key))
  const kept = Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'action' && wanted(key)))
  const pays = term?.pays && ed.doc.table === undefined && kept.formula === undefined && kept.amount === undefined
  return { action: name, ...(pays ? { amount: 0 } : {}), ...kept }
}

function amount(ed, data, at, unit) {
  const isFormula = data.formula !== undefined
  const swap = (way) => ed.set(at, Object.fromEntries(Object.entries(data).flatMap(([key, value]) => {
    if (key !== 'formula' && key !== 'amount') return [[key, value]]
    return [way === 'formula' ? ['formula', String(value ?? '')] : ['amount', Number(value) || 0]]
  })))
  return html`<div class="amount-of">
    ${choice({ label: _('How much'), value: isFormula ? 'formula' : 'amount', options: [{ value: 'amount', title: _('A fixed amount') }, { value: 'formula', title: _('A formula') }], change: swap })}
    ${isFormula ? formula(ed, [...at, 'formula'], _('Formula')) : field(ed, [...at, 'amount'], _('Amount'), (f) => numberBox({ ...f, unit }))}
    ${field(ed, [...at, 'max_amount'], _('At most'), (f) => numberBox({ ...f, unit, placeholder: _('no cap') }))}</div>`
}

/** What the action needs and what is said of it; what else may be said waits behind a line. */
function parameters(ed, term, data, at) {
  const all = term.parameters.filter((p) => !(p.name === 'amount' && term.pays))
  // Decided when the action is first seen: what one types into does not jump elsewhere.
  const kept = (ed.waiting ??= new Map())
  const seen = `${at.join('/')} ${data.action}`
  if (!kept.has(seen)) kept.set(seen, new Set(all.filter((p) => !p.is_required && data[p.name] === undefined).map((p) => p.name)))
  const shown = (p) => !kept.get(seen).has(p.name)
  const more = all.filter((p) => !shown(p))
  const draw = (list) => html`<div class="field-row">${repeat(list, (p) => p.name, (p) => parameter(ed, p, [...at, p.name]))}</div>`
  return html`${draw(all.filter(shown))}
    ${more.length ? html`<details class="more"><summary>${ngettext('%(count)s more setting', '%(count)s more settings', more.length, { count: more.length })}</summary>${draw(more)}</details>` : nothing}`
}

function parameter(ed, p, path) {
  const label = p.title
  const hint = p.doc || (p.default !== null && !Array.isArray(p.default) ? _('%(default)s unless it is said.', { default: said(p.default) }) : '')
  if (p.type === 'list') {
    const options = p.choices.length ? p.choices.map((value) => ({ value: String(value), title: String(value) })) : undefined
    return group(ed, path, label, (f) => tokens({ ...f, change: (items) => f.change(items.length ? items : null), options }), hint)
  }
  if (p.type === 'boolean') {
    const value = ed.valueOf(path) ?? p.default
    return html`<div class="field" data-at="/${path.join('/')}">${check({ label: p.title, value, hint, change: (isOn) => ed.set(path, isOn) })}</div>`
  }
  if (p.choices.length) return field(ed, path, label, (f) => choice({ ...f, options: p.choices.map((value) => ({ value })), none: p.is_required ? undefined : _('Not said') }), hint)
  if (p.type.includes('number')) return field(ed, path, label, (f) => numberBox(f), hint)
  if (p.type === 'object') return field(ed, path, label, (f) => area({ ...f, change: (text) => f.change(read(text)) }), hint || _('As JSON.'))
  return field(ed, path, label, (f) => box(f), hint)
}

function read(text) {
  try { return JSON.parse(text) } catch { return text }
}
