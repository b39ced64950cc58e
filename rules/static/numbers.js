// Numbers as people type and read them: as the language of the page writes them.
import { LOCALE, _ } from '../../../static/admin/texts.js'

const mark = (kind) => new Intl.NumberFormat(LOCALE, { useGrouping: 'always' }).formatToParts(1234.5).find((part) => part.type === kind).value
const GROUP = mark('group')
const DECIMAL = mark('decimal')
const WHOLE = `(?:[1-9]\\d{0,2}(?:\\${GROUP}\\d{3})+|\\d+)`
const NUMBER = new RegExp(`^[-−+]?(?:${WHOLE}(?:\\${DECIMAL}\\d*)?|\\${DECIMAL}\\d+)$`)
const LIKE_A_NUMBER = /^[-−+]?[.,]?\d[\d.,'\s]*$/
const DIGITS_MAX = 20

/** The number that a text says, null where it says nothing, and the text itself where it is no number in this language. */
export function readNumber(text) {
  const typed = text.trim()
  if (typed === '') return null
  return NUMBER.test(typed) ? Number(typed.replaceAll(GROUP, '').replace(DECIMAL, '.').replace('−', '-')) : typed
}

/** A number as the language writes it; anything else is shown as it is. */
export const writeNumber = (value, more = {}) =>
  typeof value === 'number' ? value.toLocaleString(LOCALE, { useGrouping: 'always', maximumFractionDigits: DIGITS_MAX, ...more }) : value

/** An amount, which the server tells as a text with as many decimals as its unit has. */
export const writeAmount = (text) => writeNumber(Number(text), { minimumFractionDigits: text.split('.')[1]?.length ?? 0 })

/** The parts of a list of numbers: a comma parts them only before a space, for it may stand within a number. */
export const numbersIn = (text) => text.split(/;|,\s/).map((part) => part.trim()).filter(Boolean)

/** Whether a text was meant as a number, and this language does not write numbers so. */
export const isMisread = (value) => typeof value === 'string' && LIKE_A_NUMBER.test(value.trim()) && typeof readNumber(value) === 'string'

export const cureFor = (text) => _('“%(text)s” is not clear as a number. Write %(decimal)s or %(thousand)s.', {
  text, decimal: writeNumber(2.5, { minimumFractionDigits: 2 }), thousand: writeNumber(1000),
})
