// Rewards: the tier and the way to the next, missions, bonuses with what is left to wager, and the catalogue.
import { html } from '../vendor/lit.js'
import { api } from './api.js'
import { Part, define, empty, icon, loading } from './element.js'
import { moment, money, number, shortened, words } from './format.js'
import { state } from './state.js'
import { t } from './texts.js'

const RELOAD_MS = 500
const PATHS = {
  tier: '/tier', tiers: '/tiers', points: '/points', missions: '/missions', achievements: '/achievements',
  rewards: '/rewards?limit=20', catalogue: '/catalogue', streak: '/streak', referral: '/referral',
}

class Rewards extends Part {
  async load() {
    const names = Object.keys(PATHS)
    const found = await this.attempt(() => Promise.all(names.map((name) => api.get(`/loyalty/me${PATHS[name]}`))))
    if (found) this.show(Object.fromEntries(names.map((name, at) => [name, found[at]])))
  }

  hear(event) {
    if (event.player_id === null) return
    clearTimeout(this.soon)
    this.soon = setTimeout(() => this.load(), RELOAD_MS)
  }

  async act(path, said, body) {
    const done = await this.attempt(() => api.post(`/loyalty/me${path}`, body))
    if (!done) return
    state.say(said(done))
    state.loadWallet()
    this.load()
  }

  render() {
    if (!this.tier) return this.refused ? this.problem() : loading()
    return html`<h1>${t('nav.rewards')}</h1>${this.problem()}
      ${this.standing()}${this.today()}${this.missionList()}${this.rewardList()}${this.items()}${this.friends()}${this.dialog()}`
  }

  // -- the tier

