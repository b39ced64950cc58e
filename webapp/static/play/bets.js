// My bets: open ones with their cash-out, and settled ones with the reason for what they paid.
import { html } from '../vendor/lit.js'
import { api } from './api.js'
import { Part, define, empty, loading } from './element.js'
import { decimal, moment, money, percent } from './format.js'
import { kindName } from './slip.js'
import { state } from './state.js'
import { t } from './texts.js'

const OPEN = ['pending', 'accepted']
const PAGE = 30
const RELOAD_MS = 300

class Bets extends Part {
  tab = 'open'

  async load() {
    const found = await this.attempt(() => api.get(`/betting/me/bets?limit=${PAGE}`))
    if (found) this.show({ bets: found.items, next: found.next_cursor })
  }

  async loadMore() {
    const found = await this.attempt(() => api.get(`/betting/me/bets?limit=${PAGE}&cursor=${encodeURIComponent(this.next)}`))
    if (found) this.show({ bets: [...this.bets, ...found.items], next: found.next_cursor })
  }

  hear(event) {
    if (event.player_id === null || !event.name.startsWith('betting.')) return
    clearTimeout(this.soon)
    this.soon = setTimeout(() => this.load(), RELOAD_MS)
  }

  render() {
    const shown = this.bets?.filter((bet) => OPEN.includes(bet.state) === (this.tab === 'open'))
    return html`<h1>${t('nav.bets')}</h1>
      <div class="segments" role="group" aria-label=${t('nav.bets')}>${['open', 'settled'].map((tab) => html`
        <button type="button" aria-pressed=${this.tab === tab} @click=${() => this.show({ tab })}>
          ${t(`bets.${tab}`)}</button>`)}</div>
      ${this.problem()}
      ${!shown ? loading() : shown.length ? shown.map((bet) => html`<play-bet .bet=${bet}></play-bet>`)
        : empty(t(`bets.no_${this.tab}`), t('bets.none_text'))}
      ${this.next ? html`<button class="button plain wide" type="button" ?disabled=${this.isBusy}
        @click=${() => this.loadMore()}>${t('more')}</button>` : ''}`
  }
}

class Bet extends Part {
  static properties = { bet: { attribute: false } }

  render() {
    const { bet } = this
    return html`<article class="panel bet" aria-label="${kindName(bet)}, ${money(bet.stake)}">
      <header><h2>${kindName(bet)}${bet.is_each_way ? ` · ${t('slip.each_way')}` : ''}</h2>
        <span class="badge ${this.kind()}">${this.word()}</span></header>
      <ul class="legs">${bet.legs.map((leg) => this.leg(leg))}</ul>
      <dl class="sums">
        <div><dt>${bet.is_free ? t('bets.free_stake') : t('slip.total')}</dt><dd>${money(bet.stake)}</dd></div>
        <div class="main">${OPEN.includes(bet.state)
          ? html`<dt>${t('slip.returns')}</dt><dd>${money(bet.potential)}</dd>`
          : html`<dt>${t('bets.paid')}</dt><dd>${money(bet.payout)}</dd>`}</div>
      </dl>
      <p class="muted small">${t('bets.placed_at', { at: moment(bet.placed_at) })} ·
        <span class="reference">${bet.id.slice(-8)}</span></p>
      ${bet.state === 'accepted' && !bet.is_free ? html`<play-cash-out .bet=${bet}></play-cash-out>` : ''}
      ${bet.settlement_version ? html`<play-explanation .bet=${bet}></play-explanation>` : ''}
      ${bet.state === 'rejected' ? html`<p class="note bad">${bet.reason}</p>` : ''}
    </article>`
  }

  kind() {
    const { state: at, payout, stake } = this.bet
    if (OPEN.includes(at)) return at === 'pending' ? 'warn' : 'info'
    return at === 'rejected' || Number(payout.amount) === 0 ? 'bad' : Number(payout.amount) < Number(stake.amount) ? 'warn' : 'good'
  }

  word() {
    const { state: at, payout } = this.bet
    if (at !== 'settled') return t(`bet.${at}`)
    return Number(payout.amount) > 0 ? t('bet.won') : t('bet.lost')
  }

  leg(leg) {
    const [fixture, market, ...name] = leg.name.split(': ')
    return html`<li><div><strong>${name.join(': ') || market}</strong>
      <span class="muted small">${fixture}${name.length ? ` · ${market}` : ''}</span></div>
      <span class="odds">${decimal(leg.odds_text)}</span></li>`
  }
}

/** What a bet is worth now, whole or in part; an offer holds for seconds, and is then asked for again. */
class CashOut extends Part {
  static properties = { bet: { attribute: false } }
  part = '1'

  load() { if (this.isOpen) this.ask() }

