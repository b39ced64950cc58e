// Texts in the language of the reader. Another language is another file of the same keys.
import { en } from './texts/en.js'
import { es } from './texts/es.js'

export const LANGUAGES = { en, es }
const KEPT = 'play-language'

export let language = choose()
document.documentElement.lang = language

function choose() {
  const wanted = localStorage.getItem(KEPT) ?? navigator.language.slice(0, 2)
  return wanted in LANGUAGES ? wanted : 'en'
}

export function setLanguage(code) {
  language = code
  localStorage.setItem(KEPT, code)
  document.documentElement.lang = code
}

/** Return a text with its values; without it, the fallback that the API gave, or the key. */
export function t(key, values = {}, fallback = key) {
  const found = LANGUAGES[language][plural(key, values)] ?? LANGUAGES[language][key]
  if (found === undefined) return fallback
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
}

function plural(key, { count }) {
  return count === undefined ? key : `${key}.${new Intl.PluralRules(language).select(count)}`
}
