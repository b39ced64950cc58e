import { _ } from '../../../static/admin/texts.js'
// Saving: the form is sent by hand, so that a lost connection or a refusal leaves all as it was typed.

export function saveWith(ed) {
  const form = ed.internals.form
  if (!form) return
  ed.addEventListener('connected', () => { if (form.querySelector('#refused [data-offline]')) show(form, '') })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    send(ed, form, event.submitter)
  })
  form.addEventListener('click', (event) => {
    const taken = event.target.closest('[data-take]')?.dataset.take
    if (!taken) return
    ed.write(ed.offered[taken])
    show(form, '')
    ed.say(taken === 'both' ? _('Both versions are in the editor. Undo brings yours back.') : _('Their version is in the editor. Undo brings yours back.'))
  })
}

async function send(ed, form, submitter) {
  const [misread] = ed.misread
  if (misread) {
    show(form, note(_('It was not saved.'), misread.cause))
    return ed.goTo(misread.pointer)
  }
  const body = new FormData(form, submitter)
  const buttons = [...form.querySelectorAll('[type=submit]')]
  for (const one of buttons) one.disabled = true
  try {
    const answered = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' } })
    const isRead = answered.headers.get('Content-Type')?.includes('json')
    const answer = isRead ? await answered.json() : {}
    if (answer.location) return leave(ed, answer.location)
    refuse(ed, form, answer, answered.status)
  } catch {
    show(form, note(_('There is no connection.'), _('Nothing is lost: what you typed is kept in this browser. Save again when it is back.'), 'data-offline'))
  } finally {
    for (const one of buttons) one.disabled = false
  }
}

function leave(ed, location) {
  ed.drafts.keep(null)
  ed.isLeaving = true
  window.location.assign(location)
}

function refuse(ed, form, answer, status) {
  show(form, answer.html ?? note(_('The server did not save it (%(status)s).', { status }), _('What you typed is kept in this browser. Sign in again if you were away for long.')))
  if (answer.theirs === undefined) return
  ed.offered = { theirs: answer.theirs, both: answer.both }
  form.elements.mark.value = answer.mark
  form.elements.base.value = answer.base
}

function show(form, markup) {
  const place = form.querySelector('#refused')
  place.innerHTML = markup
  if (markup) place.focus()
}

const note = (title, text, mark = '') => `<div class="note-box bad" ${mark}><div><strong>${title}</strong> ${text}</div></div>`
