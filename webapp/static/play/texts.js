// Texts in the language of the page, which the server chose and laid into it.
import { LOCALE, _, ngettext } from '../admin/texts.js'
import { TOLD, WORDS } from './words.js'

export { _ }

export const language = document.documentElement.lang

/** Ask for the page again in another language; what is on the slip and who is signed in stays. */
export function setLanguage(code) { location.search = new URLSearchParams({ language: code }) }

/** Return a text with its values; without it, the fallback that the API gave, or the key. */
export function t(key, values = {}, fallback = key) {
  const text = WORDS[key] ?? (language === 'en' ? undefined : TOLD[key])
  if (text === undefined) return fallback
  const written = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, localised(value)]))
  return Array.isArray(text) ? ngettext(...text, values.count, written) : _(text, written)
}

function localised(value) { return typeof value === 'number' ? value.toLocaleString(LOCALE) : value ?? '' }
