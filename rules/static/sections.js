// The form view: the parts of a rule, by its kind.
import { html, nothing } from '../../../static/vendor/lit.js'
import { actions } from './actions.js'
import { cases } from './cases.js'
import { fault, isWrong } from './faults.js'
import { distinct } from './pick.js'
import { table } from './table.js'
import { area, box, check, choice, duration, instant, numberBox, tokens } from './widgets.js'
import './code.js'
import { _ } from '../../../static/admin/texts.js'

const PERIODS = [
  { value: 'hour', title: _('each hour') }, { value: 'day', title: _('each day') }, { value: 'week', title: _('each week') },
  { value: 'month', title: _('each month') }, { value: 'lifetime', title: _('in all') },
]
const PICKS = [{ value: 'best', title: _('Only the one that pays most') }, { value: 'first', title: _('Only the first') }, { value: 'sum_capped', title: _('All, up to a cap') }]

export function sections(ed) {
  const kind = ed.doc.kind
  return html`
    ${card('about', _('About'), about(ed))}
    ${kind === 'formula' ? nothing : card('when', _('When'), when(ed))}
    ${WHAT[kind] ? card('what', TITLES[kind], WHAT[kind](ed)) : nothing}
    ${card('bounds', kind === 'reward' ? _('Limits and schedule') : _('Schedule and order'), bounds(ed))}
    ${card('tests', _('Tests'), cases(ed), ed.doc.tests?.length)}`
}

const card = (id, title, body, count) => html`<section class="card" aria-labelledby="part-${id}">
  <div class="card-header"><h2 id="part-${id}">${title}</h2>${count ? html`<span class="badge plain">${count}</span>` : nothing}</div>
  <div class="card-body stack">${body}</div></section>`

/** A labelled field of the document, with what is wrong with it. `draw` gets what the control needs. */
export function field(ed, path, label, draw, hint = '') {
  const at = `/${path.join('/')}`
  const errors = ed.errorsAt(at, at, true)
  const invalid = isWrong(errors)
  const id = `f-${path.join('-')}`
  const described = [errors.length ? `${id}-why` : '', hint ? `${id}-hint` : ''].filter(Boolean).join(' ')
  const control = draw({ id, value: ed.valueOf(path), change: (value) => ed.type(path, value), invalid, described })
  return html`<div class="field" data-at=${at}><label class="form-label" for=${id}>${label}</label>${control}
    ${hint ? html`<p class="form-hint" id="${id}-hint">${hint}</p>` : nothing}
    ${errors.length ? html`<div id="${id}-why">${errors.map(fault)}</div>` : nothing}</div>`
}

/** The same around a control of several parts, which name themselves. */
export function group(ed, path, label, draw, hint = '') {
  const at = `/${path.join('/')}`
  const errors = ed.errorsAt(at, at, true)
  const invalid = isWrong(errors)
  const id = `g-${path.join('-')}`
  const described = errors.length ? `${id}-why` : ''
  return html`<div class="field" data-at=${at} role="group" aria-labelledby=${id}><span class="form-label" id=${id}>${label}</span>
    ${draw({ label, value: ed.valueOf(path), change: (value) => ed.type(path, value), invalid, described })}
    ${hint ? html`<p class="form-hint">${hint}</p>` : nothing}
    ${errors.length ? html`<div id="${id}-why">${errors.map(fault)}</div>` : nothing}</div>`
}

export const formula = (ed, path, label, hint = '') => group(ed, path, label, ({ value, change }) => html`<code-box class="inline" .label=${label}
  .language=${'expression'} .text=${value ?? ''} .words=${ed.words} .placeholder=${_('such as net_loss * 0.10')} .faults=${ed.faultsAt(`/${path.join('/')}`)}
  @edit=${(e) => change(e.detail)}></code-box>`, hint)

