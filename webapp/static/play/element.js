// The base of every part: drawn in the page itself, so that one stylesheet, labels and checks reach it.
import { LitElement, html } from '../vendor/lit.js'
import { state } from './state.js'
import { t } from './texts.js'

const POLL_MS = 15000

export class Part extends LitElement {
  createRenderRoot() { return this }

  connectedCallback() {
    super.connectedCallback()
    this.heard = new AbortController()
    const on = (name, act) => state.addEventListener(name, act, { signal: this.heard.signal })
    on('change', () => this.requestUpdate())
    on('reload', () => this.load())
    on('news', ({ detail }) => this.hear(detail))
    // Who is not signed in has no stream: they look again now and then.
    this.poll = setInterval(() => { if (!state.isLive && !document.hidden) this.load() }, POLL_MS)
    this.load()
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.heard.abort()
    clearInterval(this.poll)
  }

  /** Read what the part shows; called again when the stream comes back. */
  load() {}

  /** Hear of an event of the stream. */
  hear() {}

  /** Run something that may be refused; a refusal is shown where the part draws `problem()`. */
  async attempt(act) {
    this.refused = null
    this.isBusy = true
    this.requestUpdate()
    try {
      return await act()
    } catch (error) {
      this.refused = error
      return undefined
    } finally {
      this.isBusy = false
      this.requestUpdate()
    }
  }

  /** Keep values, and show them. */
  show(values) {
    Object.assign(this, values)
    this.requestUpdate()
  }

  problem() {
    return this.refused ? html`<p class="note bad" role="alert">${this.refused.message}</p>` : ''
  }
}

export function icon(name) {
  return html`<svg class="icon" aria-hidden="true"><use href="/static/vendor/icons.svg#${name}"></use></svg>`
}

export function loading() { return html`<p class="empty" role="status">${t('loading')}</p>` }

export function empty(title, text) {
  return html`<div class="empty"><strong>${title}</strong><p>${text}</p></div>`
}

export function define(name, part) { customElements.define(name, part) }
