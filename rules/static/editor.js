// <rule-editor>: one rule as a form, as an expression and as JSON, always the same, with one line of undo.
// The server compiles, types, counts and explains (`check-url`); this only draws, and keeps what is typed.
import { LitElement, html, nothing } from '../../../static/vendor/lit.js'
import { Conditions } from './conditions.js'
import { Drafts } from './drafts.js'
import { isWrong, misread, told } from './faults.js'
import { History, stateOf, stateOfDoc, valueAt, withValue } from './history.js'
import { group, isObject, parse, steps, write } from './model.js'
import { panel } from './panel.js'
import { distinct } from './pick.js'
import { saveWith } from './saving.js'
import { sections } from './sections.js'
import { button, icon } from './widgets.js'
import { _, ngettext } from '../../../static/admin/texts.js'

const CHECK_AFTER_MS = 50
const RETRY_MS = 5000
const TROUBLES = { offline: _('No connection: what you type is kept here'), failing: _('The check failed; it is tried again') }
const VIEWS = [['form', _('Form'), 'list-details'], ['expression', _('Expression'), 'code'], ['json', 'JSON', 'braces']]

class RuleEditor extends LitElement {
  static formAssociated = true
  static properties = {
    name: {}, checkUrl: { attribute: 'check-url' }, draftKey: { attribute: 'draft-key' }, isNew: { type: Boolean, attribute: 'is-new' },
    view: { state: true }, answer: { state: true }, isBusy: { state: true }, trouble: { state: true }, kept: { state: true },
  }

  constructor() {
    super()
    this.internals = this.attachInternals()
    this.view = 'form'
    this.answer = null
    this.trouble = ''
    this.errors = []
    this.player = ''
    this.conditions = new Conditions(this, (root, tag) => this.set(['when'], write(root), tag))
  }

  createRenderRoot() { return this }

  connectedCallback() {
    super.connectedCallback()
    if (this.history) return
    const fallback = this.querySelector('textarea')
    const text = fallback?.value ?? '{}'
    this.replaceChildren()
    this.history = new History(text)
    this.saved = text
    this.drafts = new Drafts(this.draftKey)
    this.kept = this.drafts.other(text)
    this.internals.setFormValue(text)
    document.addEventListener('keydown', this.press, true)
    saveWith(this)
    this.standUnder(document.querySelector('.topbar'))
    addEventListener('online', () => this.check())
    addEventListener('beforeunload', (event) => { if (this.isChanged && !this.isLeaving) event.preventDefault() })
    this.check()
  }

  /** Keep the bar in sight under the top bar, which grows with long crumbs. */
  standUnder(topbar) {
    new ResizeObserver(() => this.style.setProperty('--topbar-height', `${topbar.offsetHeight}px`)).observe(topbar)
  }

  willUpdate() { this.errors = this.problems }
  updated() { this.toggleAttribute('data-answered', Boolean(this.isFresh && !this.isBusy)) }

  get value() { return this.history.now.text }
  get doc() { return this.history.now.doc }
  get isChanged() { return this.value !== this.saved }
  /** An expression is drawn as rows once the server has read it. */
  get isReady() { return this.words && (this.answer || typeof this.doc?.when !== 'string') }
  get isFresh() { return this.answer && this.answeredText === this.value }

  // -- changing --------------------------------------------------------------------------------------

  /** Set the value at a path of the document; undefined takes it away. */
  set(path, value, tag = '') { this.push(stateOfDoc(withValue(this.doc ?? {}, path, value)), tag) }
  /** Take a part away, and what held it if nothing else is in there. */
  drop(path) {
    const parent = path.slice(0, -1)
    const isLast = parent.length && Object.keys(valueAt(this.doc, parent)).length === 1
    this.set(isLast ? parent : path, undefined)
  }

  type(path, value) { this.set(path, value === null ? undefined : value, path.join('.')) }
  write(text, tag = '') { this.push(stateOf(text), tag) }

