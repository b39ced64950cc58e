// The event stream: what is public and what is the player's own, followed and resumed where it broke.
import { api } from './api.js'

const RETRY_MS = 3000

/** Follow until the signal aborts; `tell(event)` for each, `connected(yes)` when the line comes or goes. */
export async function follow(tell, connected, signal) {
  let last = null
  while (!signal.aborted && api.isSignedIn) {
    try {
      const headers = last ? { 'Last-Event-ID': last } : {}
      const answer = await api.fetch('/events/stream', { headers, signal })
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      connected(true)
      for await (const message of messages(answer.body)) {
        if (message.id) last = message.id
        if (message.data) tell(JSON.parse(message.data))
      }
    } catch (error) {
      if (signal.aborted) return
    }
    connected(false)
    await new Promise((done) => setTimeout(done, RETRY_MS))
  }
}

/** Read the messages of a body: blocks of lines that a blank line ends. */
export async function* messages(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const blocks = (text + value).split('\n\n')
    text = blocks.pop()
    for (const block of blocks) yield fields(block)
  }
}

function fields(block) {
  const found = {}
  for (const line of block.split('\n')) {
    const at = line.indexOf(': ')
    if (at > 0) found[line.slice(0, at)] = line.slice(at + 2)
  }
  return found
}
