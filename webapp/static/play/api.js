// The public API, as any app in front of bettors would call it: who is signed in, requests, refusals.
import { language } from './texts.js'

const ROOT = '/api/v1'
const KEPT = 'play-session'

/** What the API refused: `code` and `problems` say what a program can mend, `message` is for people. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.reasons?.join(' ') || body.errors?.[0]?.detail || body.detail || body.title || `HTTP ${status}`)
    this.status = status
    this.problems = body.details?.problems ?? []
    this.code = body.details?.code ?? ''
  }
}

class Api {
  constructor() {
    this.tenant = ''
    this.onSignedOut = () => {}
    this.refreshing = null
  }

  /** Begin for a tenant, with the session that this tab has. */
  begin(tenant) {
    this.tenant = tenant
    try { this.tokens = JSON.parse(sessionStorage.getItem(`${KEPT}-${tenant}`)) } catch { this.tokens = null }
  }

  get isSignedIn() { return Boolean(this.tokens) }

  async signIn(login, password) {
    this.keep(await this.send('/auth/session', { method: 'POST', body: { login, password }, bare: true }))
  }

  async signOut() {
    await this.send('/auth/session', { method: 'DELETE' }).catch(() => {})
    this.keep(null)
  }

  get(path) { return this.send(path) }

  /** Send what changes something; the same key is done once. */
  post(path, body, key = crypto.randomUUID()) { return this.send(path, { method: 'POST', body, key }) }

  patch(path, body) { return this.send(path, { method: 'PATCH', body }) }

  async send(path, options = {}) {
    const answer = await this.fetch(path, options)
    const text = await answer.text()
    const body = text ? JSON.parse(text) : {}
    if (!answer.ok) throw new Refusal(answer.status, body)
    return body
  }

  /** Fetch with the access token; one that has expired is exchanged, once. */
  async fetch(path, options = {}) {
    const answer = await this.once(path, options)
    if (answer.status !== 401 || options.bare || !this.tokens) return answer
    await this.refresh()
    return this.tokens ? this.once(path, options) : answer
  }

  once(path, { method = 'GET', body, key, headers = {}, signal, bare }) {
    const said = { 'X-Tenant': this.tenant, 'Accept-Language': language, ...headers }
    if (body) said['Content-Type'] = 'application/json'
    if (key) said['Idempotency-Key'] = key
    if (this.tokens && !bare) said.Authorization = `Bearer ${this.tokens.access_token}`
    return fetch(ROOT + path, { method, headers: said, body: body && JSON.stringify(body), signal })
  }

  // A refresh token is good once: whoever needs a new one waits for the same.
  refresh() {
    this.refreshing ??= this.exchange().finally(() => { this.refreshing = null })
    return this.refreshing
  }

  async exchange() {
    const body = { refresh_token: this.tokens.refresh_token }
    const answer = await this.once('/auth/refresh', { method: 'POST', body, bare: true })
    this.keep(answer.ok ? await answer.json() : null)
    if (!answer.ok) this.onSignedOut()
  }

  keep(tokens) {
    this.tokens = tokens
    const name = `${KEPT}-${this.tenant}`
    if (tokens) sessionStorage.setItem(name, JSON.stringify(tokens))
    else sessionStorage.removeItem(name)
  }
}

export const api = new Api()
