// The wallet: what there is, what happened to it, and paying in by the test provider.
import { html } from '../vendor/lit.js'
import { api } from './api.js'
import { Part, define, empty, loading } from './element.js'
import { moment, money, number, words } from './format.js'
import { state } from './state.js'
import { t } from './texts.js'

const PAGE = 25
const RELOAD_MS = 400
const QUICK = ['10.00', '25.00', '50.00']
const TEST_TOKEN = 'tok_ok_4242'

class Wallet extends Part {
  async load() {
    const found = await this.attempt(() => api.get(`/wallet/history?limit=${PAGE}`))
    if (found) this.show({ entries: found.items, next: found.next_cursor })
  }

  async loadMore() {
    const found = await this.attempt(() => api.get(`/wallet/history?limit=${PAGE}&cursor=${encodeURIComponent(this.next)}`))
    if (found) this.show({ entries: [...this.entries, ...found.items], next: found.next_cursor })
  }

  hear(event) {
    if (event.player_id === null) return
    clearTimeout(this.soon)
    this.soon = setTimeout(() => this.load(), RELOAD_MS)
  }

  render() {
    const { wallet } = state
    return html`<h1>${t('nav.wallet')}</h1>
      <dl class="tiles">${['cash', 'locked', 'bonus'].map((purse) => html`<div class="panel">
        <dt>${t(`purse.${purse}`)}</dt><dd>${money(wallet[purse])}</dd></div>`)}</dl>
      ${state.has('payments') ? html`<play-deposit></play-deposit>` : ''}
      <section class="panel"><h2>${t('wallet.statement')}</h2>${this.problem()}
        ${!this.entries ? loading() : this.entries.length ? this.statement() : empty(t('wallet.none'), '')}
        ${this.next ? html`<button class="button plain wide" type="button" @click=${() => this.loadMore()}>${t('more')}</button>` : ''}
      </section>`
  }

  statement() {
    return html`<ul class="statement">${this.entries.map((one) => html`<li>
      <div><strong>${t(`op.${one.operation}`, {}, words(one.operation.split('.').at(-1)))}</strong>
        <span class="muted small">${t(`purse.${one.purse}`, {}, words(one.purse))} · ${moment(one.at)}</span>
        ${one.reason ? html`<span class="muted small">${one.reason}</span>` : ''}</div>
      <div class="amounts"><span class="${Number(one.amount) < 0 ? 'out' : 'in'}">${this.amount(one, one.amount, true)}</span>
        <span class="muted small">${this.amount(one, one.after)}</span></div></li>`)}</ul>`
  }

  amount(entry, amount, isSigned = false) {
    const unit = t(`unit.${entry.currency}`, {}, '')
    const text = unit ? `${number(amount)} ${unit}` : money({ amount, currency: entry.currency })
    return isSigned && Number(amount) > 0 ? `+${text}` : text
  }
}

class Deposit extends Part {
  amount = '25.00'

  async load() {
    const found = await this.attempt(() => Promise.all([api.get('/payments/methods'), api.get('/payments/limits')]))
    if (!found) return
    const methods = found[0].items.filter((one) => one.state === 'active')
    this.show({ methods, providers: new Map(found[1].providers.map((one) => [one.name, one.title])) })
  }

  async addCard() {
    const provider = [...this.providers.keys()][0]
    const added = await this.attempt(() => api.post('/payments/methods', { provider, token: TEST_TOKEN }))
    if (added) { this.method = added.id; await this.load() }
  }

  async pay(event) {
    event.preventDefault()
    const fields = new FormData(event.target)
    const body = {
      method_id: fields.get('method'),
      amount: { amount: fields.get('amount').replace(',', '.'), currency: state.site.currency },
    }
    this.key ??= crypto.randomUUID()
    const paid = await this.attempt(() => api.post('/payments/deposits', body, this.key))
    this.key = undefined
    if (!paid) return
    const kind = { completed: 'good', failed: 'bad' }[paid.state] ?? 'warn'
    state.say(t(`deposit.${paid.state}`, { amount: money(paid.amount) }, t('deposit.pending')), kind)
    state.loadWallet()
    this.closest('play-wallet').load()
  }

  render() {
    if (!this.methods) return html`<section class="panel">${this.refused ? this.problem() : loading()}</section>`
    return html`<section class="panel"><h2>${t('deposit.title')}</h2>
      ${this.methods.length ? this.form() : html`<p>${t('deposit.no_method')}</p>
        <button class="button" type="button" @click=${() => this.addCard()}>${t('deposit.add')}</button>`}
      ${this.problem()}<p class="muted small">${t('deposit.test')}</p></section>`
  }

  form() {
    return html`<form @submit=${(event) => this.pay(event)}>
      <label>${t('deposit.method')}<select name="method">${this.methods.map((one) => html`
        <option value=${one.id} ?selected=${one.id === this.method}>${this.providers.get(one.provider) ?? one.provider} · ${one.masked}</option>`)}</select></label>
      <label>${t('deposit.amount')}<input name="amount" inputmode="decimal" autocomplete="off" required
        pattern="[0-9]+([.,][0-9]+)?" .value=${this.amount}></label>
      <div class="quick">${QUICK.map((amount) => html`<button type="button"
        @click=${() => { this.querySelector('[name=amount]').value = amount }}>${money(amount)}</button>`)}</div>
      <button class="button" type="submit" ?disabled=${this.isBusy}>${t('deposit.pay')}</button></form>`
  }
}

define('play-wallet', Wallet)
define('play-deposit', Deposit)
