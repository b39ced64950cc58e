// A decision table as a grid: a column for each fact that is tested and each value that comes out.
import { html, nothing, ref } from '../../../static/vendor/lit.js'
import { cellText, readCell } from './cells.js'
import { fault, isWrong } from './faults.js'
import { readNumber, writeNumber } from './numbers.js'
import { said } from './pick.js'
import { button, choice, icon } from './widgets.js'
import { LOCALE, _ } from '../../../static/admin/texts.js'

const CELL_SIZE_MIN = 9
const CELL_SIZE_MAX = 32
const HITS = [
  { value: 'first', title: _('The first row that matches') }, { value: 'unique', title: _('The only row that matches') },
  { value: 'priority', title: _('The row of the highest priority') }, { value: 'collect', title: _('All rows that match, together') },
]
const COLLECT = [
  { value: 'sum', title: _('Sum') }, { value: 'min', title: _('Lowest') }, { value: 'max', title: _('Highest') }, { value: 'count', title: _('Count') },
]
const OUTPUTS = { amount: _('amount'), value: _('value') }
const titled = (output) => OUTPUTS[output] ?? output

export function table(ed, output) {
  const data = ed.doc.table ?? {}
  const rows = Array.isArray(data.rows) ? data.rows : []
  const facts = columnsOf(ed, rows)
  const outputs = [...new Set(rows.flatMap((row) => Object.keys(row?.then ?? {})))]
  if (!outputs.length) outputs.push(output)
  const seen = ed.isFresh ? ed.answer.table : null
  const set = (more) => ed.set(['table'], { ...data, ...more })
  const hit = (value) => {
    const { collect, ...rest } = data
    ed.set(['table'], { ...rest, hit: value, ...(value === 'collect' ? { collect: collect ?? 'sum' } : {}) })
  }
  return html`
    <div class="field-row" data-at="/table">
      <div class="field"><label class="form-label" for="table-hit">${_('Which row decides')}</label>${choice({ id: 'table-hit', value: data.hit ?? 'first', options: HITS, change: hit })}</div>
      ${data.hit === 'collect' ? html`<div class="field"><label class="form-label" for="table-collect">${_('As their')}</label>${choice({ id: 'table-collect', value: data.collect, options: COLLECT, change: (collect) => set({ collect }) })}</div>` : nothing}
    </div>
    <div class="table-scroll"><table class="table decision" aria-label=${_('Decision table')}>
      <thead><tr><th scope="col">#</th>
        ${facts.map((name) => html`<th scope="col"><span>${ed.factOf(name)?.title ?? name}</span>${button('x', _('Remove the column %(name)s', { name: ed.factOf(name)?.title ?? name }), () => set({ rows: rows.map((row) => without(ed, row, name)) }))}</th>`)}
        <th scope="col" class="new-column"><pick-box .label=${_('Add a column')} .placeholder=${_('Add a fact')} .value=${''} .options=${ed.facts.filter((f) => !facts.includes(f.value))} @pick=${(e) => addColumn(ed, e.detail)}></pick-box></th>
        ${outputs.map((name) => html`<th scope="col" class="out">${titled(name)}</th>`)}
        ${data.hit === 'priority' ? html`<th scope="col">${_('Priority')}</th>` : nothing}
        <th scope="col"><span class="visually-hidden">${_('Actions')}</span></th></tr></thead>
      <tbody>${rows.map((row, n) => gridRow(ed, row ?? {}, n, { rows, facts, outputs, seen, hit: data.hit }))}
        <tr><th scope="row" class="else">${_('else')}</th><td colspan=${facts.length + 1} class="muted">${_('when no row matches')}</td>
          ${outputs.map((name) => html`<td class="out" data-at="/table/default/${name}">${outputCell(_('Otherwise: %(name)s', { name: titled(name) }), data.default?.[name], (value) => set({ default: value === undefined ? undefined : { ...data.default, [name]: value } }), ed.errorsAt(`/table/default/${name}`, '', true))}</td>`)}
          ${data.hit === 'priority' ? html`<td></td>` : nothing}<td></td></tr></tbody></table></div>
    <p class="row-of">${button('plus', _('Add a row'), () => set({ rows: [...rows, { when: {}, then: Object.fromEntries(outputs.map((name) => [name, 0])) }] }), { text: _('Row') })}
      <span class="form-hint">${_('Cells say: 100, ≥ 100 (or >= 100), 100..500, 100; 200, GOLD, SILVER, not GOLD. An empty cell is anything.')}</span></p>
    ${[...ed.errorsAt('/table', '/table/rows'), ...ed.errorsAt('/table/default', '')].map(fault)}
    ${seen ? holes(seen, data.default) : nothing}`
}

