// Beside the rule: what is wrong, who would match now, why one player does or not, the past, and the tests.
import { html, nothing } from '../../../static/vendor/lit.js'
import './chart.js'
import { isWrong } from './faults.js'
import { writeAmount, writeNumber } from './numbers.js'
import { rounded, said } from './pick.js'
import { button, icon } from './widgets.js'
import { _, markedPlural, ngettext, number } from '../../../static/admin/texts.js'

export function panel(ed) {
  const { answer } = ed
  if (!answer) return html`<section class="card"><p class="card-body muted">${_('Asking…')}</p></section>`
  return html`${remarks(ed, answer)}${answer.is_read ? html`${ed.doc?.kind === 'formula' ? nothing : matching(answer.matching)}${trace(ed, answer.trace)}${replay(ed, answer.replay)}${tests(ed, answer)}` : nothing}`
}

const PROBLEMS = markedPlural('%(count)s problem', '%(count)s problems')
const REMARKS = markedPlural('%(count)s remark', '%(count)s remarks')
const PLAYERS = markedPlural('%(count)s player', '%(count)s players')
const TIMES = markedPlural('%(count)s time', '%(count)s times')
const EVENTS = markedPlural('%(count)s event', '%(count)s events')
const DAYS = markedPlural('%(count)s day', '%(count)s days')

const card = (id, title, body, aside = nothing) => html`<section class="card" aria-labelledby="side-${id}">
  <div class="card-header"><h2 id="side-${id}">${title}</h2>${aside}</div><div class="card-body stack">${body}</div></section>`

const counted = (n, [one, many]) => ngettext(one, many, n, { count: number(n) })

// -- what is wrong or doubtful -----------------------------------------------------------------------------

function remarks(ed, { warnings }) {
  const { errors } = ed
  if (!errors.length && !warnings.length) return nothing
  const title = isWrong(errors) ? counted(errors.length, PROBLEMS) : errors.length ? _('Not complete yet') : counted(warnings.length, REMARKS)
  return card('remarks', title, html`<ul class="remarks">
    ${errors.map((e) => html`<li class=${e.isCalm ? 'info' : 'bad'}>${icon(e.isCalm ? 'eye' : 'alert-triangle')}<div><button type="button" class="plain" @click=${() => ed.goTo(e.pointer)}>${e.cause}</button>
      <span class="muted">${placed(ed, e.pointer)}</span></div></li>`)}
    ${warnings.map((w) => html`<li class=${w.severity === 'info' ? 'info' : 'warn'}>${icon('eye')}<div>${w.sentence}</div></li>`)}</ul>`)
}

/** Where a pointer leads, in words: "when › net loss". */
function placed(ed, pointer) {
  const parts = pointer.slice(2).split('/').filter(Boolean)
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) + 1 : ed.factOf(part)?.title ?? part.replaceAll('_', ' '))).join(' › ')
}

// -- who -----------------------------------------------------------------------------------------------------

function matching(found) {
  if (!found) return nothing
  if (found.missing) return card('who', _('Who would match now'), html`<p class="muted">${found.missing}</p>`)
  const { count, total, looked, sample } = found
  const isPart = looked < total
  const share = total ? (100 * count) / total : 0
  const percent = share > 0 && share < 0.1 ? _('less than %(number)s', { number: writeNumber(0.1) }) : writeNumber(share, { maximumFractionDigits: share < 10 ? 1 : 0 })
  return card('who', _('Who would match now'), html`
    <p class="big" id="match-count">${isPart && total > 1000 ? _('About %(players)s', { players: counted(count, PLAYERS) }) : counted(count, PLAYERS)}</p>
    <meter class="share" min="0" max="100" .value=${share} aria-label=${_('Share of all players')}>${percent} %</meter>
    <p class="muted">${_('%(percent)s %% of %(players)s.', { percent, players: counted(total, PLAYERS) })}${isPart ? ` ${_('Estimated from %(players)s.', { players: counted(looked, PLAYERS) })}` : ''}</p>
    ${sample.length ? html`<p>${_('Such as')} ${sample.map((p, n) => html`${n ? ', ' : ''}<a class="text-decoration-underline" href="/admin/players/${p.id}">${p.name}</a>`)}.</p>` : nothing}`)
}

// -- why -----------------------------------------------------------------------------------------------------

function trace(ed, found) {
  const choose = (text) => { ed.player = text; ed.checkSoon(0) }
  const field = html`<div class="field"><label class="form-label" for="trace-player">${_('Player')}</label>
    <input class="form-control" id="trace-player" placeholder=${_('Email, user name or id')} autocomplete="off" spellcheck="false"
      @input=${(e) => { ed.player = e.target.value; ed.checkSoon(300) }}></div>`
  return card('trace', _('Why, for one player'), html`${field}${found ? explained(ed, found, choose) : html`<p class="muted">${_('Each test of the condition then says what it found.')}</p>`}`)
}

