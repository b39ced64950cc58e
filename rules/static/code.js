// <code-box>: JSON or an expression in CodeMirror. It stands in a shadow root, where its styles need no
// exception from the content policy.
import {
  EditorState, EditorView, HighlightStyle, StreamLanguage, acceptCompletion, autocompletion, bracketMatching, Compartment,
  completionKeymap, defaultKeymap, drawSelection, foldGutter, indentUnit, json, keymap, lineNumbers, lintGutter,
  placeholder, setDiagnostics, syntaxHighlighting, syntaxTree, tags, Annotation,
} from '../../../static/vendor/codemirror.js'
import { completeExpression, completeJson } from './completing.js'
import { steps } from './model.js'

const FROM_OUTSIDE = Annotation.define()
const LOOK = EditorView.theme({
  '&': { color: 'var(--pb-ink)', backgroundColor: 'var(--pb-surface)', fontSize: '0.8125rem', border: '1px solid var(--pb-line-strong)', borderRadius: '6px' },
  '&.cm-focused': { outline: '2px solid var(--pb-accent)' },
  '.cm-scroller': { fontFamily: 'var(--tblr-font-monospace)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--pb-ink)', padding: '0.4375rem 0' },
  '.cm-cursor': { borderLeftColor: 'var(--pb-ink)' },
  '.cm-gutters': { backgroundColor: 'var(--pb-sunken)', color: 'var(--pb-muted)', borderRight: '1px solid var(--pb-line)' },
  '.cm-placeholder': { color: 'var(--pb-muted)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--pb-accent-soft)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--pb-accent-soft)' },
  '.cm-tooltip': { backgroundColor: 'var(--pb-surface)', color: 'var(--pb-ink)', border: '1px solid var(--pb-line)', borderRadius: '6px', boxShadow: '0 0.5rem 1.5rem rgb(0 0 0 / 18%)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--pb-accent-soft)', color: 'var(--pb-accent-strong)' },
  '.cm-completionDetail': { color: 'var(--pb-muted)', fontStyle: 'normal', marginLeft: '0.75rem' },
  '.cm-completionInfo': { padding: '0.5rem 0.75rem', maxWidth: '20rem', whiteSpace: 'pre-line' },
  '.cm-diagnostic': { padding: '0.375rem 0.625rem', borderLeftWidth: '3px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--pb-bad)' },
})
const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.variableName], color: 'var(--pb-info)' },
  { tag: tags.string, color: 'var(--pb-good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--pb-warn)' },
  { tag: [tags.keyword, tags.operator], color: 'var(--pb-accent-strong)', fontWeight: '600' },
  { tag: tags.invalid, color: 'var(--pb-bad)' },
])
const EXPRESSION = StreamLanguage.define({
  token(stream) {
    if (stream.match(/^'[^']*'?|^"[^"]*"?/)) return 'string'
    if (stream.match(/^\d+(\.\d+)?/)) return 'number'
    if (stream.match(/^(and|or|not|in|if|else)\b/)) return 'keyword'
    if (stream.match(/^(True|False)\b/)) return 'bool'
    if (stream.match(/^[A-Za-z_][\w.]*/)) return 'variableName'
    if (stream.match(/^[-+*/%<>=!]+/)) return 'operator'
    stream.next()
    return null
  },
})

// What a browser types over coloured text it would give a style of its own, which the content policy refuses.
const TYPING = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== 'insertText' || event.data === null || view.composing || view.state.readOnly) return false
    const [from, to] = rangeOf(event, view)
    event.preventDefault()
    const changes = { from, to, insert: event.data }
    view.dispatch({ changes, selection: { anchor: from + event.data.length }, userEvent: 'input.type', scrollIntoView: true })
    return true
  },
})

/** What the browser is about to replace: it may have been selected so lately that the view has not heard. */
function rangeOf(event, view) {
  const [range] = event.getTargetRanges()
  const { from, to } = view.state.selection.main
  if (from < to || !range || !view.contentDOM.contains(range.startContainer)) return [from, to]
  return [view.posAtDOM(range.startContainer, range.startOffset), view.posAtDOM(range.endContainer, range.endOffset)]
}

class CodeBox extends HTMLElement {
  #text = ''
  #faults = []
  #access = new Compartment()
  #isReadOnly = false
  language = 'expression'
  label = ''
  placeholder = ''
  words = null

