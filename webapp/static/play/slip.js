// The bet slip: singles, multiples and systems, reckoned by the API, placed once, with every refusal in words.
import { html, live } from '../vendor/lit.js'
import { api } from './api.js'
import { Part, define, empty, icon } from './element.js'
import { decimal, money, words } from './format.js'
import { state } from './state.js'
import { t } from './texts.js'

const SETTLE_MS = 250
const POLL_MS = 1000
const SYSTEMS = {
  3: ['trixie', 'patent'], 4: ['yankee', 'lucky15'], 5: ['canadian', 'lucky31'],
  6: ['heinz', 'lucky63'], 7: ['super_heinz'], 8: ['goliath'],
}
const QUICK = ['2.00', '5.00', '10.00', '25.00']

/** Say a problem in plain words; what has none of ours is said as the API says it. */
export function inWords(problem, legs) {
  const at = /legs\/(\d+)/.exec(problem.pointer ?? '')
  const leg = at ? legs[Number(at[1])] : null
  return t(`problem.${problem.code}`, { ...problem, name: leg?.name ?? '', fixture: leg?.fixture ?? '' },
    problem.detail)
}

/** The name of a kind of bet: a double and a treble have names of their own. */
export function kindName({ kind, system, legs }) {
  if (kind === 'system') return t(`system.${system?.name}`, {}, words(system?.name || 'system'))
  if (kind === 'multiple') return t(`multiple.${legs.length}`, {}, t('multiple.n', { n: legs.length }))
  return t(`kind.${kind}`, {}, words(kind))
}

class Slip extends Part {
  mode = 'single'
  stake = '5.00'
  system = ''
  policy = 'none'
  freeBet = ''
  isEachWay = false
  quotes = []
  freeBets = []

  load() {
    this.reckon()
    if (state.me) this.loadFreeBets()
  }

  async loadFreeBets() {
    const { items } = await api.get('/betting/me/free-bets?state=open').catch(() => ({ items: [] }))
    this.show({ freeBets: items })
  }

  willUpdate() {
    const now = state.slip.map((leg) => leg.selection_id).join()
    if (now === this.known) return
    this.known = now
    if (state.slip.length > 1 && this.mode === 'single' && !this.isChosen) this.mode = 'multiple'
    if (state.slip.length < 2) this.mode = 'single'
    if (!this.systems().includes(this.system)) this.system = this.systems()[0] ?? ''
    if (this.mode === 'system' && !this.system) this.mode = 'multiple'
    if (state.slip.length) this.placed = null
    this.refused = null
    this.reckon()
  }

  hear(event) {
    const { market_id: market, bet_id: bet } = event.payload
    if (state.slip.some((leg) => leg.market_id === market)) this.reckon()
    if (this.placed?.some((one) => one.id === bet)) this.follow()
    if (event.name.startsWith('betting.free_bet')) this.loadFreeBets()
  }

  // -- what is asked for

  systems() {
    const count = state.slip.length
    const sizes = Array.from({ length: Math.max(0, count - 2) }, (_, at) => `${at + 2}/${count}`)
    return count > 2 ? [...(SYSTEMS[count] ?? []), ...sizes] : []
  }

  get canEachWay() { return state.slip.length > 0 && state.slip.every((leg) => leg.takes_each_way) }

  /** Return one body for each bet that the slip is: several for singles. */
  asked() {
    const legs = state.slip.map(({ selection_id, odds, odds_version }) => ({ selection_id, odds, odds_version }))
    const free = this.free()
    const common = {
      stake: { amount: free?.amount.amount ?? this.stake, currency: state.site.currency },
      price_policy: this.policy,
      ...(this.isEachWay && this.canEachWay && !free ? { is_each_way: true } : {}),
      ...(free ? { free_bet_id: free.id } : {}),
    }
    if (this.mode === 'single') return legs.map((leg) => ({ ...common, kind: 'single', legs: [leg] }))
    if (this.mode === 'multiple') return [{ ...common, kind: 'multiple', legs }]
    return [{ ...common, kind: 'system', system: this.system, legs }]
  }

