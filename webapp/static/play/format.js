// Money, prices and instants as the reader's language writes them. Amounts stay exact text until here.
import { state } from './state.js'
import { language, t } from './texts.js'

/** Write an amount: `{amount, currency}`, or text of the tenant's currency. */
export function money(sum) {
  const { amount, currency } = typeof sum === 'object' ? sum : { amount: sum, currency: state.site.currency }
  return new Intl.NumberFormat(locale(), { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(amount)
}

export function time(instant) { return at(instant, { hour: '2-digit', minute: '2-digit' }) }

export function moment(instant) {
  return at(instant, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}

/** Write a day: today and tomorrow by name. */
export function day(instant) {
  const key = dayKey(instant)
  if (key === dayKey(Date.now())) return t('today')
  if (key === dayKey(Date.now() + 86_400_000)) return t('tomorrow')
  return at(instant, { weekday: 'long', day: 'numeric', month: 'long' })
}

export function dayKey(instant) { return new Date(instant).toDateString() }

/** Write what the API calls in its own words: `in_play` becomes `In play`. */
export function words(code) {
  const text = code.replace(/[._-]/g, ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Write a number, and an exact decimal that the API writes as text, as the reader's language does. */
export function number(value) { return Number(value).toLocaleString(locale()) }

/** Shorten the long tails of numbers in a sentence of the API. */
export function shortened(text) { return text.replace(/\d+\.\d{3,}/g, (found) => number(Number(found).toFixed(2))) }

export function decimal(text) { return /^[+-]?\d+\.\d+$/.test(text) ? text.replace('.', point()) : text }

export function percent(share) { return new Intl.NumberFormat(locale(), { style: 'percent' }).format(share) }

function point() { return (0.5).toLocaleString(locale()).charAt(1) }

// The reader's language, with the habits of the tenant's country.
function locale() { return `${language}-${state.site.country}` }

function at(instant, parts) { return new Intl.DateTimeFormat(locale(), parts).format(new Date(instant)) }