/** A part that may be left out: a switch, and its fields once it is on. */
export function part(ed, path, label, start, draw, hint = '') {
  const value = ed.valueOf(path)
  return html`<div class="part" data-at="/${path.join('/')}">${check({ label, value: value !== undefined, hint, change: (isOn) => (isOn ? ed.set(path, start) : ed.drop(path)) })}
    ${value === undefined ? nothing : html`<div class="part-fields">${draw()}</div>`}</div>`
}

const list = (value) => (value?.length ? value : null)

function about(ed) {
  const named = (change) => (name) => {
    change(name)
    // A new rule is called after its name, until somebody gives it a key.
    if (ed.isNew && (!ed.doc.key || ed.doc.key === slug(ed.named ?? ''))) ed.set(['key'], slug(name ?? ''), 'name')
    ed.named = name
  }
  return html`
    <div class="field-row">
      ${field(ed, ['name'], _('Name'), (f) => box({ ...f, change: named(f.change) }), _('What people call it.'))}
      ${ed.isNew
        ? field(ed, ['key'], _('Key'), (f) => box({ ...f, change: (key) => ed.set(['key'], key ?? '', 'key') }), _('Small letters, digits and hyphens; it never changes.'))
        : html`<div class="field"><span class="form-label">${_('Key')}</span><p class="fixed"><code>${ed.doc.key}</code></p></div>`}
    </div>
    ${field(ed, ['description'], _('Description'), (f) => area(f))}
    ${group(ed, ['tags'], _('Tags'), (f) => tokens({ ...f, change: (tags) => f.change(list(tags)), placeholder: _('Add a tag') }))}`
}

const slug = (name) => name.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 64)

function when(ed) {
  const events = distinct((ed.words.events ?? []).map((e) => ({ value: e.name, title: e.title || e.name, plugin: e.plugin, doc: e.doc, kind: _('event') })))
  const trace = ed.isFresh ? ed.answer.trace?.explanation?.condition : null
  const isOwn = ed.doc.table === undefined
  return html`
    ${ed.doc.kind === 'limit' || ed.doc.kind === 'segment' ? nothing : group(ed, ['on'], _('Judged on'), (f) => tokens({ ...f, change: (on) => ed.set(['on'], on), options: events, placeholder: _('Choose an event') }),
      _('The events that it is judged on; the fields of an event are facts too.'))}
    ${ed.conditions.render(ed.tree, isOwn ? trace : null)}`
}

const TITLES = { reward: _('Then'), alert: _('Then tell'), formula: _('Value'), limit: _('Then refuse') }
const WHAT = {
  reward: (ed) => html`${actions(ed)}${part(ed, ['table'], _('A decision table says the amount'), { hit: 'first', rows: [{ when: {}, then: { amount: 0 } }] },
    () => table(ed, 'amount'), _('Rows of tests, and what is paid.'))}`,
  formula: (ed) => html`
    ${ed.doc.table === undefined ? formula(ed, ['formula'], _('Formula')) : nothing}
    ${part(ed, ['table'], _('A decision table says the value'), { hit: 'first', rows: [{ when: {}, then: { value: 0 } }] }, () => table(ed, 'value'))}
    ${ed.doc.table !== undefined && ed.doc.formula !== undefined ? html`<p class="form-hint"><button type="button" class="btn btn-sm" @click=${() => ed.set(['formula'], undefined)}>${_('Remove the formula')}</button></p>` : nothing}
    ${field(ed, ['unit'], _('Unit'), (f) => box(f))}`,
  alert: (ed) => html`
    ${field(ed, ['message'], _('Message'), (f) => area({ ...f, change: (text) => ed.set(['message'], text ?? '', 'message') }), _('Facts stand in {braces}.'))}
    <div class="field-row">${field(ed, ['severity'], _('Severity'), (f) => numberBox({ ...f, value: f.value ?? 5 }), _('From 1 to 10.'))}
      ${group(ed, ['cool_down'], _('At most once in'), (f) => duration(f))}</div>
    ${group(ed, ['channels'], _('Channels'), (f) => tokens({ ...f, change: (channels) => f.change(list(channels)), placeholder: _('Add a channel') }))}
    ${part(ed, ['value'], _('It carries a number'), '0', () => formula(ed, ['value'], _('Number')))}`,
  limit: (ed) => html`
    ${field(ed, ['operation'], _('Operation'), (f) => box({ ...f, change: (text) => ed.set(['operation'], text ?? '', 'operation') }), _('What is refused while the condition holds.'))}
    ${field(ed, ['message'], _('What the player is told'), (f) => area({ ...f, change: (text) => ed.set(['message'], text ?? '', 'message') }), _('Facts stand in {braces}.'))}`,
}

