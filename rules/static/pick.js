// <pick-box>: a text box that offers words with their title, type, unit, explanation and sample value.
import { LitElement, html, nothing } from '../../../static/vendor/lit.js'
import { writeNumber } from './numbers.js'
import { _, ngettext } from '../../../static/admin/texts.js'

const SHOWN_MAX = 40
let count = 0

class PickBox extends LitElement {
  static properties = {
    value: {}, options: {}, label: {}, placeholder: {}, described: {}, invalid: { type: Boolean },
    isOpen: { state: true }, typed: { state: true }, active: { state: true },
  }

  constructor() {
    super()
    this.key = `pick-${++count}`
    this.options = []
    this.placeholder = ''
    this.typed = null
    this.active = 0
  }

  createRenderRoot() { return this }

  get chosen() { return this.options.find((o) => o.value === this.value || o.also === this.value) }
  get matching() {
    const words = (this.typed ?? '').toLowerCase().split(/\s+/).filter(Boolean)
    const rank = (o) => (o.title.toLowerCase().startsWith(words[0]) || o.value.toLowerCase().startsWith(words[0]) ? 0 : 1)
    const fits = (o) => words.every((w) => `${o.title} ${o.value} ${o.also ?? ''} ${o.doc ?? ''}`.toLowerCase().includes(w))
    return words.length ? this.options.filter(fits).sort((a, b) => rank(a) - rank(b)) : this.options
  }
  get found() { return this.matching.slice(0, SHOWN_MAX) }

  render() {
    const chosen = this.chosen
    const shown = this.typed ?? chosen?.title ?? this.value ?? ''
    const matching = this.isOpen ? this.matching : []
    const list = matching.slice(0, SHOWN_MAX)
    const more = matching.length - list.length
    return html`
      <input class="form-control${this.invalid ? ' is-invalid' : ''}" type="text" role="combobox" autocomplete="off" spellcheck="false"
        aria-label=${this.label} aria-expanded=${this.isOpen ? 'true' : 'false'} aria-controls=${this.key} aria-autocomplete="list"
        aria-activedescendant=${this.isOpen && list.length ? `${this.key}-${this.active}` : nothing}
        aria-invalid=${this.invalid ? 'true' : nothing} aria-describedby=${this.described || nothing}
        placeholder=${this.placeholder} title=${chosen ? `${chosen.value}${chosen.doc ? `: ${chosen.doc}` : ''}` : nothing}
        .value=${shown} @focus=${(e) => e.target.select()} @click=${this.open} @input=${this.type} @keydown=${this.press} @blur=${this.leave}>
      <ul class="pick-list" id=${this.key} role="listbox" aria-label=${_('Words')} popover="manual">
        ${list.map((option, n) => this.option(option, n))}
        ${this.isOpen && !list.length ? html`<li class="pick-none" role="option" aria-disabled="true" aria-selected="false">${_('Nothing is called so.')}</li>` : nothing}
        ${more ? html`<li class="pick-none" role="option" aria-disabled="true" aria-selected="false">${ngettext('and %(count)s more: type to find it', 'and %(count)s more: type to find them', more, { count: writeNumber(more) })}</li>` : nothing}
      </ul>`
  }

  option(option, n) {
    const sample = option.example ?? option.default
    return html`<li role="option" id="${this.key}-${n}" aria-selected=${n === this.active ? 'true' : 'false'}
        @mousedown=${(e) => { e.preventDefault(); this.pick(option) }}>
      <span class="pick-title">${option.title}</span>
      <span class="pick-kind">${[option.kind, option.unit].filter(Boolean).join(' · ')}</span>
      <code class="pick-name">${option.value}</code>
      ${option.doc ? html`<span class="pick-doc">${option.doc}</span>` : nothing}
      ${sample !== null && sample !== undefined ? html`<span class="pick-doc">${_('For example %(example)s', { example: said(sample) })}</span>` : nothing}
    </li>`
  }

  updated() {
    if (!this.isConnected) return
    const list = this.querySelector('.pick-list')
    list.togglePopover(Boolean(this.isOpen))
    if (!this.isOpen) return
    this.place()
    list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }

  connectedCallback() {
    super.connectedCallback()
    addEventListener('scroll', this.follow, true)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    removeEventListener('scroll', this.follow, true)
  }

  follow = (event) => { if (this.isOpen && !this.contains(event.target)) this.place() }

  /** Put the list under the box, or above it where there is more room; it stands over all else. */
  place() {
    const list = this.querySelector('.pick-list')
    const box = this.querySelector('input').getBoundingClientRect()
    const width = Math.min(Math.max(box.width, 352), innerWidth - 16)
    const isAbove = innerHeight - box.bottom < 200 && box.top > innerHeight - box.bottom
    list.style.width = `${width}px`
    list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`
    list.style.maxHeight = `${Math.min(320, (isAbove ? box.top : innerHeight - box.bottom) - 12)}px`
    list.style.top = isAbove ? 'auto' : `${box.bottom + 2}px`
    list.style.bottom = isAbove ? `${innerHeight - box.top + 2}px` : 'auto'
  }

  open() {
    if (!this.isOpen) this.active = Math.max(0, this.found.indexOf(this.chosen))
    this.isOpen = true
  }

  type(event) {
    event.stopPropagation()
    this.typed = event.target.value
    this.active = 0
    this.isOpen = true
  }

  press(event) {
    const last = this.found.length - 1
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!this.isOpen) this.open()
      else this.active = Math.min(last, Math.max(0, this.active + (event.key === 'ArrowDown' ? 1 : -1)))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (this.isOpen && this.found[this.active]) this.pick(this.found[this.active])
      else this.keep()
    } else if (event.key === 'Escape' && this.isOpen) {
      event.preventDefault()
      event.stopPropagation()
      this.close()
    }
  }

  leave() { if (this.typed !== null) this.keep(); else this.close() }

  /** Take what was typed: the word of that name or title, or the text itself, of which the server then says what it thinks. */
  keep() {
    const text = (this.typed ?? '').trim()
    const same = this.options.find((o) => [o.value, o.also, o.title].some((name) => name?.toLowerCase() === text.toLowerCase()))
    if (this.typed !== null && (same || text)) this.tell(same?.value ?? text)
    this.close()
  }

  pick(option) {
    this.tell(option.value)
    this.close()
  }

  close() {
    this.isOpen = false
    this.typed = null
  }

  tell(value) {
    if (value !== this.value) this.dispatchEvent(new CustomEvent('pick', { detail: value, bubbles: true }))
  }
}

/** Options of which several have the same title are told apart by their plugin. */
export function distinct(options) {
  const times = Map.groupBy(options, (option) => option.title)
  return options.map((option) => (times.get(option.title).length > 1 ? { ...option, title: `${option.title} (${option.plugin})` } : option))
}

export const said = (value) =>
  Array.isArray(value) ? value.map(said).join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(writeNumber(value))

/** Shorten the long tails of numbers within a text: 5.5840495 becomes 5.58. */
export const rounded = (text) => text.replace(/\d+([.,])\d{4,}/g, (number, point) =>
  String(Math.round(Number(number.replace(point, '.')) * 100) / 100).replace('.', point))

customElements.define('pick-box', PickBox)