  get text() { return this.#text }
  set text(text) {
    this.#text = text
    if (!this.view || this.view.state.doc.toString() === text) return
    const changes = { from: 0, to: this.view.state.doc.length, insert: text }
    this.view.dispatch({ changes, annotations: FROM_OUTSIDE.of(true) })
  }

  set isReadOnly(isReadOnly) {
    if (isReadOnly === this.#isReadOnly) return
    this.#isReadOnly = isReadOnly
    this.view?.dispatch({ effects: this.#access.reconfigure(this.access()) })
  }

  /** What is wrong: `{ pointer, column, cause }`, as the server says it. */
  set faults(faults) {
    this.#faults = faults
    if (this.view) this.mark()
  }

  connectedCallback() {
    if (this.view) return
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    const isJson = this.language === 'json'
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({ doc: this.#text, extensions: [...this.common(), ...(isJson ? this.forJson() : this.forExpression())] }),
    })
    this.mark()
  }

  disconnectedCallback() {
    this.view?.destroy()
    this.view = null
  }

  focus() { this.view?.focus() }

  common() {
    const attributes = { 'aria-label': this.label, spellcheck: 'false' }
    return [
      LOOK, TYPING, drawSelection(), bracketMatching(), EditorView.lineWrapping, syntaxHighlighting(COLOURS), indentUnit.of('  '),
      EditorView.contentAttributes.of(attributes), this.#access.of(this.access()),
      keymap.of([{ key: 'Tab', run: acceptCompletion }, ...completionKeymap, ...defaultKeymap]),
      EditorView.updateListener.of((update) => this.heard(update)),
    ]
  }

  access() {
    if (!this.#isReadOnly) return placeholder(this.placeholder)
    return [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ 'aria-readonly': 'true' })]
  }

  forJson() {
    const complete = (context) => completeJson(context, this.words, syntaxTree)
    return [json(), lineNumbers(), foldGutter(), lintGutter(), autocompletion({ override: [complete] })]
  }

  forExpression() {
    const complete = (context) => completeExpression(context, this.words)
    return [EXPRESSION, autocompletion({ override: [complete] })]
  }

  heard(update) {
    if (!update.docChanged || update.transactions.some((t) => t.annotation(FROM_OUTSIDE))) return
    this.#text = update.state.doc.toString()
    this.dispatchEvent(new CustomEvent('edit', { detail: this.#text, bubbles: true }))
  }

  mark() {
    const { state } = this.view
    const diagnostics = this.#faults.map(({ pointer, column, cause }) => {
      const [from, to] = this.language === 'json' ? placeIn(state, pointer) : columnOf(state, column)
      return { from, to, severity: 'error', message: cause }
    })
    this.view.dispatch(setDiagnostics(state, diagnostics))
  }

  /** Put the caret where a pointer leads. */
  go(pointer) {
    const [from] = placeIn(this.view.state, pointer)
    this.view.dispatch({ selection: { anchor: from }, scrollIntoView: true })
    this.view.focus()
  }
}

function columnOf(state, column) {
  const from = Math.min(Math.max((column ?? 1) - 1, 0), state.doc.length)
  const word = state.doc.sliceString(from).match(/^[\w.]+|^\S/)?.[0].length ?? 0
  return column ? [from, Math.min(from + word, state.doc.length)] : [0, state.doc.length]
}

/** Where a pointer leads; in a text that is no JSON, where it stops being JSON. */
function placeIn(state, pointer) {
  try {
    JSON.parse(state.doc.toString())
    return placeOf(state, pointer)
  } catch (error) {
    return brokenAt(state, error.message)
  }
}

/** The place that a browser tells in the message, by offset or by line and column; without one, the end of the text. */
function brokenAt(state, message) {
  const [, offset] = message.match(/position (\d+)/) ?? []
  const [, line, column] = message.match(/line (\d+) column (\d+)/) ?? []
  const { doc } = state
  const found = offset ? Number(offset) : line ? doc.line(Number(line)).from + Number(column) - 1 : doc.length
  const from = Math.max(0, Math.min(found, doc.length - 1))
  return [from, Math.min(from + 1, doc.length)]
}

/** Where the value stands that a JSON pointer names; of what is missing, its container's first character. */
function placeOf(state, pointer) {
  let node = syntaxTree(state).topNode.firstChild
  let key = null
  for (const part of steps(pointer)) {
    const found = node && (node.name === 'Array' ? itemAt(node, Number(part)) : memberAt(state, node, part))
    if (!found) break
    node = found.value ?? found
    key = found.key ?? null
  }
  if (!node) return [0, Math.min(1, state.doc.length)]
  const isBlock = node.name === 'Object' || node.name === 'Array'
  return isBlock ? (key ? [key.from, key.to] : [node.from, node.from + 1]) : [(key ?? node).from, node.to]
}

const VALUES = ['Object', 'Array', 'String', 'Number', 'True', 'False', 'Null']

function itemAt(array, place) {
  return array.getChildren('Object').length || array.firstChild ? childrenOf(array).filter((n) => VALUES.includes(n.name))[place] : null
}

function memberAt(state, object, name) {
  for (const property of object.getChildren('Property')) {
    const key = property.getChild('PropertyName')
    if (!key || JSON.parse(state.sliceDoc(key.from, key.to)) !== name) continue
    return { key, value: childrenOf(property).find((n) => VALUES.includes(n.name)) ?? key }
  }
  return null
}

function childrenOf(node) {
  const found = []
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child)
  return found
}

customElements.define('code-box', CodeBox)
