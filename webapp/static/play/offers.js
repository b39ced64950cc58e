// What is offered: fixtures and their markets, read from the API and kept current by the stream.
import { html } from '../vendor/lit.js'
import { api } from './api.js'
import { Part, define, icon } from './element.js'
import { decimal, time } from './format.js'
import { state } from './state.js'
import { t } from './texts.js'

const MARKET_NEWS = ['price_moved', 'market_opened', 'market_suspended', 'market_resumed', 'market_closed']
const SETTLE_MS = 120
const FLASH_MS = 2500

/** The name of a market in the reader's language, where it is a common one. */
export function marketName(market) {
  const line = market.line ? ` ${decimal(market.line)}` : ''
  const known = t(`market.${market.template}`, {}, '')
  return known ? known + line : market.name
}

/** The name of a selection: the draw, over and under, yes and no are words, all else are names. */
export function selectionName(selection, market) {
  return t(`selection.${selection.code}`, { line: decimal(market.line) }, selection.name)
}

/** A leg of the slip, as it was shown. */
export function legOf(market, selection) {
  return {
    selection_id: selection.id,
    market_id: market.id,
    fixture_id: market.fixture_id,
    fixture: market.fixture,
    market: marketName(market),
    name: selectionName(selection, market),
    odds: selection.odds,
    odds_shown: selection.odds_shown,
    odds_version: market.odds_version,
    takes_each_way: market.takes_each_way,
  }
}

/** Parts that show markets: each news of one has it read again, in the reader's format of odds. */
export class Offers extends Part {
  /** Return the market with that id where it is shown, and how to replace it. */
  place(_marketId) { return null }

  hear(event) {
    const [plugin, noun] = event.name.split('.')
    const marketId = event.payload.market_id
    if (plugin === 'betting' && MARKET_NEWS.includes(noun) && this.place(marketId)) this.refresh(marketId)
  }

  refresh(marketId) {
    this.waiting ??= new Map()
    clearTimeout(this.waiting.get(marketId))
    this.waiting.set(marketId, setTimeout(() => this.read(marketId), SETTLE_MS))
  }

  async read(marketId) {
    const fresh = await api.get(`/betting/markets/${marketId}?odds_format=${state.oddsFormat}`).catch(() => null)
    if (fresh) this.place(marketId)?.replace(fresh)
    this.requestUpdate()
  }
}

/** A price as a button: pressed when it is on the slip; it flashes when it moves. */
class Price extends Part {
  static properties = { market: { attribute: false }, selection: { attribute: false } }

  willUpdate() {
    const { id, odds } = this.selection
    if (this.known?.id === id && odds && this.known.odds && odds !== this.known.odds) {
      this.move = Number(odds) > Number(this.known.odds) ? 'up' : 'down'
      clearTimeout(this.fading)
      this.fading = setTimeout(() => { this.show({ move: '' }) }, FLASH_MS)
    }
    this.known = { id, odds }
  }

  render() {
    const { market, selection } = this
    const isOff = !market.is_open || selection.status !== 'active' || !selection.odds
    const name = selectionName(selection, market)
    const price = decimal(selection.odds_shown ?? '–')
    return html`<button type="button" class="price ${this.move ?? ''}" ?disabled=${isOff}
      aria-pressed=${state.holds(selection.id)} @click=${() => state.toggle(legOf(market, selection))}
      aria-label="${name} ${isOff ? t('suspended') : price}, ${marketName(market)}">
      <span class="who">${name}</span>
      <span class="odds">${isOff ? icon('lock') : price}${this.arrow()}</span>
    </button>`
  }

  arrow() { return this.move ? html`<i aria-hidden="true">${this.move === 'up' ? '▲' : '▼'}</i>` : '' }
}

export function prices(market, selections = market.selections) {
  return html`<div class="prices">${selections.map((selection) => html`
    <play-price .market=${market} .selection=${selection}></play-price>`)}</div>`
}

/** How a live fixture stands, or when it starts. */
export function standing(fixture) {
  if (!fixture.is_live) return html`<time datetime=${fixture.starts_at}>${time(fixture.starts_at)}</time>`
  const minute = fixture.live?.minute
  return html`<span class="live">${t('live')}${minute == null ? '' : ` ${minute}′`}</span>`
}

export function score(fixture) {
  const { home, away } = fixture.live?.score ?? {}
  return fixture.is_live && home != null ? `${home} – ${away}` : ''
}

define('play-price', Price)