/** The facts that rows test, in the order in which they come; what is no plain test has no column. */
function columnsOf(ed, rows) {
  const found = rows.flatMap((row) => (plainTests(ed, row) ?? []).map((test) => test.fact))
  return [...new Set([...found, ...(ed.newColumns ?? [])])]
}

const plainTests = (ed, row) => ed.plainTests(row?.when ?? {})

function addColumn(ed, name) {
  ed.newColumns = [...(ed.newColumns ?? []), name]
  ed.requestUpdate()
}

function without(ed, row, name) {
  ed.newColumns = (ed.newColumns ?? []).filter((other) => other !== name)
  const tests = plainTests(ed, row)
  return tests ? { ...row, when: ed.writeTests(tests.filter((test) => test.fact !== name)) } : row
}

function gridRow(ed, row, n, { rows, facts, outputs, seen, hit }) {
  const tests = plainTests(ed, row)
  const overlapping = seen?.overlaps.filter((o) => o.first === n || o.second === n) ?? []
  const setRow = (more, tag) => ed.set(['table', 'rows', n], { ...row, ...more }, tag && `${tag} ${n}`)
  const move = (by) => {
    const list = rows.toSpliced(n, 1)
    list.splice(n + by, 0, row)
    ed.set(['table', 'rows'], list)
  }
  const setCell = (name, cell) => setRow({ when: ed.writeTests(changedTests(tests, name, cell)) }, `cell ${name}`)
  const errors = ed.errorsAt(`/table/rows/${n}/when`, `/table/rows/${n}`)
  return html`<tr class=${overlapping.length ? 'overlaps' : ''} data-at="/table/rows/${n}"><th scope="row">${n + 1}${overlapping.length ? html` <span class="warn" title=${_('It overlaps with another row')}>${icon('alert-triangle')}<span class="visually-hidden">${_('overlaps')}</span></span>` : nothing}</th>
    ${tests ? facts.map((name) => testCell(ed, tests.find((test) => test.fact === name), name, n, (cell) => setCell(name, cell)))
      : html`<td colspan=${Math.max(1, facts.length)}><code-box class="inline" .label=${_('Condition of row %(n)s', { n: n + 1 })} .language=${'expression'} .words=${ed.words} .text=${typeof row.when === 'string' ? row.when : row.when?.expression ?? JSON.stringify(row.when)}
          @edit=${(e) => setRow({ when: e.detail }, 'when')}></code-box></td>`}
    <td>${!tests && !facts.length ? nothing : errors.map(fault)}</td>
    ${outputs.map((name) => html`<td class="out" data-at="/table/rows/${n}/then/${name}">${outputCell(_('Row %(n)s: %(name)s', { n: n + 1, name: titled(name) }), row.then?.[name], (value) => setRow({ then: { ...row.then, [name]: value ?? null } }, `out ${name}`), ed.errorsAt(`/table/rows/${n}/then/${name}`, '', true))}</td>`)}
    ${hit === 'priority' ? html`<td>${outputCell(_('Row %(n)s: priority', { n: n + 1 }), row.priority ?? 0, (value) => setRow({ priority: value }, 'priority'), ed.errorsAt(`/table/rows/${n}/priority`, ''))}</td>` : nothing}
    <td class="actions"><span class="row-tools">${button('arrow-up', _('Move row %(n)s up', { n: n + 1 }), () => move(-1), { disabled: n === 0 })}${button('arrow-down', _('Move row %(n)s down', { n: n + 1 }), () => move(1), { disabled: n === rows.length - 1 })}${button('trash', _('Remove row %(n)s', { n: n + 1 }), () => ed.set(['table', 'rows', n], undefined))}</span></td></tr>`
}

