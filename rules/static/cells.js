// The short language of table cells: `>= 100`, `100..500`, `GOLD, SILVER`, `not GOLD`, `known`.
import { numbersIn, readNumber, writeNumber } from './numbers.js'

const SIGNS = { '>=': 'min', '≥': 'min', '<=': 'max', '≤': 'max', '>': 'above', '<': 'below', '=': 'is', '!=': 'not', '≠': 'not' }
const SHOWN = { min: '≥', max: '≤', above: '>', below: '<' }

/** A test as a cell shows it. */
export function cellText({ op, value }) {
  const list = (items) => {
    const all = Array.isArray(items) ? items : [items]
    return all.map(plain).join(all.some((item) => typeof item === 'number') ? '; ' : ', ')
  }
  if (SHOWN[op]) return `${SHOWN[op]} ${plain(value)}`
  if (op === 'between') return `${plain(value?.[0])}..${plain(value?.[1])}`
  if (op === 'not' || op === 'not_in') return `not ${list(value)}`
  if (op === 'known') return 'known'
  if (op === 'unknown') return 'unknown'
  if (op === 'starts_with') return `${plain(value)}*`
  return list(value)
}

/** What a cell says of a fact, or null where it is empty. */
export function readCell(text, fact) {
  const cell = text.trim()
  const type = fact?.type
  if (!cell) return null
  if (cell === 'known' || cell === 'unknown') return { op: cell, value: null }
  const range = cell.match(/^(.+?)\s*\.\.\s*(.+)$/)
  if (range) return { op: 'between', value: [valueOf(range[1], type), valueOf(range[2], type)] }
  const sign = cell.match(/^(>=|<=|!=|[≥≤≠><=])\s*(.*)$/)
  if (sign) return { op: SIGNS[sign[1]], value: valueOf(sign[2], type) }
  const negated = cell.match(/^not\s+(.*)$/i)
  const parts = partsOf(negated ? negated[1] : cell, type)
  const items = parts.map((part) => valueOf(part.trim(), type)).filter((item) => item !== '')
  if (type === 'list') return { op: 'contains', value: items }
  if (type === 'text' && !negated && items.length === 1 && String(items[0]).endsWith('*')) return { op: 'starts_with', value: items[0].slice(0, -1) }
  if (items.length > 1) return { op: negated ? 'not_in' : 'in', value: items }
  return { op: negated ? 'not' : 'is', value: items[0] ?? '' }
}

function valueOf(text, type) {
  if (type === 'boolean') return { true: true, yes: true, false: false, no: false }[text.toLowerCase()] ?? text
  return isNumeric(type) ? readNumber(text) ?? '' : text
}

const isNumeric = (type) => type === 'number' || type === 'money'
const partsOf = (text, type) => (isNumeric(type) ? numbersIn(text) : text.split(','))
const plain = (value) => (value === null || value === undefined ? '' : String(writeNumber(value)))
