// The frame of the site: who is here, where they are, and the part that shows it.
import { html } from '../vendor/lit.js'
import { Part, define, icon, loading } from './element.js'
import { money } from './format.js'
import { state } from './state.js'
import { language, setLanguage, t } from './texts.js'
import './bets.js'
import './lobby.js'
import './match.js'
import './rewards.js'
import './slip.js'
import './wallet.js'

const PAGES = [
  { name: 'lobby', hash: '#/', icon: 'home', needs: 'betting', isPublic: true },
  { name: 'bets', hash: '#/bets', icon: 'list-details', needs: 'betting' },
  { name: 'wallet', hash: '#/wallet', icon: 'wallet' },
  { name: 'rewards', hash: '#/rewards', icon: 'coins', needs: 'loyalty' },
]
const FORMATS = ['decimal', 'fractional', 'american']

class App extends Part {
  static properties = { tenant: {}, name: {}, login: {}, password: {}, languages: { type: Object } }

  connectedCallback() {
    super.connectedCallback()
    addEventListener('hashchange', () => this.moved(), { signal: this.heard.signal })
    this.begin()
  }

  async begin() {
    await this.attempt(() => state.begin(this.tenant))
  }

  moved() {
    this.requestUpdate()
    // Who follows a link with the keyboard or a reader begins at the new page.
    this.updateComplete.then(() => this.querySelector('main').focus())
    scrollTo(0, 0)
  }

  get route() {
    const [name = '', id = ''] = location.hash.replace(/^#\/?/, '').split('/')
    return { name: name || 'lobby', id }
  }

  render() {
    if (!state.site) return html`<main class="narrow" id="content">${this.refused ? this.problem() : loading()}</main>`
    const { name } = this.route
    const hasSlip = state.has('betting') && ['lobby', 'match'].includes(name)
    return html`<a class="skip" href="#content" @click=${(event) => { event.preventDefault(); this.querySelector('main').focus() }}>${t('skip')}</a>
      <header class="top"><a class="brand" href="#/">${icon('shield')}<strong>${state.site.name}</strong></a>
        ${this.menu('wide')}${this.account()}</header>
      <div class="page ${hasSlip ? 'with-slip' : ''}">
        <main id="content" tabindex="-1">${this.page()}</main>
        ${hasSlip ? html`<aside aria-label=${t('slip.title')}><play-slip></play-slip></aside>` : ''}
      </div>
      ${state.slip.length && hasSlip ? html`<nav aria-label=${t('slip.title')}><a class="slip-bar" href="#/slip">
        ${t('slip.title')} <span class="badge">${state.slip.length}</span></a></nav>` : ''}
      ${this.footer()}${this.menu('bottom')}
      <div class="toasts" role="status">${state.notice ? html`<p class="note ${state.notice.kind}">${state.notice.text}</p>` : ''}</div>`
  }

  page() {
    const { name, id } = this.route
    if (name === 'sign-in' || (!state.me && !['lobby', 'match', 'slip'].includes(name))) return this.signInPage()
    if (name === 'match') return html`<play-match fixture=${id}></play-match>`
    if (name === 'bets' && state.has('betting')) return html`<play-bets></play-bets>`
    if (name === 'wallet') return html`<play-wallet></play-wallet>`
    if (name === 'rewards' && state.has('loyalty')) return html`<play-rewards></play-rewards>`
    if (name === 'slip' && state.has('betting')) return html`<h1 class="only-read">${t('slip.title')}</h1><play-slip class="narrow"></play-slip>`
    if (name === 'lobby') return html`<play-lobby></play-lobby>`
    return html`<h1>${t('not_found')}</h1><p>${t('not_found_text')}</p>`
  }

  // -- signing in

  signInPage() {
    return html`<section class="panel narrow"><h1>${t('sign_in.title')}</h1>
      ${this.login ? html`<p class="note info">${t('sign_in.demo')}</p>` : ''}
      <form @submit=${(event) => this.signIn(event)}>
        <label>${t('sign_in.login')}<input name="login" type="email" autocomplete="username" required .value=${this.login ?? ''}></label>
        <label>${t('sign_in.password')}<input name="password" type="password" autocomplete="current-password" required .value=${this.password ?? ''}></label>
        ${this.problem()}
        <button class="button wide" type="submit" ?disabled=${this.isBusy}>${t('sign_in.do')}</button></form></section>`
  }

  async signIn(event) {
    event.preventDefault()
    const fields = new FormData(event.target)
    const isDone = await this.attempt(async () => {
      await state.signIn(fields.get('login'), fields.get('password'))
      return true
    })
    if (isDone && this.route.name === 'sign-in') location.hash = state.slip.length ? '#/slip' : '#/'
  }

  account() {
    if (!state.me) return html`<a class="button small" href="#/sign-in">${t('sign_in.do')}</a>`
    return html`<a class="balance" href="#/wallet" aria-label="${t('purse.cash')}: ${money(state.wallet.cash)}">${money(state.wallet.cash)}</a>`
  }

  // -- the frame

  menu(kind) {
    const pages = PAGES.filter((one) => (!one.needs || state.has(one.needs)) && (one.isPublic || state.me))
    const here = this.route.name === 'match' || this.route.name === 'slip' ? 'lobby' : this.route.name
    return html`<nav class=${kind} aria-label=${t(`nav.${kind}`)}>${pages.map((one) => html`
      <a href=${one.hash} aria-current=${one.name === here ? 'page' : 'false'}>${icon(one.icon)}<span>${t(`nav.${one.name}`)}</span></a>`)}</nav>`
  }

  footer() {
    return html`<footer>
      ${state.me ? html`<p><span class="dot ${state.isLive ? 'on' : ''}"></span> ${state.isLive ? t('stream.on') : t('stream.off')}</p>` : ''}
      <label>${t('odds_format')}<select @change=${(event) => state.setOddsFormat(event.target.value)}>${FORMATS.map((format) => html`
        <option value=${format} ?selected=${format === state.oddsFormat}>${t(`format.${format}`)}</option>`)}</select></label>
      <label>${t('language')}<select @change=${(event) => setLanguage(event.target.value)}>${Object.entries(this.languages).map(([code, name]) => html`
        <option value=${code} ?selected=${code === language}>${name}</option>`)}</select></label>
      <button class="button plain small" type="button" @click=${() => this.turn()}>${icon('moon')} ${t('theme')}</button>
      ${state.me ? html`<button class="button plain small" type="button" @click=${() => state.signOut()}>${icon('logout')} ${t('sign_out')}</button>` : ''}
      <p class="muted small">${t('about')} <a href="/api/docs">API</a></p>
    </footer>`
  }

  turn() {
    const root = document.documentElement
    root.dataset.bsTheme = root.dataset.bsTheme === 'dark' ? 'light' : 'dark'
    localStorage.setItem('pitboss-theme', root.dataset.bsTheme)
  }
}

define('play-app', App)
