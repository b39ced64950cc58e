// What the code boxes offer while one types, from the words that the server gave.
import { steps } from './model.js'
import { _ } from '../../../static/admin/texts.js'

const KEYWORDS = ['and', 'or', 'not', 'in', 'if', 'else', 'True', 'False']
const TESTS = {
  min: _('at least'), max: _('at most'), above: _('more than'), below: _('less than'), between: _('from the first to the second'), in: _('one of these'),
  not: _('anything else'), known: _('whether it has a value'), contains: _('the list has it'), starts_with: _('the text begins so'),
}
const GROUPS = { all: _('each of these holds'), any: _('at least one holds'), none: _('none of these holds'), expression: _('a condition as an expression') }
const KEYS = {
  '': ['kind', 'key', 'name', 'description', 'on', 'when', 'priority', 'effective', 'tags', 'tests'],
  reward: ['then', 'table', 'stop', 'exclusive', 'limits', 'holdout_percent'],
  segment: [],
  alert: ['message', 'severity', 'channels', 'cool_down', 'value'],
  formula: ['formula', 'table', 'unit'],
  limit: ['operation', 'message'],
}
const INSIDE = {
  limits: ['per_player', 'budget'], per_player: ['count', 'period', 'cool_down'], budget: ['amount', 'period'], effective: ['from', 'until'],
  exclusive: ['group', 'pick', 'max_amount'], expect: ['match', 'amount', 'value', 'error'], table: ['hit', 'collect', 'rows', 'default'],
}

/** A few lines about a word: its title, type and unit, what it is, and a sample. */
const about = (word) => [
  [word.title, [word.kind, word.unit].filter(Boolean).join(', ')].filter(Boolean).join(': '),
  word.doc,
  word.example !== null && word.example !== undefined ? _('For example %(example)s', { example: JSON.stringify(word.example) }) : '',
].filter(Boolean).join('\n')

const factOption = (fact, apply) => ({ label: fact.value, apply, type: 'variable', detail: [fact.kind, fact.unit].filter(Boolean).join(' '), info: about(fact) })

export function completeExpression(context, words) {
  const typed = context.matchBefore(/[A-Za-z_][\w.]*/)
  const quoted = context.matchBefore(/([A-Za-z_][\w.]*) (?:==|!=|in|not in) \(?(?:'[^']*', ?)*'[^']*/)
  if (quoted) return choicesOf(quoted, words, context.pos)
  if (!typed && !context.explicit) return null
  const functions = (words?.functions ?? []).map((f) => ({
    label: f.name, type: 'function', apply: `${f.name}(`, detail: `(${f.arguments.join(', ')})`, info: `${f.doc || f.title}\n${f.example}`.trim(),
  }))
  const options = [...(words?.picks ?? []).map((fact) => factOption(fact, fact.value)), ...functions, ...KEYWORDS.map((label) => ({ label, type: 'keyword' }))]
  return { from: typed?.from ?? context.pos, options, validFor: /^[\w.]*$/ }
}

function choicesOf(quoted, words, to) {
  const name = quoted.text.match(/^[\w.]+/)[0]
  const fact = words?.picks.find((p) => p.value === name || p.also === name)
  if (!fact?.choices?.length) return null
  const from = quoted.from + quoted.text.lastIndexOf("'") + 1
  return { from, to, options: fact.choices.map((label) => ({ label, type: 'constant' })) }
}

export function completeJson(context, words, treeOf) {
  const node = treeOf(context.state).resolveInner(context.pos, -1)
  const path = pathOf(context.state, node)
  const typed = context.matchBefore(/"[^"\n]*/)
  if (!typed && !context.explicit) return null
  const isKey = node.name === 'PropertyName' || node.name === 'Object' || (node.name === '⚠' && node.parent?.name === 'Object')
  const found = isKey ? keysAt(path, words, kindOf(context)) : valuesAt(path, words)
  const from = typed ? typed.from : context.pos
  const close = typed && context.state.sliceDoc(context.pos, context.pos + 1) === '"' ? context.pos + 1 : context.pos
  const options = found.map((o) => ({ ...o, apply: isKey ? `${JSON.stringify(o.label)}: ` : JSON.stringify(o.label) }))
  return options.length ? { from, to: close, options: options.map((o) => ({ ...o, label: `"${o.label}"`, displayLabel: o.label })) } : null
}

const kindOf = (context) => context.state.doc.toString().match(/"kind"\s*:\s*"(\w+)"/)?.[1]

function keysAt(path, words, kind) {
  const last = path.at(-1)
  const plain = (keys) => keys.map((label) => ({ label, type: 'property' }))
  if (!path.length) return plain([...KEYS[''], ...(KEYS[kind] ?? [])])
  if (path.includes('when') && words?.picks.some((p) => p.value === last || p.also === last)) {
    return Object.entries(TESTS).map(([label, info]) => ({ label, info, type: 'keyword' }))
  }
  if (path.includes('when')) {
    const groups = Object.entries(GROUPS).map(([label, info]) => ({ label, info, type: 'keyword' }))
    return [...groups, ...(words?.picks ?? []).map((fact) => factOption(fact))]
  }
  if (path.includes('facts')) return (words?.picks ?? []).map((fact) => factOption(fact))
  if (path[0] === 'then') {
    const names = new Set((words?.actions ?? []).flatMap((a) => a.parameters.map((p) => p.name)))
    return plain(['action', 'formula', 'amount', 'max_amount', ...names])
  }
  return plain(INSIDE[last] ?? [])
}

function valuesAt(path, words) {
  const last = path.at(-1)
  const named = (list) => (list ?? []).map((w) => ({ label: w.name, detail: w.title, info: w.doc, type: 'constant' }))
  if (path[0] === 'on') return named(words?.events)
  if (last === 'action') return named(words?.actions)
  if (last === 'kind') return (words?.kinds ?? []).map((label) => ({ label }))
  if (last === 'period') return ['hour', 'day', 'week', 'month', 'lifetime'].map((label) => ({ label }))
  const fact = words?.picks.find((p) => path.includes(p.value) || path.includes(p.also))
  if (fact?.choices?.length) return fact.choices.map((label) => ({ label, type: 'constant' }))
  return fact?.also === 'rules.segments' ? words.segments.map((label) => ({ label })) : []
}

/** The keys and places that lead to where a node stands. */
function pathOf(state, node) {
  const path = []
  for (let here = node; here?.parent; here = here.parent) {
    const above = here.parent
    if (above.name === 'Property' && here.name !== 'PropertyName') {
      const key = above.getChild('PropertyName')
      try { path.unshift(...steps(`/${JSON.parse(state.sliceDoc(key.from, key.to)).replaceAll('/', '~1')}`)) } catch { /* not a key yet */ }
    }
  }
  return path
}