  standing() {
    const { tier, next, score } = this.tier
    const percent = next ? Math.min(100, Math.round(100 * score / next.entry)) : 100
    return html`<section class="panel tier"><h2>${tier?.title ?? t('tier.none')}</h2>
      <p class="big">${t('tier.points', { n: this.usable() })}</p>
      ${next ? html`<div class="progress" role="progressbar" aria-label=${t('tier.to', { tier: next.title })}
          aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}><svg viewBox="0 0 100 4" preserveAspectRatio="none"
          aria-hidden="true"><rect width=${percent} height="4"></rect></svg></div>
        <p>${t('tier.missing', { n: next.missing, tier: next.title })}</p>` : html`<p>${t('tier.top')}</p>`}
      ${this.tier.loss ? html`<p class="note warn">${this.tier.loss.sentence ?? ''}</p>` : ''}
      <ol class="ladder">${this.tiers.map((one) => html`<li class=${one.code === tier?.code ? 'current' : ''}
        aria-current=${one.code === tier?.code ? 'true' : 'false'}><strong>${one.title}</strong>
        <span class="muted small">${one.entry ? t('tier.from', { n: one.entry }) : t('tier.start')} · ×${number(one.multiplier)}</span></li>`)}</ol>
    </section>`
  }

  usable() { return this.points.balances[0]?.usable ?? 0 }

  today() {
    const { length, best, is_today_done: isDone } = this.streak
    return html`<section class="panel row"><div><h2>${t('streak.title')}</h2>
        <p>${t('streak.days', { count: length, n: length })} <span class="muted">${t('streak.best', { n: best })}</span></p></div>
      ${isDone ? html`<span class="badge good">${t('streak.done')}</span>` : html`<button class="button" type="button"
        @click=${() => this.act('/visit', () => t('streak.thanks'))}>${t('streak.here')}</button>`}</section>`
  }

  // -- what is on the way

  missionList() {
    const all = [...this.missions.items, ...this.achievements.items]
    return html`<section class="panel"><h2>${t('missions.title')}</h2>${all.length ? html`<ul class="cards">
      ${all.map((one) => html`<li><div><strong>${one.title}</strong><p>${one.text}</p>
        <div class="progress" role="progressbar" aria-label=${one.title} aria-valuemin="0" aria-valuemax="100"
          aria-valuenow=${one.percent}><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect width=${one.percent} height="4"></rect></svg></div>
        <span class="muted small">${one.is_complete ? t('missions.done') : this.soFar(one)}
          ${one.reward ? html` · ${t('missions.gives', { what: this.given(one.reward) })}` : ''}</span></div></li>`)}</ul>`
      : empty(t('missions.none'), '')}</section>`
  }

  soFar({ done, target, unit }) {
    if (unit === state.site.currency) return t('missions.so_far_money', { done: money(done), target: money(target) })
    return t('missions.so_far', { done: Number(done), target: Number(target), unit })
  }

  given({ amount, unit, action }) {
    if (!amount) return words(action.split('.').at(-1))
    const word = t(`unit.${unit}`, {}, '')
    return word ? `${number(amount)} ${word}` : money({ amount, currency: unit ?? state.site.currency })
  }

  rewardList() {
    const { items } = this.rewards
    return html`<section class="panel"><h2>${t('rewards.title')}</h2>${items.length
      ? html`<ul class="cards">${items.map((one) => this.reward(one))}</ul>` : empty(t('rewards.none'), '')}</section>`
  }

  reward(one) {
    const worth = one.amount ? money(one.amount) : `${one.units ?? ''}`
    return html`<li><div><strong>${t(`reward.${one.type}`, {}, words(one.type))} ${worth}</strong>
      <span class="badge ${one.status === 'active' ? 'good' : 'info'}">${t(`reward_state.${one.status}`, {}, words(one.status))}</span>
      ${one.bonus ? this.wagering(one) : ''}
      <span class="muted small">${one.reason || (one.rule ? words(one.rule.split(':').at(-1)) : '')}
        ${one.expires_at && one.status === 'active' ? html` · ${t('rewards.until', { at: moment(one.expires_at) })}` : ''}</span>
      ${one.explanation ? html`<play-why path=${one.explanation}></play-why>` : ''}</div>
      ${one.status === 'offered' || one.status === 'claimable' ? html`<button class="button" type="button"
        @click=${() => this.act(`/rewards/${one.id}/claim`, () => t('rewards.claimed'))}>${t('rewards.claim')}</button>` : ''}</li>`
  }

  wagering({ bonus, status, type }) {
    if (status !== 'active' || !Number(bonus.requirement.amount)) return ''
    const label = t('rewards.wagered', { done: money(bonus.wagered), all: money(bonus.requirement) })
    return html`<div class="progress" role="progressbar" aria-label="${words(type)}: ${label}" aria-valuemin="0" aria-valuemax="100"
      aria-valuenow=${Math.round(bonus.percent)}><svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect width=${bonus.percent} height="4"></rect></svg></div><p class="small">${label}</p>`
  }

  // -- what points buy

  items() {
    const { items } = this.catalogue
    return html`<section class="panel"><h2>${t('catalogue.title')}</h2>${items.length ? html`<ul class="cards">
      ${items.map((one) => html`<li><div><strong>${one.title}</strong><p>${one.text}</p>
        <span class="muted small">${t('catalogue.price', { n: one.price, unit: t(`unit.${one.unit}`, {}, one.unit) })}${one.stock == null ? '' : ` · ${t('catalogue.left', { n: one.stock })}`}</span>
        ${one.why_not ? html`<span class="muted small">${one.why_not}</span>` : ''}</div>
        <button class="button plain" type="button" ?disabled=${Boolean(one.why_not)} aria-label="${t('catalogue.take')}: ${one.title}"
          @click=${() => this.choose(one)}>${t('catalogue.take')}</button></li>`)}</ul>`
      : empty(t('catalogue.none'), '')}</section>`
  }

  choose(item) {
    this.show({ chosen: item })
    this.updateComplete.then(() => this.querySelector('dialog').showModal())
  }

  async redeem(event) {
    event.preventDefault()
    const { key, title } = this.chosen
    const note = new FormData(event.target).get('note') ?? ''
    this.closeDialog()
    await this.act('/redemptions', () => t('catalogue.taken', { title }), { item: key, note })
  }

  closeDialog() {
    this.querySelector('dialog')?.close()
    this.show({ chosen: null })
  }

  dialog() {
    const item = this.chosen
    if (!item) return ''
    return html`<dialog aria-labelledby="take-title" @close=${() => this.closeDialog()}>
      <form @submit=${(event) => this.redeem(event)}><h2 id="take-title">${item.title}</h2>
      <p>${t('catalogue.confirm', { n: item.price, unit: t(`unit.${item.unit}`, {}, item.unit) })}</p>
      ${item.is_by_hand ? html`<label>${t('catalogue.where')}<input name="note" autocomplete="street-address" required></label>` : ''}
      <div class="actions"><button class="button" type="submit">${t('catalogue.take')}</button>
        <button class="button plain" type="button" @click=${() => this.closeDialog()}>${t('cancel')}</button></div></form></dialog>`
  }

  // -- friends

  friends() {
    const { code, friends } = this.referral
    return html`<section class="panel row"><div><h2>${t('friends.title')}</h2>
        <p>${code ? html`${t('friends.code')} <strong class="code">${code}</strong>` : t('friends.text')}</p>
        ${friends.length ? html`<p class="muted small">${t('friends.came', { n: friends.length })}</p>` : ''}</div>
      ${code ? '' : html`<button class="button plain" type="button"
        @click=${() => this.act('/referral', () => t('friends.made'))}>${t('friends.make')}</button>`}</section>`
  }
}

/** Why a reward was given: the conditions of its rule, as they were met. */
class Why extends Part {
  static properties = { path: {} }

  async read(open) {
    const path = this.path.replace('/api/v1', '')
    if (!open || this.said) return
    const said = await this.attempt(() => api.get(path))
    this.show({ said })
  }

  render() {
    return html`<details @toggle=${(event) => this.read(event.target.open)}><summary>${t('rewards.why')}</summary>
      ${!this.said ? (this.refused ? this.problem() : loading()) : html`<ul class="lines">
        ${this.facts().map(([fact, shown]) => html`<li>${icon('check')} ${words(fact)}: <strong>${shown}</strong></li>`)}</ul>`}</details>`
  }

  /** What was true of the player; in which segment of the house they are is none of it. */
  facts() {
    const known = Object.assign({}, ...this.said.conditions.map((one) => one.readings))
    return Object.entries(known).filter(([fact]) => !fact.includes('segment')).map(([fact, shown]) => [fact, shortened(shown)])
  }
}

define('play-rewards', Rewards)
define('play-why', Why)