  /** The free bet that is chosen, where the slip is one bet of one line. */
  free() {
    const isOne = this.mode === 'multiple' || (this.mode === 'single' && state.slip.length === 1)
    return isOne ? this.freeBets.find((one) => one.id === this.freeBet) : undefined
  }

  reckon() {
    clearTimeout(this.soon)
    this.soon = setTimeout(() => this.quote(), SETTLE_MS)
  }

  async quote() {
    if (!state.me || !state.slip.length) { this.quotes = []; return }
    const turn = this.turn = {}
    const asked = this.asked()
    const told = await Promise.all(asked.map((one) => api.post('/betting/quotes', one).catch((error) => ({
      legs: [], problems: error.problems?.length ? error.problems : [{ code: error.code, detail: error.message }],
    }))))
    // What was asked before the last change says nothing any more.
    if (turn !== this.turn) return
    this.show({ quotes: told })
  }

  // -- placing

  async place() {
    this.show({ isBusy: true, refused: null })
    const placed = []
    for (const [at, body] of this.asked().entries()) {
      // A bet has one reference, so that a second press or a lost answer never makes two of it.
      const reference = this.references?.[at] ?? crypto.randomUUID()
      this.references = { ...this.references, [at]: reference }
      try {
        placed.push(await api.post('/betting/bets', { ...body, reference }))
        this.references = { ...this.references, [at]: undefined }
      } catch (error) {
        if (error.status) this.references = { ...this.references, [at]: undefined }
        this.isBusy = false
        this.declined(error, at, placed)
        return
      }
    }
    this.isBusy = false
    this.done(placed)
  }

  done(placed) {
    this.placed = placed
    this.freeBet = ''
    this.isChosen = false
    state.setSlip([])
    this.placed = placed
    state.loadWallet()
    this.follow()
  }

  declined(error, at, placed) {
    // The singles that were taken leave the slip; those that were not stay on it.
    if (placed.length) {
      state.say(t('slip.some_placed', { n: placed.length }))
      state.setSlip(state.slip.slice(placed.length))
    }
    const index = this.mode === 'single' ? at - placed.length : 0
    this.moved = error.problems.filter((one) => one.code === 'odds_changed').map((one) => ({ ...one, index }))
    this.refused = this.moved.length ? null : error
    this.requestUpdate()
    if (this.moved.length) this.updateComplete.then(() => this.querySelector('dialog')?.showModal())
  }

  /** Take the new prices, and place again. */
  async accept() {
    this.takePrices(this.moved)
    this.close()
    await this.place()
  }

  takePrices(moved) {
    const known = new Map(moved.map((one) => [one.selection_id, one]))
    state.setSlip(state.slip.map((leg) => {
      const fresh = known.get(leg.selection_id)
      return fresh ? { ...leg, odds: fresh.odds, odds_shown: this.shown(leg, fresh), odds_version: fresh.odds_version } : leg
    }))
    this.reckon()
  }

  shown(leg, fresh) {
    return fresh.odds_text ?? this.quoted(leg)?.odds_text ?? fresh.odds
  }

  close() {
    this.querySelector('dialog')?.close()
    this.show({ moved: [] })
  }

  /** Look what became of bets that wait for their delay in play. */
  async follow() {
    clearTimeout(this.looking)
    if (!this.placed?.some((one) => one.state === 'pending')) return
    this.placed = await Promise.all(this.placed.map((one) => one.state === 'pending'
      ? api.get(`/betting/bets/${one.id}`).catch(() => one) : one))
    this.requestUpdate()
    this.looking = setTimeout(() => this.follow(), POLL_MS)
  }

  // -- what is shown

  quoted(leg) {
    return this.quotes.flatMap((one) => one.legs).find((one) => one.selection_id === leg.selection_id)
  }

  render() {
    return html`<section class="panel slip" aria-labelledby="slip-title">
      <h2 id="slip-title">${t('slip.title')}${state.slip.length ? html` <span class="badge">${state.slip.length}</span>` : ''}</h2>
      ${this.placed ? this.receipt() : ''}
      ${state.slip.length ? this.form() : this.placed ? '' : empty(t('slip.empty'), t('slip.empty_text'))}
    </section>${this.dialog()}`
  }