  push(state, tag) { if (this.history.push(state, tag)) this.changed() }
  undo() { if (this.history.undo()) this.stepped() }
  redo() { if (this.history.redo()) this.stepped() }

  async stepped() {
    this.changed()
    await this.updateComplete
    if (document.activeElement === document.body) this.querySelector('.views [aria-pressed="true"]').focus()
  }

  changed() {
    this.internals.setFormValue(this.value)
    this.drafts.keep(this.isChanged ? this.value : null)
    this.requestUpdate()
    this.checkSoon()
  }

  // -- what the server says ------------------------------------------------------------------------------

  checkSoon(after = CHECK_AFTER_MS) {
    clearTimeout(this.timer)
    this.isBusy = true
    this.timer = setTimeout(() => this.check(), after)
  }

  /** Ask what is wrong and what the rule would do, and first of all for the words; the newest answer wins. */
  async check() {
    clearTimeout(this.timer)
    this.asking?.abort()
    const asking = (this.asking = new AbortController())
    const text = this.value
    this.isBusy = true
    try {
      if (!this.words) this.learn((await this.ask({ text, only_words: true }, asking.signal)).words)
      this.take(await this.ask({ text, player: this.player, words: this.words.mark }, asking.signal), text)
    } catch (error) {
      if (error.name === 'AbortError') return
      this.trouble = error.status ? 'failing' : 'offline'
      this.timer = setTimeout(() => this.check(), RETRY_MS)
    }
    if (asking === this.asking) this.isBusy = false
  }

  async ask(question, signal) {
    const answered = await fetch(this.checkUrl, {
      method: 'POST', signal, headers: { 'Content-Type': 'application/json', Accept: 'application/json' }, body: JSON.stringify(question),
    })
    this.dispatchEvent(new Event('connected'))
    if (!answered.ok) throw Object.assign(new Error(`status ${answered.status}`), { status: answered.status })
    return answered.json()
  }

  take(answer, text) {
    if (answer.words) this.learn(answer.words)
    // While the text cannot be read, the panel shows what it showed.
    this.answer = { matching: null, trace: null, replay: null, ...this.answer, cases: [], ...answer }
    this.answeredText = text
    this.trouble = ''
  }

  learn(words) {
    const picks = distinct(words.facts.map((f) => ({ ...f, value: f.short, also: f.name })))
    this.words = { ...words, picks }
    this.byName = new Map(picks.flatMap((f) => [[f.value, f], [f.also, f]]))
    this.requestUpdate()
  }

  get facts() { return this.words?.picks ?? [] }
  factOf = (name) => this.byName?.get(name)
  isShort(name, op) { return (op === 'min' || op === 'max') && !this.factOf(`${name}_${op}`) }
  segmentsOf(fact) { return fact?.also === 'rules.segments' ? this.words.segments : undefined }

  /** What is wrong; of a new rule nothing is, until somebody wrote something. */
  get problems() {
    if (this.isNew && !this.isChanged) return []
    const { misread } = this
    const others = (this.answer?.errors ?? []).filter((error) => !misread.some((m) => m.pointer === error.pointer))
    return [...misread, ...others.map((error) => told(error, this.doc))]
  }
  /** Numbers that nobody can read where the server takes any text. */
  get misread() { return this.words ? misread(this.doc, this.factOf) : [] }
  errorsAt(at, itemAt, isDeep = false) {
    const is = (pointer) => pointer === `#${at}` || pointer === `#${itemAt}` || (isDeep && pointer.startsWith(`#${at}/`))
    return this.errors.filter((error) => at && is(error.pointer))
  }
  faultsAt(at) { return this.errorsAt(at, at, true) }

  // -- the condition -------------------------------------------------------------------------------------

