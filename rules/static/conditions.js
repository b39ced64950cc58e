// The condition as rows and groups: drag a handle, or move with Alt and the arrow keys.
import { html, nothing } from '../../../static/vendor/lit.js'
import { fault, isWrong } from './faults.js'
import { expression, group, inserted, isWithin, moved, neighbour, nodeAt, removed, replaced, test, traceOf } from './model.js'
import { rounded } from './pick.js'
import { button, choice, converted, icon, operators, valueOf } from './widgets.js'
import './code.js'
import { _ } from '../../../static/admin/texts.js'

const GROUP_WORDS = [
  { value: 'all', title: _('All of these hold') },
  { value: 'any', title: _('At least one of these holds') },
  { value: 'none', title: _('None of these holds') },
]

/** What draws one condition: `host` knows the words, what is wrong, and takes the new tree. */
export class Conditions {
  constructor(host, change) {
    this.host = host
    this.change = change
    this.dragged = null
  }

  render(root, condition) {
    this.root = root
    this.traces = condition ? traceOf(root, condition) : new Map()
    return html`<div class="conditions" @dragover=${this.over} @drop=${this.drop} @dragend=${this.end}>${this.group(root, [])}</div>`
  }

  group(node, path) {
    const errors = this.host.errorsAt(node.at, node.itemAt)
    const name = path.length ? _('Group %(place)s', { place: said(path) }) : _('Condition')
    return html`<fieldset class="cond-group ${node.word}${this.mark(path)}" data-path=${path.join('.')} data-at=${node.at} tabindex="-1">
      <legend class="visually-hidden">${name}</legend>
      <div class="cond-head" @keydown=${(e) => this.press(e, path)}>
        ${path.length ? this.handle(path, name) : nothing}
        ${choice({ label: _('How %(name)s holds', { name: name.toLowerCase() }), value: node.word, options: GROUP_WORDS,
          change: (word) => this.tell(replaced(this.root, path, (n) => ({ ...n, word })), '') })}
        ${this.badge(path, true)}
        ${path.length ? this.tools(path, name) : nothing}
      </div>
      ${errors.map(fault)}
      <div class="cond-items">${node.items.map((item, n) => this.node(item, [...path, n]))}</div>
      ${node.items.length ? nothing : html`<p class="cond-none" data-into=${path.join('.')}>${path.length ? _('Nothing here yet: add a test, or remove the group.') : _('No test yet: it holds for everyone.')}</p>`}
      <div class="cond-foot">
        ${button('plus', _('Add a test to %(name)s', { name: name.toLowerCase() }), () => this.add(path, test('', 'is', null)), { text: _('Test') })}
        ${button('folder-plus', _('Add a group to %(name)s', { name: name.toLowerCase() }), () => this.add(path, group(node.word === 'any' ? 'all' : 'any', [test('', 'is', null)])), { text: _('Group') })}
        ${button('code', _('Add an expression to %(name)s', { name: name.toLowerCase() }), () => this.add(path, expression('')), { text: _('Expression') })}
      </div>
    </fieldset>`
  }

  node(node, path) {
    return node.kind === 'group' ? this.group(node, path) : this.row(node, path)
  }

  row(node, path) {
    const errors = this.host.errorsAt(node.at, node.itemAt, true)
    const id = `why-${path.join('-')}`
    const name = _('test %(place)s', { place: said(path) })
    const isBad = isWrong(errors)
    return html`<div class="cond-row${isBad ? ' wrong' : ''}${this.mark(path)}" role="group" aria-label=${name} data-path=${path.join('.')} data-at=${node.at}
        tabindex="-1" @keydown=${(e) => this.press(e, path)}>
      ${this.handle(path, name)}
      <div class="cond-parts">${node.kind === 'test' ? this.test(node, path, errors.length ? id : '', isBad) : this.expression(node, path)}</div>
      ${this.badge(path)}
      ${this.tools(path, name)}
      ${errors.length ? html`<div class="cond-why" id=${id}>${errors.map(fault)}</div>` : nothing}
    </div>`
  }

  test(node, path, described, invalid) {
    const { host } = this
    const fact = host.factOf(node.fact)
    const set = (values, tag = '') => this.tell(replaced(this.root, path, (n) => ({ ...n, ...values })), tag && `${tag} ${path}`)
    const options = operators(fact?.type)
    if (!options.some((o) => o.value === node.op)) options.push({ value: node.op, title: node.op.replace('_', ' ') })
    return html`
      <pick-box .label=${_('Fact')} .placeholder=${_('Choose a fact')} .value=${node.fact} .options=${host.facts} .invalid=${invalid} .described=${described}
        @pick=${(e) => set(this.begun(node, e.detail))}></pick-box>
      ${node.fact ? choice({ label: _('Test'), value: node.op, options, change: (op) => set({ op, value: converted(node.value, op, fact), isShort: host.isShort(node.fact, op) }) }) : nothing}
      ${node.fact ? valueOf({ fact, op: node.op, value: node.value, segments: host.segmentsOf(fact), invalid, described, change: (value) => set({ value }, 'value') }) : nothing}`
  }

  /** A fact that was chosen keeps test and value where they fit its type. */
  begun(node, name) {
    const fact = this.host.factOf(name)
    const options = operators(fact?.type).map((o) => o.value)
    const op = node.fact && options.includes(node.op) ? node.op : options[0]
    const isAlike = fact?.type === this.host.factOf(node.fact)?.type && !fact?.choices?.length
    const value = converted(isAlike ? node.value : null, op, fact)
    return { fact: name, op, value, isShort: this.host.isShort(name, op) }
  }

