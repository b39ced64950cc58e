// Texts in the language of the page. English is the text itself; the server lays what other languages say for it
// into the page, as data. Placeholders are %(named)s, as everywhere.
const blocks = [...document.querySelectorAll('script[data-texts]')].map((block) => JSON.parse(block.textContent))
const said = Object.assign({}, ...blocks)

const filled = (text, values) => text.replace(/%\((\w+)\)s|%%/g, (mark, name) => (name ? values[name] : '%'))

const language = document.documentElement.lang || 'en'
/** How days and numbers are written; English as in Britain. */
export const LOCALE = language === 'en' ? 'en-GB' : language
export const number = (value) => value.toLocaleString(LOCALE, { useGrouping: 'always' })
export const _ = (text, values = {}) => filled(said[text] ?? text, values)
export const ngettext = (one, many, count, values = {}) => filled((said[one] ?? [one, many])[count === 1 ? 0 : 1], values)
/** Both forms of a text that is written down here, for ngettext where it is shown. */
export const markedPlural = (one, many) => [one, many]
/** A text that is written down here, and translated where it is shown, by `_(text)`. */
export const marked = (text) => text