  /** The condition as a tree: as it is written, or as the server reads an expression. */
  get tree() {
    const when = this.doc?.when ?? {}
    const isText = typeof when === 'string'
    const form = isText && this.isFresh ? this.answer.form : isText ? this.lastForm : null
    this.lastForm = form
    return parse(isObject(form) ? form : when, this.factOf)
  }

  /** The tests of a row of a table, or null where it asks more than tests that all hold. */
  plainTests(when) {
    const { word, items } = parse(when, this.factOf)
    return word === 'all' && items.every((item) => item.kind === 'test') ? items : null
  }

  writeTests(tests) { return write(group('all', tests)) }

  /** The condition as an expression; null where it is not known, or cannot be written as one. */
  get expressionText() {
    const when = this.doc.when ?? {}
    if (typeof when === 'string') return when
    if (isObject(when) && !Object.keys(when).length) return ''
    return this.isFresh ? this.answer.expression ?? null : null
  }

  // -- drawing ---------------------------------------------------------------------------------------------

  render() {
    return html`
      ${this.kept ? this.offer() : nothing}
      <div class="editor-bar">
        <div class="views" role="group" aria-label=${_('View')}>${VIEWS.map(([view, title, name]) => html`<button type="button" class="btn btn-sm"
          aria-pressed=${String(view === this.view)} @click=${() => this.show(view)}>${icon(name)} ${title}</button>`)}</div>
        ${button('arrow-back-up', _('Undo'), () => this.undo(), { disabled: !this.history.canUndo })}
        ${button('arrow-forward-up', _('Redo'), () => this.redo(), { disabled: !this.history.canRedo })}
        <p class="editor-state" role="status">${this.state()}</p>
      </div>
      <div class="columns editor-columns">
        <div class="editor-main">${this.isReady ? this.main() : html`<section class="card"><p class="card-body muted">${_('Loading the words…')}</p></section>`}</div>
        <aside class="editor-side${this.isBusy ? ' busy-now' : ''}" aria-label=${_('What it would do')}>${panel(this)}</aside>
      </div>
      <p class="visually-hidden" role="status" id="editor-said"></p>`
  }

  state() {
    if (this.trouble) return html`<span class="badge ${this.trouble === 'offline' ? 'warn' : 'bad'}">${TROUBLES[this.trouble]}</span>`
    if (!this.answer) return html`<span class="badge">${_('Checking')}</span>`
    if (this.isNew && !this.isChanged) return html`<span class="badge">${_('Empty')}</span>`
    const { errors } = this
    const count = errors.length
    if (count && !isWrong(errors)) return html`<span class="badge warn">${_('Not complete yet')}</span>`
    if (count) return html`<span class="badge bad">${ngettext('%(count)s problem', '%(count)s problems', count, { count })}</span>`
    return html`<span class="badge good">${_('Valid')}</span>${this.isChanged ? html` <span class="muted">${_('Not saved yet')}</span>` : nothing}`
  }

  main() {
    if (this.view === 'json') return this.json()
    if (!this.doc) return this.unreadable()
    return this.view === 'expression' ? this.expression() : sections(this)
  }

  unreadable() {
    return html`<section class="card"><div class="card-body"><div class="note-box bad">${icon('alert-triangle')}<div><strong>${_('The JSON cannot be read.')}</strong>
      ${this.errors[0]?.cause ?? ''} <p>${_('Mend it in the JSON view, or undo.')}</p></div></div>
      <p class="row-of">${button('braces', 'JSON', () => this.show('json'), { text: _('Mend the JSON') })}${button('arrow-back-up', _('Undo'), () => this.undo(), { text: _('Undo') })}</p></div></section>`
  }

  json() {
    return html`<section class="card" aria-labelledby="json-title"><div class="card-header"><h2 id="json-title">${_('The whole rule as JSON')}</h2></div>
      <div class="card-body"><code-box class="tall" .label=${_('The rule as JSON')} .language=${'json'} .text=${this.value} .words=${this.words} .faults=${this.errors}
        @edit=${(e) => this.write(e.detail, 'json')}></code-box>
        <p class="form-hint">${_('Paste a rule here to import it. Undo brings back what was there.')}</p></div></section>`
  }