  expression(node, path) {
    return html`<code-box class="inline" .label=${_('Expression')} .language=${'expression'} .text=${node.text ?? ''} .words=${this.host.words}
      .placeholder=${_('such as net_loss > 2 * stake')} .faults=${this.host.faultsAt(node.at)}
      @edit=${(e) => this.tell(replaced(this.root, path, (n) => ({ ...n, text: e.detail })), `expression ${path}`)}></code-box>`
  }

  handle(path, name) {
    return html`<button type="button" class="cond-handle" draggable="true" aria-label=${_('Move %(name)s: Alt and the arrow keys', { name })} title=${_('Drag, or Alt + arrow keys')}
      @dragstart=${(e) => this.start(e, path)}>${icon('grip-vertical')}</button>`
  }

  tools(path, name) {
    return html`<span class="cond-tools">
      ${button('copy', _('Copy %(name)s', { name }), () => this.tell(inserted(this.root, [...path.slice(0, -1), path.at(-1) + 1], nodeAt(this.root, path)), ''))}
      ${button('trash', _('Remove %(name)s', { name }), () => this.remove(path))}</span>`
  }

  badge(path, isGroup = false) {
    const found = this.traces.get(path.join('.'))
    if (!found) return nothing
    const isGood = found.verdict === (found.wanted ? 'held' : 'failed')
    const kind = found.verdict === 'unjudged' ? 'warn' : isGood ? 'good' : 'bad'
    const word = found.verdict === 'unjudged' ? _('unknown') : found.verdict === 'held' ? _('holds') : _('does not hold')
    const actual = isGroup ? '' : found.readings.map((r) => r.shown).join(', ')
    const missed = found.missed_by ? `, ${_('missed by %(amount)s', { amount: found.missed_by })}` : ''
    return html`<span class="trace ${kind}${found.reached ? '' : ' aside'}" title=${found.reason || found.text}>${icon(kind === 'good' ? 'check' : kind === 'bad' ? 'x' : 'alert-triangle')}
      <span>${actual ? rounded(`${actual}${missed}`) : word}<span class="visually-hidden"> ${_('for the chosen player: %(word)s', { word })}</span></span></span>`
  }

  // -- changing --------------------------------------------------------------------------------------

  tell(root, tag) { this.change(root, tag) }

  add(path, node) {
    const place = nodeAt(this.root, path).items.length
    this.tell(inserted(this.root, [...path, place], node), '')
    this.host.focusOn([...path, place], 'input, .cm-content')
  }

  remove(path) {
    this.tell(removed(this.root, path), '')
    const parent = path.slice(0, -1)
    const left = nodeAt(this.root, parent).items.length - 1
    this.host.focusOn(left ? [...parent, Math.min(path.at(-1), left - 1)] : parent, '')
  }

  press(event, path) {
    if (!event.altKey || !['ArrowUp', 'ArrowDown', 'ArrowLeft'].includes(event.key)) return
    event.preventDefault()
    event.stopPropagation()
    if (!path.length) return
    const parent = path.slice(0, -1)
    const out = parent.length ? [...parent.slice(0, -1), parent.at(-1) + 1] : null
    const target = event.key === 'ArrowLeft' ? out : neighbour(this.root, path, event.key === 'ArrowDown' ? 1 : -1)
    if (!target) return this.host.say(_('It cannot move further.'))
    this.move(path, target)
  }

  move(from, to) {
    const { root, path } = moved(this.root, from, to)
    this.tell(root, '')
    this.host.say(path.length > 1
      ? _('Moved to place %(place)s of group %(group)s.', { place: path.at(-1) + 1, group: said(path.slice(0, -1)) })
      : _('Moved to place %(place)s of the condition.', { place: path.at(-1) + 1 }))
    this.host.focusOn(path, '.cond-handle')
  }

  // -- dragging --------------------------------------------------------------------------------------

  start(event, path) {
    this.dragged = path
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', path.join('.'))
    event.dataTransfer.setDragImage(event.target.closest('[data-path]'), 12, 12)
  }

  over = (event) => {
    const target = this.targetOf(event)
    if (!target) return
    event.preventDefault()
    if (String(this.target) !== String(target)) {
      this.target = target
      this.host.requestUpdate()
    }
  }

  drop = (event) => {
    const target = this.targetOf(event)
    if (!target) return
    event.preventDefault()
    const from = this.dragged
    this.end()
    this.move(from, target)
  }

  end = () => {
    this.dragged = this.target = null
    this.host.requestUpdate()
  }

  /** Where what is dragged would go: before or after the row under the pointer, or into an empty group. */
  targetOf(event) {
    if (!this.dragged) return null
    const empty = event.target.closest('[data-into]')
    const over = event.target.closest('.cond-row, .cond-group')
    if (!over) return null
    const path = numbers(empty ? empty.dataset.into : over.dataset.path)
    if (isWithin(path, this.dragged)) return null
    if (empty) return [...path, 0]
    if (!path.length) return [nodeAt(this.root, []).items.length]
    const { top, height } = over.getBoundingClientRect()
    const isBelow = event.clientY > top + height / 2
    return [...path.slice(0, -1), path.at(-1) + (isBelow ? 1 : 0)]
  }

  mark(path) {
    if (this.dragged && String(path) === String(this.dragged)) return ' dragged'
    if (!this.target || !path.length) return ''
    const target = this.target
    const isSibling = String(path.slice(0, -1)) === String(target.slice(0, -1))
    if (isSibling && path.at(-1) === target.at(-1)) return ' drop-before'
    return isSibling && path.at(-1) + 1 === target.at(-1) && !nodeAt(this.root, target) ? ' drop-after' : ''
  }
}

const said = (path) => path.map((place) => place + 1).join('.')
const numbers = (text) => (text ? text.split('.').map(Number) : [])