  form() {
    return html`<form @submit=${(event) => { event.preventDefault(); this.place() }}>
      <ul class="legs">${state.slip.map((leg) => this.leg(leg))}</ul>
      ${state.slip.length > 1 ? this.modes() : ''}
      ${this.mode === 'system' ? this.systemChoice() : ''}
      ${this.stakes()}
      ${this.options()}
      ${this.sums()}
      ${this.problems()}
      ${state.me ? html`<button class="button wide" type="submit" ?disabled=${this.isBusy || this.isBlocked}>
          ${this.isBusy ? t('slip.placing') : t('slip.place', { total: this.total() })}</button>`
        : html`<a class="button wide" href="#/sign-in">${t('slip.sign_in')}</a>`}
      <button class="link" type="button" @click=${() => state.setSlip([])}>${t('slip.clear')}</button>
    </form>`
  }

  leg(leg) {
    const now = this.quoted(leg)
    const isMoved = now?.odds && Number(now.odds) !== Number(leg.odds)
    const move = isMoved ? (Number(now.odds) > Number(leg.odds) ? 'up' : 'down') : ''
    return html`<li><div><strong>${leg.name}</strong><span class="muted small">${leg.market}</span>
        <span class="muted small">${leg.fixture}</span></div>
      <span class="odds ${move}">${isMoved ? html`<s>${decimal(leg.odds_shown)}</s> ${decimal(now.odds_text)}` : decimal(leg.odds_shown)}</span>
      <button type="button" class="icon-button" aria-label=${t('slip.remove', { name: leg.name })}
        @click=${() => state.toggle(leg)}>${icon('x')}</button></li>`
  }

  modes() {
    const modes = ['single', 'multiple', ...(this.systems().length ? ['system'] : [])]
    return html`<div class="segments" role="group" aria-label=${t('slip.mode')}>${modes.map((mode) => html`
      <button type="button" aria-pressed=${this.mode === mode}
        @click=${() => this.set({ mode, isChosen: true })}>${t(`slip.${mode}`)}</button>`)}</div>`
  }

  systemChoice() {
    return html`<label>${t('slip.system')}<select @change=${(event) => this.set({ system: event.target.value })}>
      ${this.systems().map((name) => html`<option value=${name} ?selected=${name === this.system}>
        ${t(`system.${name}`, {}, t('system.sizes', { size: name.split('/')[0], of: name.split('/')[1] }))}</option>`)}
    </select></label>`
  }

  stakes() {
    const free = this.free()
    const isLines = this.mode !== 'multiple' && (state.slip.length > 1 || this.isEachWay)
    return html`<label>${isLines ? t('slip.stake_line') : t('slip.stake')}
        <input name="stake" inputmode="decimal" autocomplete="off" required pattern="[0-9]+([.,][0-9]+)?"
          ?disabled=${Boolean(free)} .value=${live(free?.amount.amount ?? this.stake)}
          @input=${(event) => this.set({ stake: event.target.value.replace(',', '.') })}></label>
      ${free ? '' : html`<div class="quick">${QUICK.map((amount) => html`<button type="button"
        @click=${() => this.set({ stake: amount })}>${money(amount)}</button>`)}</div>`}`
  }

  options() {
    const isOne = this.mode === 'multiple' || (this.mode === 'single' && state.slip.length === 1)
    return html`<div class="choices">${this.canEachWay ? html`<label class="check"><input type="checkbox" .checked=${live(this.isEachWay)}
        @change=${(event) => this.set({ isEachWay: event.target.checked })}>${t('slip.each_way_doubles')}</label>` : ''}
      ${isOne && this.freeBets.length ? html`<label>${t('slip.pay_with')}<select
        @change=${(event) => this.set({ freeBet: event.target.value })}>
        <option value="">${t('slip.cash')}</option>${this.freeBets.map((one) => html`
          <option value=${one.id} ?selected=${one.id === this.freeBet}>${t('slip.free_bet', { amount: money(one.amount) })}</option>`)}
      </select></label>` : ''}
      <label>${t('slip.policy')}<select @change=${(event) => this.set({ policy: event.target.value })}>
        ${['none', 'higher_only', 'any'].map((policy) => html`<option value=${policy}
          ?selected=${policy === this.policy}>${t(`policy.${policy}`)}</option>`)}</select></label></div>`
  }

