// The lobby: what is being played and what comes, with the main prices of each fixture.
import { html } from '../vendor/lit.js'
import { api } from './api.js'
import { define, empty, loading } from './element.js'
import { day, dayKey, words } from './format.js'
import { Offers, prices, score, standing } from './offers.js'
import { state } from './state.js'
import { _, t } from './texts.js'

const FIXTURES_MAX = 100
const SHOWN_MAX = 3
const LATER_FIRST = 12
const RELOAD_MS = 1000

class Lobby extends Offers {
  sport = ''

  async load() {
    const path = `/betting/fixtures?limit=${FIXTURES_MAX}&odds_format=${state.oddsFormat}`
    const found = await this.attempt(() => api.get(path))
    // What has begun and is not live waits for its result: nothing of it can be bet on.
    if (!found) return
    this.show({ fixtures: found.items.filter((one) => one.is_live || Date.parse(one.starts_at) > Date.now()) })
  }

  place(marketId) {
    const fixture = this.fixtures?.find((one) => one.main.id === marketId)
    return fixture && { replace: (market) => { fixture.main = market } }
  }

  hear(event) {
    super.hear(event)
    const fixture = this.fixtures?.find((one) => one.fixture_id === event.payload.fixture_id)
    if (event.name === 'sports.live_updated' && fixture) {
      fixture.live = { ...fixture.live, ...event.payload }
      this.requestUpdate()
    } else if (/^sports\.fixture_|^betting\.market_(opened|closed)/.test(event.name)) {
      clearTimeout(this.soon)
      this.soon = setTimeout(() => this.load(), RELOAD_MS)
    }
  }

  render() {
    if (!state.has('betting')) return empty(t('lobby.off'), t('lobby.off_text'))
    if (!this.fixtures) return this.refused ? this.problem() : loading()
    const shown = this.fixtures.filter((one) => this.fits(one))
    return html`<h1 class="only-read">${t('nav.lobby')}</h1>${this.filters()}
      ${shown.length ? this.sections(shown) : empty(t('lobby.none'), t('lobby.none_text'))}`
  }

  fits(fixture) {
    return !this.sport || (this.sport === 'live' ? fixture.is_live : fixture.sport === this.sport)
  }

  filters() {
    const sports = [...new Set(this.fixtures.map((one) => one.sport))]
    const chips = ['', 'live', ...sports]
    return html`<div class="chips" role="group" aria-label=${t('lobby.filter')}>${chips.map((sport) => html`
      <button type="button" aria-pressed=${this.sport === sport}
        @click=${() => this.show({ sport })}>${this.chip(sport)}</button>`)}</div>`
  }

  chip(sport) {
    if (!sport) return t('lobby.all')
    return sport === 'live' ? t('lobby.live') : t(`sport.${sport}`, {}, words(sport))
  }

  sections(shown) {
    const live = shown.filter((one) => one.is_live)
    const all = shown.filter((one) => !one.is_live)
    const later = this.isWhole ? all : all.slice(0, LATER_FIRST)
    const days = [...new Set(later.map((one) => dayKey(one.starts_at)))]
    return html`${live.length ? this.section(t('lobby.live'), live) : ''}
      ${days.map((key) => {
        const those = later.filter((one) => dayKey(one.starts_at) === key)
        return this.section(day(those[0].starts_at), those)
      })}
      ${later.length < all.length ? html`<button class="button plain wide" type="button"
        @click=${() => this.show({ isWhole: true })}>${t('more')}</button>` : ''}`
  }

  section(title, fixtures) {
    return html`<section><h2>${title}</h2>${fixtures.map((one) => this.fixture(one))}</section>`
  }

  fixture(fixture) {
    const { main } = fixture
    const few = [...main.selections].filter((one) => main.selections.length <= SHOWN_MAX || one.status === 'active')
    const more = fixture.market_count - 1
    const said = [few.length > SHOWN_MAX && t('lobby.runners', { count: few.length }), more > 0 && t('lobby.more', { count: more })]
      .filter(Boolean).join(' ') || t('lobby.all_prices')
    return html`<article class="panel fixture">
      <header>
        ${standing(fixture)}<span class="muted">${fixture.competition}</span>
        <strong class="score">${score(fixture)}</strong>
      </header>
      <h3><a href="#/match/${fixture.fixture_id}">${fixture.name}</a></h3>
      ${prices(main, few.slice(0, SHOWN_MAX))}
      ${main.notice ? html`<p class="muted small">${_(main.notice)}</p>` : ''}
      <a class="more" href="#/match/${fixture.fixture_id}" aria-label="${said}: ${fixture.name}">${said}</a>
    </article>`
  }
}

define('play-lobby', Lobby)
