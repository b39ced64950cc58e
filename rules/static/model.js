// A condition as a tree of groups and tests, read from a rule's JSON and written back: pure functions.
//
// group:      { kind: 'group', word: 'all' | 'any' | 'none', items, at, itemAt }
// test:       { kind: 'test', fact, op, value, isShort, at, itemAt }
// expression: { kind: 'expression', text, at, itemAt }
//
// `at` is the JSON pointer of the entry, `itemAt` that of the list item that holds it: what the server
// says of either is shown on the row.

export const GROUPS = ['all', 'any', 'none']
const SIMPLE = ['min', 'max', 'above', 'below', 'between', 'in', 'contains', 'starts_with']

export const step = (pointer, key) => `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
export const steps = (pointer) =>
  pointer.replace(/^#?\/?/, '').split('/').filter(Boolean)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

// -- reading ---------------------------------------------------------------------------------------

export function parse(when, factOf, at = '/when') {
  if (typeof when === 'string') return group('all', [expression(when, at, at)], at)
  if (!isObject(when)) return group('all', [], at)
  const entries = Object.entries(when)
  const [word, items] = entries[0] ?? []
  if (entries.length === 1 && GROUPS.includes(word) && Array.isArray(items)) {
    return { ...parseGroup(word, items, factOf, step(at, word)), itemAt: at }
  }
  return group('all', parseEntries(when, factOf, at), at)
}

function parseEntries(object, factOf, at) {
  return Object.entries(object).map(([key, value]) => {
    const here = step(at, key)
    if (GROUPS.includes(key) && Array.isArray(value)) return parseGroup(key, value, factOf, here)
    if (key === 'expression') return expression(value, here)
    return parseTest(key, value, factOf, here)
  })
}

function parseGroup(word, items, factOf, at) {
  return group(word, items.map((item, n) => parseItem(item, factOf, step(at, n))), at)
}

function parseItem(item, factOf, at) {
  if (!isObject(item)) return expression(item, at, at)
  const found = parseEntries(item, factOf, at)
  return found.length === 1 ? { ...found[0], itemAt: at } : group('all', found, at)
}

function parseTest(key, value, factOf, at) {
  const short = !factOf(key) && key.match(/^(.*)_(min|max)$/)
  if (short && factOf(short[1])) return test(short[1], short[2], value, at, true)
  if (Array.isArray(value)) return test(key, 'in', value, at)
  if (!isObject(value)) return test(key, 'is', value, at)
  const words = Object.keys(value)
  if (words.length === 2 && 'min' in value && 'max' in value) {
    return test(key, 'between', [value.min, value.max], at)
  }
  if (words.length === 1) return parseWord(key, words[0], value[words[0]], at)
  return group('all', words.map((word) => parseWord(key, word, value[word], step(at, word))), at)
}

function parseWord(key, word, value, at) {
  if (word === 'not') return test(key, Array.isArray(value) ? 'not_in' : 'not', value, at)
  if (word === 'known') return test(key, value === false ? 'unknown' : 'known', null, at)
  return test(key, SIMPLE.includes(word) ? word : 'is', SIMPLE.includes(word) ? value : { [word]: value }, at)
}

export const group = (word, items, at = '') => ({ kind: 'group', word, items, at })
export const expression = (text, at = '', itemAt = '') => ({ kind: 'expression', text, at, itemAt })
export const test = (fact, op, value, at = '', isShort = false) => ({ kind: 'test', fact, op, value, at, isShort })

// -- writing ---------------------------------------------------------------------------------------

export function write(root) {
  const [only] = root.items
  if (root.word !== 'all' || (root.items.length === 1 && only.kind === 'group')) {
    return { [root.word]: root.items.map(writeItem) }
  }
  return writeTogether(root.items)
}

function writeTogether(items) {
  const entries = items.map(entryOf)
  const keys = new Set(entries.map(([key]) => key))
  return keys.size === entries.length ? Object.fromEntries(entries) : { all: items.map(writeItem) }
}

function writeItem(node) {
  if (node.kind === 'expression') return node.text
  // One that holds a single test keeps its brackets, so that it stays a group on screen.
  if (node.kind === 'group' && node.word === 'all' && node.items.length > 1) return writeTogether(node.items)
  return Object.fromEntries([entryOf(node)])
}

function entryOf(node) {
  if (node.kind === 'group') return [node.word, node.items.map(writeItem)]
  if (node.kind === 'expression') return ['expression', node.text]
  const { fact, op, value } = node
  if (op === 'is' || op === 'in') return [fact, value]
  if (op === 'not' || op === 'not_in') return [fact, { not: value }]
  if (op === 'known' || op === 'unknown') return [fact, { known: op === 'known' }]
  if (node.isShort && (op === 'min' || op === 'max')) return [`${fact}_${op}`, value]
  return [fact, { [op]: value }]
}

// -- changing: a path is the places from the root down -------------------------------------------------

export const nodeAt = (root, path) => path.reduce((node, place) => node?.items?.[place], root)

export function replaced(root, path, change) {
  if (!path.length) return change(root)
  const [place, ...rest] = path
  const items = root.items.map((item, n) => (n === place ? replaced(item, rest, change) : item))
  return { ...root, items }
}

export function removed(root, path) {
  const place = path.at(-1)
  return replaced(root, path.slice(0, -1), (node) => ({ ...node, items: node.items.toSpliced(place, 1) }))
}

export function inserted(root, path, node) {
  const place = path.at(-1)
  return replaced(root, path.slice(0, -1), (g) => ({ ...g, items: g.items.toSpliced(place, 0, node) }))
}

/** Move a node to where another path is now; returns the new root and where the node stands then. */
export function moved(root, from, to) {
  if (isWithin(to, from)) return { root, path: from }
  const node = nodeAt(root, from)
  const depth = from.length - 1
  const target = [...to]
  // Taking it out moves up what stands after it in the same list.
  const sameList = from.slice(0, depth).every((place, n) => place === to[n]) && to.length > depth
  if (sameList && to[depth] > from[depth]) target[depth] -= 1
  return { root: inserted(removed(root, from), target, node), path: target }
}

/** Where a node goes that is moved up or down a step, as in an outline; null at the end of the world. */
export function neighbour(root, path, by) {
  const parent = path.slice(0, -1)
  const items = nodeAt(root, parent).items
  const place = path.at(-1)
  const other = items[place + by]
  if (other?.kind === 'group') return [...parent, place + by, by > 0 ? 0 : other.items.length]
  if (other) return [...parent, by > 0 ? place + 2 : place - 1]
  if (!parent.length) return null
  const grand = parent.slice(0, -1)
  return [...grand, by > 0 ? parent.at(-1) + 1 : parent.at(-1)]
}

export const isWithin = (path, outer) => outer.every((place, n) => path[n] === place)

/** The part of an explanation that is about each node, by the place of the node. */
export function traceOf(root, condition, path = [], found = new Map()) {
  if (!condition) return found
  found.set(path.join('.'), condition)
  if (root.kind !== 'group') return found
  if (root.items.length === 1) {
    const inner = root.word === 'none' && condition.group === 'none' ? condition.items[0] : condition
    traceOf(root.items[0], inner, [...path, 0], found)
  } else if (condition.items.length === root.items.length) {
    root.items.forEach((item, n) => traceOf(item, condition.items[n], [...path, n], found))
  }
  return found
}

export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