function changedTests(tests, name, cell) {
  const place = tests.findIndex((test) => test.fact === name)
  if (!cell) return tests.filter((_, n) => n !== place)
  const one = { kind: 'test', fact: name, ...cell }
  return place < 0 ? [...tests, one] : tests.with(place, one)
}

function testCell(ed, test, name, n, change) {
  const fact = ed.factOf(name)
  const errors = test ? ed.errorsAt(test.at && `/table/rows/${n}/when${test.at.slice('/when'.length)}`, '', true) : []
  return html`<td data-at="/table/rows/${n}/when/${name}">${cellBox(_('Row %(n)s: %(name)s', { n: n + 1, name: fact?.title ?? name }), test ? cellText(test) : '', (text) => change(readCell(text, fact)), errors, _('any'))}</td>`
}

function outputCell(label, value, change, errors) {
  const shown = value === undefined || value === null ? '' : typeof value === 'object' ? `= ${value.formula ?? said(value)}` : String(writeNumber(value))
  return cellBox(label, shown, (text) => change(readOutput(text)), errors)
}

/** A cell takes effect while one types, and keeps the text that was typed until one leaves it. */
function cellBox(label, shown, change, errors, hint = '') {
  const keep = ref((input) => { if (input && document.activeElement !== input) input.value = shown })
  const invalid = isWrong(errors)
  return html`<input class="cell${invalid ? ' is-invalid' : ''}" size=${Math.min(Math.max(shown.length, CELL_SIZE_MIN), CELL_SIZE_MAX)} aria-label=${label}
    placeholder=${hint} autocomplete="off" spellcheck="false" aria-invalid=${invalid ? 'true' : nothing} title=${errors.map((e) => e.cause).join('\n') || nothing} ${keep}
    @input=${(e) => change(e.target.value)} @blur=${(e) => { e.target.value = shown }} @keydown=${down}>${errors.map(fault)}`
}

/** Enter goes down a column, as in a spreadsheet. */
function down(event) {
  if (event.key !== 'Enter') return
  const cell = event.target.closest('td')
  const place = [...cell.parentElement.children].indexOf(cell)
  cell.parentElement.nextElementSibling?.children[place]?.querySelector('input')?.focus()
}

function readOutput(text) {
  const plain = text.trim()
  if (plain === '') return undefined
  if (plain.startsWith('=')) return { formula: plain.slice(1).trim() }
  if (plain === 'true' || plain === 'false') return plain === 'true'
  return readNumber(plain)
}

function holes(seen, otherwise) {
  const readings = (facts) => Object.entries(facts).map(([name, value]) => _('%(fact)s is %(value)s', { fact: name.split('.').at(-1), value: said(value) }))
  const example = (facts) => new Intl.ListFormat(LOCALE).format(readings(facts)) || _('nothing is known')
  return html`
    ${(otherwise ? [] : seen.gaps).map((facts) => html`<p class="note-box ${seen.needs_value ? 'bad' : 'warn'}">${icon('alert-triangle')}<span><strong>${_('A gap.')}</strong> ${_('No row matches when %(example)s. Add a row, or say what comes out otherwise.', { example: example(facts) })}</span></p>`)}
    ${seen.overlaps.map((o) => html`<p class="note-box warn">${icon('alert-triangle')}<span><strong>${_('Rows %(first)s and %(second)s overlap', { first: o.first + 1, second: o.second + 1 })}</strong>${o.example ? ` ${_('when %(example)s', { example: example(o.example) })}` : ` ${_('as far as can be proved')}`}.</span></p>`)}`
}
