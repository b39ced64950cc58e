// What was typed and not saved, kept in the browser until the server says that it has it.
import { LOCALE, _ } from '../../../static/admin/texts.js'

const PREFIX = 'pitboss-rule:'

export class Drafts {
  constructor(key) { this.key = `${PREFIX}${key}` }

  /** Keep a text; null forgets it. */
  keep(text) {
    try {
      if (text === null) localStorage.removeItem(this.key)
      else localStorage.setItem(this.key, JSON.stringify({ text, at: Date.now() }))
    } catch { /* a browser that keeps nothing still edits */ }
  }

  /** What is kept and is not this text, with when that was. */
  other(text) {
    try {
      const found = JSON.parse(localStorage.getItem(this.key))
      return found && found.text !== text ? { text: found.text, when: when(found.at) } : null
    } catch { return null }
  }
}

function when(at) {
  const isToday = new Date(at).toDateString() === new Date().toDateString()
  const when = new Date(at).toLocaleString(LOCALE, isToday ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' })
  return isToday ? _('at %(time)s', { time: when }) : _('on %(day)s', { day: when })
}
