// One line of undo for all views: each state is the text of the rule, and what it says if it is JSON.
const TOGETHER_MS = 1200
const TOGETHER_CHARACTERS = 40
const STATES_MAX = 500

export class History {
  constructor(text) {
    this.states = [stateOf(text)]
    this.place = 0
  }

  get now() { return this.states[this.place] }
  get canUndo() { return this.place > 0 }
  get canRedo() { return this.place < this.states.length - 1 }

  /** Add a state; what is typed into one field in one go is undone in one go, and what is pasted by itself. */
  push(state, tag = '') {
    if (state.text === this.now.text) return false
    const isTyped = Math.abs(state.text.length - this.now.text.length) <= TOGETHER_CHARACTERS
    const isSame = tag && tag === this.tag && isTyped && Date.now() - this.since < TOGETHER_MS && !this.canRedo
    this.states = this.states.slice(0, this.place + (isSame && this.canUndo ? 0 : 1))
    this.states.push(state)
    if (this.states.length > STATES_MAX) this.states.shift()
    this.place = this.states.length - 1
    this.tag = tag
    this.since = Date.now()
    return true
  }

  undo() { return this.move(-1) }
  redo() { return this.move(1) }

  move(by) {
    const there = this.states[this.place + by]
    if (!there) return false
    this.place += by
    this.tag = ''
    return true
  }
}

export function stateOf(text) {
  try {
    const doc = JSON.parse(text)
    return { text, doc: typeof doc === 'object' && doc && !Array.isArray(doc) ? doc : null }
  } catch {
    return { text, doc: null }
  }
}

export const stateOfDoc = (doc) => ({ text: JSON.stringify(doc, null, 2), doc })

/** A copy of a document with the value at a path; undefined takes the key away. */
export function withValue(doc, [key, ...rest], value) {
  if (key === undefined) return value
  if (Array.isArray(doc)) {
    const items = [...doc]
    if (!rest.length && value === undefined) items.splice(Number(key), 1)
    else items[key] = withValue(items[key], rest, value)
    return items
  }
  const copy = { ...doc }
  const inner = withValue(copy[key] ?? (typeof rest[0] === 'number' ? [] : {}), rest, value)
  if (inner === undefined) delete copy[key]
  else copy[key] = inner
  return copy
}

export const valueAt = (doc, path) => path.reduce((value, key) => value?.[key], doc)
