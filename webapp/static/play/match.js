// One fixture: how it stands, and all its markets.
import { html } from '../vendor/lit.js'
import { api } from './api.js'
import { define, empty, icon, loading } from './element.js'
import { moment } from './format.js'
import { Offers, marketName, prices } from './offers.js'
import { state } from './state.js'
import { _, t } from './texts.js'

class Match extends Offers {
  static properties = { fixture: {} }

  async load() {
    const id = this.fixture
    const found = await this.attempt(() => Promise.all([
      api.get(`/betting/fixtures/${id}/markets?odds_format=${state.oddsFormat}`),
      state.has('sports') ? api.get(`/sports/matches/${id}`) : null,
    ]))
    if (found) this.show({ markets: found[0], match: found[1] })
  }

  updated(changed) { if (changed.has('fixture') && changed.get('fixture')) this.load() }

  place(marketId) {
    const at = this.markets?.findIndex((one) => one.id === marketId) ?? -1
    return at < 0 ? null : { replace: (market) => { this.markets[at] = market } }
  }

  hear(event) {
    super.hear(event)
    if (event.payload.fixture_id !== this.fixture) return
    if (event.name === 'sports.live_updated') {
      this.match.live = { ...this.match.live, ...event.payload }
      this.requestUpdate()
    } else if (/^sports\.(fixture_|result_)/.test(event.name)) this.load()
  }

  render() {
    if (!this.markets) return this.refused ? this.problem() : loading()
    const name = this.match?.name ?? this.markets[0]?.fixture
    return html`<p><a class="back" href="#/">${icon('chevron-left')}${t('nav.lobby')}</a></p>
      <header class="panel scoreboard">${this.board(name)}</header>
      ${this.markets.length ? this.markets.map((market) => this.market(market))
        : empty(t('match.none'), t('match.none_text'))}`
  }

  board(name) {
    const { match } = this
    if (!match) return html`<h1>${name}</h1>`
    const live = match.is_live ? match.live : null
    const result = match.score ?? {}
    const shown = live?.score ?? result
    return html`<p class="muted">${match.competition}</p><h1>${name}</h1>
      ${shown.home == null ? '' : html`<p class="big" aria-label="${t('match.score')}">${shown.home} – ${shown.away}</p>`}
      <p>${live ? html`<span class="live">${t('live')} ${live.minute == null ? '' : `${live.minute}′`}</span>`
        : this.when(match)}</p>
      ${live?.is_stalled ? html`<p class="note warn" role="status">${t('match.stalled')}</p>` : ''}`
  }

  when(match) {
    if (match.status === 'scheduled') return html`<time datetime=${match.starts_at}>${moment(match.starts_at)}</time>`
    return t(`fixture.${match.status}`, {}, match.status)
  }

  market(market) {
    const isOver = ['closed', 'settled', 'voided'].includes(market.status)
    return html`<section class="panel market">
      <h2>${marketName(market)}${market.takes_each_way ? html` <span class="badge">${t('slip.each_way')}</span>` : ''}</h2>
      ${prices(market)}
      ${market.is_open ? '' : html`<p class="muted small">${isOver ? t('match.over') : this.notice(market)}</p>`}
    </section>`
  }

  notice(market) { return market.notice ? _(market.notice) : t('match.suspended') }
}

define('play-match', Match)