  hear(event) {
    const isMine = this.bet.legs.some((leg) => leg.market_id === event.payload.market_id)
    if (this.isOpen && isMine) this.ask()
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.later)
  }

  async ask() {
    clearTimeout(this.later)
    const turn = this.turn = {}
    const offer = await api.get(`/betting/bets/${this.bet.id}/cash-out-offer?part=${this.part}`).catch((error) => error)
    if (turn !== this.turn || !this.isConnected) return
    this.show({ offer })
    const wait = offer.expires_at ? Date.parse(offer.expires_at) - Date.now() : 10_000
    if (this.isOpen) this.later = setTimeout(() => this.ask(), Math.max(1000, wait - 500))
  }

  open() {
    this.show({ isOpen: true })
    this.ask()
  }

  close() {
    clearTimeout(this.later)
    this.show({ isOpen: false })
  }

  async accept() {
    const body = { token: this.offer.token, reference: crypto.randomUUID() }
    const paid = await this.attempt(() => api.post(`/betting/bets/${this.bet.id}/cash-outs`, body))
    if (!paid) return this.ask()
    this.close()
    state.say(t('cash_out.done', { amount: money(paid.amount) }))
    state.loadWallet()
    this.closest('play-bets').load()
  }

  render() {
    if (!this.isOpen) return html`<button class="button plain" type="button" @click=${() => this.open()}>${t('cash_out.ask')}</button>`
    return html`<div class="inset" role="group" aria-label=${t('cash_out.ask')}>
      <div class="segments" role="group" aria-label=${t('cash_out.part')}>${['0.25', '0.5', '0.75', '1'].map((part) => html`
        <button type="button" aria-pressed=${this.part === part} @click=${() => { this.part = part; this.ask() }}>
          ${percent(part)}</button>`)}</div>
      ${this.offered()}${this.problem()}
      <button class="link" type="button" @click=${() => this.close()}>${t('cash_out.leave')}</button></div>`
  }

  offered() {
    const { offer } = this
    if (!offer) return loading()
    if (!offer.is_available) return html`<p class="note warn" role="status">${offer.reason ?? offer.message}</p>`
    const isWhole = Number(offer.running_stake.amount) === 0
    return html`<p role="status">${isWhole ? t('cash_out.whole', { stake: money(offer.stake) })
      : t('cash_out.rest', { stake: money(offer.stake), rest: money(offer.running_stake) })}</p>
      <button class="button wide" type="button" ?disabled=${this.isBusy} @click=${() => this.accept()}>
        ${t('cash_out.take', { amount: money(offer.amount) })}</button>`
  }
}

/** Why a bet paid what it paid: each leg with its result, and the sum. */
class Explanation extends Part {
  static properties = { bet: { attribute: false } }

  async read(open) {
    if (!open || this.said) return
    const said = await this.attempt(() => api.get(`/betting/bets/${this.bet.id}/explanation`))
    this.show({ said })
  }

  render() {
    return html`<details @toggle=${(event) => this.read(event.target.open)}>
      <summary>${t('explain.title')}</summary>
      ${this.said ? this.said.settlements.map((one) => this.settlement(one)) : this.refused ? this.problem() : loading()}
    </details>`
  }

  settlement(one) {
    return html`<div class="inset"><p class="muted small">${moment(one.at)} · ${t(`explain.${one.cause}`, {}, one.cause)}</p>
      <ul class="legs">${one.legs.map((leg) => html`<li><div><strong>${leg.name.split(': ').at(-1)}</strong>
        <span class="muted small">${leg.outcome.reason}</span></div>
        <span class="badge ${{ won: 'good', lost: 'bad' }[leg.outcome.state] ?? 'warn'}">${t(`leg.${leg.outcome.state}`, {}, leg.outcome.state)}</span></li>`)}</ul>
      <p class="figures">${this.sum(one)}</p>
      ${one.replay.is_same ? html`<p class="muted small">${t('explain.checked')}</p>` : ''}</div>`
  }

  // Every line in its own row, as far as the API writes them out.
  sum(one) {
    const lines = one.sum.parts.flatMap((part) => part.lines ?? [])
    const unit = Number(one.sum.unit_stake) / 10 ** state.site.currency_places
    const each = lines.length > 1 ? html`<ul class="lines">${lines.map((line) => html`<li>${line.arithmetic}</li>`)}</ul>` : ''
    const text = lines.length === 1 ? `${money(String(unit))} × ${lines[0].arithmetic}` : t('explain.lines', { n: lines.length, unit: money(String(unit)) })
    return html`${text} → <strong>${money(one.payout)}</strong>${each}`
  }
}

define('play-bets', Bets)
define('play-bet', Bet)
define('play-cash-out', CashOut)
define('play-explanation', Explanation)