  sums() {
    const known = this.quotes.filter((one) => one.stake)
    if (!known.length) return ''
    const lines = known.reduce((sum, one) => sum + one.line_count, 0)
    const delay = Math.max(...known.map((one) => one.delay_seconds))
    return html`<dl class="sums">
      ${lines > 1 ? html`<div><dt>${t(this.mode === 'single' && !this.isEachWay ? 'slip.bets' : 'slip.lines')}</dt><dd>${lines}</dd></div>` : ''}
      <div><dt>${t('slip.total')}</dt><dd>${money(this.sum('stake'))}</dd></div>
      <div class="main"><dt>${t('slip.returns')}</dt><dd>${money(this.sum('potential'))}</dd></div></dl>
      ${delay ? html`<p class="muted small">${t('slip.delay', { n: delay })}</p>` : ''}`
  }

  sum(name) { return this.quotes.reduce((sum, one) => sum + Number(one[name]?.amount ?? 0), 0) }

  total() { return this.sum('stake') ? money(this.sum('stake')) : '' }

  // A price that moved asks for a decision, which placing the bet does: all else blocks it.
  get isBlocked() { return this.quotes.some((one) => one.problems.some((each) => each.code !== 'odds_changed')) }

  problems() {
    const said = this.quotes.flatMap((quote, at) => quote.problems.map((one) =>
      inWords(one, this.mode === 'single' ? state.slip.slice(at, at + 1) : state.slip)))
    const refused = this.refused ? this.refused.problems.map((one) => inWords(one, state.slip)) : []
    if (this.refused && !refused.length) refused.push(this.refused.message)
    const all = [...new Set([...refused, ...said])]
    if (!all.length) return ''
    return html`<div class="note ${this.isBlocked || this.refused ? 'bad' : 'warn'}" role="alert">${all.map((text) => html`<p>${text}</p>`)}</div>`
  }

  set(values) {
    this.show({ ...values, refused: null })
    this.reckon()
  }

  receipt() {
    return html`<div class="receipt" role="status">${this.placed.map((bet) => html`<p class="note ${this.kindOf(bet)}">
        <strong>${kindName(bet)} · ${money(bet.stake)}</strong><br>${this.became(bet)}</p>`)}
      <p><a href="#/bets">${t('slip.see_bets')}</a></p></div>`
  }

  kindOf(bet) { return { pending: 'warn', rejected: 'bad' }[bet.state] ?? 'good' }

  became(bet) {
    if (bet.state === 'pending') return t('slip.waiting')
    if (bet.state === 'rejected') return t('slip.rejected', { reason: bet.reason })
    return t('slip.accepted', { amount: money(bet.potential) })
  }

  dialog() {
    if (!this.moved?.length) return ''
    const legs = this.moved.map((one) => [one, state.slip.find((leg) => leg.selection_id === one.selection_id)])
    return html`<dialog aria-labelledby="moved-title" @close=${() => this.show({ moved: [] })}>
      <h2 id="moved-title">${t('moved.title')}</h2><p>${t('moved.text')}</p>
      <ul class="legs">${legs.map(([one, leg]) => html`<li><div><strong>${leg?.name}</strong>
        <span class="muted small">${leg?.fixture}</span></div>
        <span class="odds ${Number(one.odds) > Number(leg?.odds) ? 'up' : 'down'}"><s>${decimal(leg?.odds_shown)}</s>
          ${decimal(leg ? this.shown(leg, one) : one.odds)}</span></li>`)}</ul>
      <div class="actions"><button class="button" type="button" @click=${() => this.accept()}>${t('moved.accept')}</button>
        <button class="button plain" type="button" @click=${() => { this.takePrices(this.moved); this.close() }}>${t('moved.keep')}</button>
      </div></dialog>`
  }
}

define('play-slip', Slip)