  expression() {
    const text = this.expressionText
    const faults = text === null ? [] : this.faultsAt('/when')
    this.lastExpression = text ?? this.lastExpression
    return html`<section class="card" aria-labelledby="expression-title"><div class="card-header"><h2 id="expression-title">${_('The condition as an expression')}</h2></div>
      <div class="card-body"><code-box class="middle" .label=${_('The condition as an expression')} .language=${'expression'} .text=${text ?? (this.isFresh ? '' : this.lastExpression ?? '')} .words=${this.words} .isReadOnly=${text === null}
        .placeholder=${_('It holds for everyone. Write, for example: net_loss >= 100 and tier == \'GOLD\'')} .faults=${faults}
        @edit=${(e) => this.set(['when'], e.detail.trim() ? e.detail : {}, 'expression')}></code-box>
        ${text === null && this.isFresh ? html`<div class="note-box warn">${icon('alert-triangle')}<div>${_('This condition cannot be shown as an expression yet: mend it in the form first.')}
          <p class="row-of">${button('list-details', '', () => this.show('form'), { text: _('To the form') })}</p></div></div>` : nothing}
        ${faults.map((f) => html`<p class="form-error">${icon('alert-triangle')} <span>${f.column ? `${_('Column %(number)s', { number: f.column })}: ` : ''}${f.cause}</span></p>`)}
        <p class="form-hint">${_('Facts, numbers, \'texts\', + - * /, comparisons, and, or, not, in, and functions. Ctrl-Space offers all there are.')}</p></div></section>`
  }

  show(view) {
    this.view = view
  }

  // -- the draft of another time ----------------------------------------------------------------------------

  offer() {
    return html`<div class="note-box warn" role="alert">${icon('history')}<div><strong>${_('What you typed %(when)s was never saved.', { when: this.kept.when })}</strong> ${_('It is kept in this browser.')}
      <p class="row-of">${button('arrow-back-up', '', () => this.restore(), { text: _('Bring it back') })}${button('trash', '', () => this.forget(), { text: _('Throw it away') })}</p></div></div>`
  }

  restore() {
    const { text } = this.kept
    this.kept = null
    this.write(text)
  }

  forget() {
    this.kept = null
    this.drafts.keep(null)
  }

  // -- hands ----------------------------------------------------------------------------------------------

  press = (event) => {
    // What was focused may be gone with the last step: then the key is still meant for the rule.
    if (event.target !== document.body && !this.contains(event.target)) return
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey
    const key = event.key.toLowerCase()
    if (isCommand && (key === 'z' || key === 'y')) {
      event.preventDefault()
      event.stopPropagation()
      if (key === 'y' || event.shiftKey) this.redo()
      else this.undo()
    } else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
      // A form is sent by its button: Enter in a field of a rule means that the field is done.
      event.preventDefault()
    }
  }

  say(text) { this.querySelector('#editor-said').textContent = text }

  async focusOn(path, selector) {
    await this.updateComplete
    const row = this.querySelector(`[data-path="${path.join('.')}"]`)
    const inner = selector && row?.querySelector(selector)
    ;(inner || row)?.focus()
  }

  /** Lead to where a problem is, in the view that is shown. */
  async goTo(pointer) {
    if (this.view === 'json') return this.querySelector('code-box')?.go(pointer)
    this.view = 'form'
    await this.updateComplete
    const path = steps(pointer)
    for (let length = path.length; length; length -= 1) {
      const at = `/${path.slice(0, length).map((p) => p.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
      const found = this.querySelector(`[data-at="${CSS.escape(at)}"]`)
      if (found) return (found.querySelector('input, select, textarea') ?? found).focus()
    }
  }

  valueOf(path) { return valueAt(this.doc, path) }
}

customElements.define('rule-editor', RuleEditor)
