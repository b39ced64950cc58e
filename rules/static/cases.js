// The tests that are kept with a rule: facts, what is expected, and whether it comes out.
import { html, nothing } from '../../../static/vendor/lit.js'
import { fault } from './faults.js'
import { readNumber } from './numbers.js'
import { box, button, choice, numberBox, valueOf } from './widgets.js'
import { _ } from '../../../static/admin/texts.js'

const MATCH = [{ value: true, title: _('it matches') }, { value: false, title: _('it does not match') }]

export function cases(ed) {
  const tests = Array.isArray(ed.doc.tests) ? ed.doc.tests : []
  return html`
    ${tests.length ? nothing : html`<p class="muted">${_('A test says for some facts what should come out. All have to pass before the rule can be submitted.')}</p>`}
    <ol class="cases">${tests.map((one, n) => html`<li class="case" data-at="/tests/${n}">${test(ed, one ?? {}, n)}</li>`)}</ol>
    ${button('plus', _('Add a test case'), () => ed.set(['tests'], [...tests, { facts: {}, expect: { match: true } }]), { text: _('Test case') })}`
}

function test(ed, one, n) {
  const at = ['tests', n]
  const name = one.name || _('test case %(n)s', { n: n + 1 })
  const outcome = ed.isFresh ? ed.answer.cases?.[n] : null
  const errors = ed.errorsAt(`/tests/${n}`, '', true)
  const facts = Object.entries(one.facts ?? {})
  const setFacts = (entries) => ed.set([...at, 'facts'], Object.fromEntries(entries))
  const setFact = (place, key, value, tag) => ed.set([...at, 'facts'], Object.fromEntries(facts.map((entry, m) => (m === place ? [key, value] : entry))), tag && `${tag} ${n} ${place}`)
  return html`
    <div class="case-head">${box({ label: _('Name of test case %(n)s', { n: n + 1 }), value: one.name, placeholder: _('Test case %(n)s', { n: n + 1 }), change: (text) => ed.type([...at, 'name'], text) })}
      ${outcome ? html`<span class="badge ${outcome.passed ? 'good' : 'bad'}">${outcome.passed ? _('Passes') : _('Fails')}</span>` : nothing}
      ${button('trash', _('Remove %(name)s', { name }), () => ed.set(at, undefined))}</div>
    ${facts.map(([key, value], m) => html`<div class="case-fact">${fact(ed, key, value, {
      pick: (chosen) => setFact(m, chosen, null), change: (next) => setFact(m, key, next, 'fact'), remove: () => setFacts(facts.toSpliced(m, 1)),
    })}</div>`)}
    <div class="case-expect">
      ${button('plus', _('Add a fact to %(name)s', { name }), () => setFacts([...facts, ['', null]]), { text: _('Fact') })}
      <span class="muted">${_('then')}</span>
      ${choice({ label: _('What %(name)s expects', { name }), value: one.expect?.match, options: MATCH, none: _('it may do either'), change: (match) => ed.set([...at, 'expect', 'match'], match) })}
      ${expected(ed, one, at, name)}
    </div>
    ${errors.map(fault)}
    ${outcome && !outcome.passed ? html`<p class="form-error"><span>${outcome.sentence}</span></p>` : nothing}
    ${outcome?.taken_as_fulfilled?.length ? html`<p class="form-hint">${_('Taken as fulfilled: %(names)s.', { names: outcome.taken_as_fulfilled.join(', ') })}</p>` : nothing}`
}

function fact(ed, key, value, { pick, change, remove }) {
  const known = ed.factOf(key)
  const control = known?.type === 'list' ? valueOf({ fact: known, op: 'contains', value, change, segments: ed.segmentsOf(known) }) : valueOf({ fact: known, op: 'is', value, change })
  return html`<pick-box .label=${_('Fact')} .placeholder=${_('Choose a fact')} .value=${key} .options=${ed.facts} @pick=${(e) => pick(e.detail)}></pick-box>
    ${key ? control : nothing}${button('x', _('Remove %(name)s', { name: known?.title ?? _('the fact') }), remove)}`
}

function expected(ed, one, at, name) {
  if (ed.doc.kind === 'reward') {
    return html`<span class="muted">${_('and pays')}</span>${numberBox({ label: _('Amount that %(name)s expects', { name }), value: one.expect?.amount, placeholder: _('any'), unit: ed.words.currency,
      change: (amount) => ed.type([...at, 'expect', 'amount'], amount) })}`
  }
  if (ed.doc.kind !== 'formula') return nothing
  return html`<span class="muted">${_('with the value')}</span>${box({ label: _('Value that %(name)s expects', { name }), value: one.expect?.value, placeholder: _('any'), read: plain,
    change: (value) => ed.type([...at, 'expect', 'value'], value) })}`
}

const plain = (text) => (text === '' ? null : text === 'true' ? true : text === 'false' ? false : readNumber(text))