function explained(ed, found, choose) {
  if (!found.player) return html`<p class="muted">${found.missing}</p>`
  const others = found.others.map((p) => html`<button type="button" class="btn btn-sm" @click=${() => choose(p.email)}>${p.name}</button>`)
  const head = html`<p><a href="/admin/players/${found.player.id}">${found.player.name}</a> ${found.explanation
    ? html`<span class="badge ${found.explanation.fires ? 'good' : 'bad'}">${found.explanation.fires ? _('Matches') : _('Does not match')}</span>` : nothing}</p>
    ${others.length ? html`<p class="row-of"><span class="muted">${_('Or')}</span>${others}</p>` : nothing}`
  if (!found.explanation) return html`${head}<p class="muted">${found.missing}</p>`
  const { explanation } = found
  return html`${head}<p>${rounded(explanation.sentence)}</p>
    ${found.event ? html`<p class="muted">${_('The event is the player\'s latest %(event)s.', { event: found.event })}</p>` : nothing}
    <ul class="conditions-why">${leaves(explanation.condition).map(leaf)}</ul>
    ${explanation.amounts.filter((a) => explanation.matched && (a.paid !== null || !a.action)).map((a) => html`<p>${a.action ? html`${_('It pays')} <strong>${writeAmount(Number(a.paid).toFixed(2))}</strong>` : html`${_('The value is')} <strong>${result(a.value)}</strong>`}${a.is_capped ? ` (${_('cut to the most that it may')})` : ''}.</p>`)}
    ${button('flask', _('Keep as a test the facts of this player'), () => keep(ed, found), { text: _('Keep as a test') })}`
}

/** What a formula yields: the server tells its numbers as texts, to be exact. */
const result = (value) => (typeof value === 'string' && value && Number.isFinite(Number(value)) ? writeNumber(Number(value)) : said(value))

const leaves = (condition) => (condition.items.length ? condition.items.flatMap(leaves) : [condition])

function leaf(c) {
  const kind = c.verdict === 'unjudged' ? 'warn' : c.verdict === (c.wanted ? 'held' : 'failed') ? 'good' : 'bad'
  const word = kind === 'good' ? _('as wanted') : kind === 'bad' ? _('not as wanted') : _('unknown')
  const actual = c.readings.map((r) => _('%(fact)s is %(shown)s', { fact: r.fact, shown: r.shown })).join(', ')
  return html`<li class="${kind}${c.reached ? '' : ' aside'}">${icon(kind === 'good' ? 'check' : kind === 'bad' ? 'x' : 'alert-triangle')}<span><span class="visually-hidden">${word}: </span>
    <code>${!c.text || c.text === 'True' ? _('always') : c.text}</code> <span class="muted">${rounded(`${c.reason || actual}${c.missed_by ? `; ${_('missed by %(amount)s', { amount: c.missed_by })}` : ''}`)}</span></span></li>`
}

function keep(ed, found) {
  const tests = Array.isArray(ed.doc.tests) ? ed.doc.tests : []
  ed.set(['tests'], [...tests, { name: _('as %(name)s', { name: found.player.name }), ...found.case }])
  ed.say(_('The facts are kept as a test case.'))
}

// -- the past --------------------------------------------------------------------------------------------------

function replay(ed, found) {
  if (!found) return nothing
  if (found.missing) return card('replay', _('If it had been live'), html`<p class="muted">${found.missing}</p>`)
  const { draft, live, change } = found
  const days = found.days.length
  return card('replay', _('If it had been live'), html`
    <dl class="facts"><dt>${_('Fires')}</dt><dd>${_('%(times)s, for %(players)s', { times: counted(draft.times, TIMES), players: counted(draft.players, PLAYERS) })}</dd>
      <dt>${_('Pays')}</dt><dd>${writeAmount(draft.paid)} ${draft.unit}</dd>
      ${live ? html`<dt>${_('Live version %(number)s', { number: live.version })}</dt><dd>${counted(live.times, TIMES)}, ${writeAmount(live.paid)} ${live.unit}</dd>
        <dt>${_('Changes')}</dt><dd>${_('%(gained)s more events, %(lost)s fewer, %(changed)s with another amount, before its limits', { gained: number(change.gained), lost: number(change.lost), changed: number(change.changed) })}</dd>` : nothing}</dl>
    <replay-chart .replay=${found}></replay-chart>
    <p class="muted">${found.rows ? html`${_('%(events)s of the last %(days)s judged again; its own limits hold, and no other rule is looked at.', { events: counted(found.rows, EVENTS), days: counted(days, DAYS) })}${found.is_cut ? ` ${_('They are the latest of more.')}` : ''}`
      : html`${_('There is nothing yet to judge again: no such event in the last %(days)s days.', { days })}`}</p>`)
}

// -- tests -----------------------------------------------------------------------------------------------------

function tests(ed, { cases }) {
  if (!cases?.length) return nothing
  const failing = cases.filter((c) => !c.passed).length
  const badge = html`<span class="badge ${failing ? 'bad' : 'good'}">${failing ? _('%(failing)s of %(count)s fail', { failing, count: cases.length }) : _('All %(count)s pass', { count: cases.length })}</span>`
  return card('tests', _('How the tests go'), html`<ul class="conditions-why">${cases.map((c, n) => html`<li class=${c.passed ? 'good' : 'bad'}>${icon(c.passed ? 'check' : 'x')}
    <button type="button" class="plain" @click=${() => ed.goTo(`#/tests/${n}`)}><span class="visually-hidden">${c.passed ? _('Passes') : _('Fails')}: </span>${c.name}</button></li>`)}</ul>`, badge)
}
