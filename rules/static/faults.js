// What is wrong with a rule, told to who types it: what the server says of its JSON, in the words of the form.
import { html } from '../../../static/vendor/lit.js'
import { valueAt } from './history.js'
import { step, steps } from './model.js'
import { cureFor, isMisread } from './numbers.js'
import { UNREAD_COUNT, icon } from './widgets.js'
import { _ } from '../../../static/admin/texts.js'

const IN_CONDITION = /^#\/(table\/rows\/\d+\/)?when\//
const IN_ACTION = /^#\/then\/\d+(\/action)?$/

export const fault = ({ cause, isCalm }) => (isCalm
  ? html`<p class="form-hint">${cause}</p>`
  : html`<p class="form-error">${icon('alert-triangle')} <span>${cause}</span></p>`)

export const isWrong = (errors) => errors.some((error) => !error.isCalm)

/** An error of the server with the cure beside it, or calmly where nothing was said yet. */
export function told(error, doc) {
  const value = valueAt(doc, steps(error.pointer))
  const hint = hintFor(error.pointer, value)
  if (hint) return { ...error, cause: hint, isCalm: true }
  const count = typeof value === 'string' ? value.match(UNREAD_COUNT)?.[1] ?? value : value
  return isMisread(count) ? { ...error, cause: cureFor(count) } : error
}

function hintFor(pointer, value) {
  if (IN_ACTION.test(pointer) && (value === '' || value?.action === '')) return _('Choose an action')
  if (!IN_CONDITION.test(pointer)) return ''
  if (pointer.endsWith('/')) return _('Choose a fact')
  return isEmpty(value) ? _('Choose a value') : ''
}

const isEmpty = (value) => value === null || value === '' || (Array.isArray(value) && !value.length)

/** Numbers that nobody can read, and that the server takes for texts: what comes out of a table, and what tests say. */
export function misread(doc, factOf) {
  const isNumber = (name) => ['number', 'money'].includes(factOf(name)?.type)
  return [
    ...listed(doc?.table?.rows).flatMap((row, n) => among(row?.then, `#/table/rows/${n}/then`)),
    ...among(doc?.table?.default, '#/table/default'),
    ...listed(doc?.tests).flatMap((one, n) => [
      ...among(one?.facts, `#/tests/${n}/facts`, isNumber), ...among(one?.expect, `#/tests/${n}/expect`),
    ]),
  ]
}

const listed = (value) => (Array.isArray(value) ? value : [])

const among = (values, at, isMeant = () => true) => Object.entries(values ?? {})
  .filter(([name, value]) => isMisread(value) && isMeant(name))
  .map(([name, value]) => ({ pointer: step(at, name), column: null, cause: cureFor(value) }))