function bounds(ed) {
  const unit = ed.words.currency
  const isReward = ed.doc.kind === 'reward'
  return html`
    ${isReward ? html`
      ${part(ed, ['limits', 'per_player'], _('So often for each player'), { count: 1, period: 'week' }, () => html`<div class="field-row">
        ${field(ed, ['limits', 'per_player', 'count'], _('Times'), (f) => numberBox(f))}
        ${field(ed, ['limits', 'per_player', 'period'], _('Period'), (f) => choice({ ...f, options: PERIODS }))}
        ${group(ed, ['limits', 'per_player', 'cool_down'], _('Apart by'), (f) => duration(f))}</div>`)}
      ${part(ed, ['limits', 'budget'], _('A budget for all players together'), { amount: 1000, period: 'day' }, () => html`<div class="field-row">
        ${field(ed, ['limits', 'budget', 'amount'], _('Amount'), (f) => numberBox({ ...f, unit }))}
        ${field(ed, ['limits', 'budget', 'period'], _('Period'), (f) => choice({ ...f, options: PERIODS }))}</div>`)}
      ${part(ed, ['holdout_percent'], _('Hold some players out'), 10, () => field(ed, ['holdout_percent'], _('Held out'), (f) => numberBox({ ...f, unit: '%' })), _('They get nothing, so that the effect can be measured.'))}
      ${part(ed, ['exclusive'], _('It shares a group'), { group: 'bonus', pick: 'best' }, () => html`<div class="field-row">
        ${field(ed, ['exclusive', 'group'], _('Group'), (f) => box(f))}
        ${field(ed, ['exclusive', 'pick'], _('Of the rules that match'), (f) => choice({ ...f, value: f.value ?? 'best', options: PICKS }))}
        ${ed.doc.exclusive?.pick === 'sum_capped' ? field(ed, ['exclusive', 'max_amount'], _('Cap'), (f) => numberBox({ ...f, unit })) : nothing}</div>`, _('Of the rewards of a group that match, only some pay.'))}` : nothing}
    ${part(ed, ['effective'], _('Only for some time'), { from: new Date().toISOString().slice(0, 10) }, () => html`<div class="field-row">
      ${moment(ed, ['effective', 'from'], _('From'))}${moment(ed, ['effective', 'until'], _('Until'))}</div>`, _('On the clock of this brand; the end is not included.'))}
    <div class="field-row">${field(ed, ['priority'], _('Priority'), (f) => numberBox({ ...f, value: f.value ?? 0 }), _('Higher is looked at first.'))}
      ${isReward ? html`<div class="field stop">${check({ label: _('Stop here'), value: ed.doc.stop, hint: _('Once it matched, rules of lower priority are not looked at.'), change: (isOn) => ed.set(['stop'], isOn || undefined) })}</div>` : nothing}</div>`
}

/** A day on the clock of the brand, or an instant. */
function moment(ed, path, label) {
  const value = ed.valueOf(path)
  const isDay = value === undefined || value === null || /^\d{4}-\d\d-\d\d$/.test(value)
  return isDay
    ? field(ed, path, label, (f) => box({ ...f, kind: 'date' }))
    : group(ed, path, label, (f) => instant(f))
}
