// What all parts of the site share: the tenant, the player, the wallet, the slip; and the news of the stream.
import { api } from './api.js'
import { follow } from './stream.js'

const SLIP = 'play-slip'
const FORMAT = 'play-odds-format'
const SETTLE_MS = 300
const NOTICE_MS = 6000

class State extends EventTarget {
  site = null
  me = null
  wallet = null
  isLive = false
  slip = []
  notice = null
  oddsFormat = localStorage.getItem(FORMAT) ?? 'decimal'

  /** Tell all parts that something they show has changed. */
  change() { this.dispatchEvent(new Event('change')) }

  has(plugin) { return Boolean(this.site?.plugins.includes(plugin)) }

  async begin(tenant) {
    api.begin(tenant)
    api.onSignedOut = () => this.signedOut()
    this.tenant = tenant
    try { this.slip = JSON.parse(sessionStorage.getItem(`${SLIP}-${tenant}`)) ?? [] } catch { this.slip = [] }
    this.site = await api.get('/site')
    if (api.isSignedIn) await this.signedIn().catch(() => {})
    this.change()
  }

  async signIn(login, password) {
    await api.signIn(login, password)
    await this.signedIn()
    this.change()
  }

  async signedIn() {
    const [me, preferences] = await Promise.all([api.get('/me'), api.get('/me/preferences')])
    this.me = me
    if (!localStorage.getItem(FORMAT)) this.oddsFormat = preferences.odds_format
    await this.loadWallet()
    this.listening = new AbortController()
    follow((event) => this.hear(event), (yes) => this.connected(yes), this.listening.signal)
  }

  async signOut() {
    this.listening?.abort()
    await api.signOut()
    this.signedOut()
  }

  signedOut() {
    this.listening?.abort()
    Object.assign(this, { me: null, wallet: null, isLive: false })
    this.change()
  }

  async loadWallet() {
    this.wallet = await api.get('/wallet')
    this.change()
  }

  async setOddsFormat(format) {
    this.oddsFormat = format
    localStorage.setItem(FORMAT, format)
    if (this.me) await api.patch('/me/preferences', { odds_format: format })
    this.change()
    this.dispatchEvent(new Event('reload'))
  }

  // -- the stream

  connected(yes) {
    this.isLive = yes
    this.change()
    // What was missed while nobody listened is read anew.
    if (yes) this.dispatchEvent(new Event('reload'))
  }

  hear(event) {
    this.dispatchEvent(new CustomEvent('news', { detail: event }))
    if (event.player_id === null) return
    clearTimeout(this.soon)
    this.soon = setTimeout(() => this.me && this.loadWallet(), SETTLE_MS)
  }

  // -- the slip

  holds(selectionId) { return this.slip.some((leg) => leg.selection_id === selectionId) }

  /** Put a selection on the slip, or take it off. */
  toggle(leg) {
    const others = this.slip.filter((one) => one.selection_id !== leg.selection_id)
    this.setSlip(others.length < this.slip.length ? others : [...this.slip, leg])
  }

  setSlip(legs) {
    this.slip = legs
    sessionStorage.setItem(`${SLIP}-${this.tenant}`, JSON.stringify(legs))
    this.change()
  }

  // -- messages

  say(text, kind = 'good') {
    this.notice = { text, kind }
    clearTimeout(this.fading)
    this.fading = setTimeout(() => { this.notice = null; this.change() }, NOTICE_MS)
    this.change()
  }
}

export const state = new State()
