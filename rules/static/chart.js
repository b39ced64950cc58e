// <replay-chart>: hits and cost by day, of the draft and of what is live, drawn by uPlot when it is seen.
import { LitElement, html } from '../../../static/vendor/lit.js'
import { LOCALE, _, number } from '../../../static/admin/texts.js'

const HEIGHT_PX = 150
const DAYS_MIN = 14
const SHOWN = { hits: _('Times'), cost: _('Cost') }

class ReplayChart extends LitElement {
  static properties = { replay: {}, what: { state: true } }

  constructor() {
    super()
    this.what = 'hits'
  }

  createRenderRoot() { return this }

  render() {
    const { draft, days } = this.replay
    return html`<div class="row-of" role="group" aria-label=${_('What the chart shows')}>${Object.entries(SHOWN).map(([what, title]) => html`<button type="button" class="btn btn-sm"
        aria-pressed=${String(what === this.what)} @click=${() => { this.what = what }}>${title}</button>`)}</div>
      <div class="plot" role="img" aria-label=${_('%(what)s by day: %(sum)s in %(count)s days', { what: SHOWN[this.what], sum: number(draft[this.what].reduce((a, b) => a + b, 0)), count: days.length })}></div>`
  }

  connectedCallback() {
    super.connectedCallback()
    this.sizes = new ResizeObserver(() => this.plot?.setSize({ width: this.width, height: HEIGHT_PX }))
    this.themes = new MutationObserver(() => this.draw())
    this.sizes.observe(this)
    this.themes.observe(document.documentElement, { attributeFilter: ['data-bs-theme'] })
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.sizes.disconnect()
    this.themes.disconnect()
    this.plot?.destroy()
    this.plot = null
  }

  /** The days since something fired first, and never less than two weeks. */
  get shown() {
    const { days, draft, live } = this.replay
    const first = days.findIndex((_, n) => draft.hits[n] || live?.hits[n])
    const from = Math.max(0, Math.min(first < 0 ? days.length : first - 1, days.length - DAYS_MIN))
    const cut = (series) => series && { ...series, hits: series.hits.slice(from), cost: series.cost.slice(from) }
    return { days: days.slice(from), draft: cut(draft), live: cut(live) }
  }

  get width() { return Math.max(120, this.clientWidth) }

  updated() { this.draw() }

  async draw() {
    const { default: Plot } = await import('../../../static/vendor/uplot.js')
    const into = this.querySelector('.plot')
    if (!into || !this.isConnected) return
    this.plot?.destroy()
    const { days, draft, live } = this.shown
    const colour = (name) => getComputedStyle(into).getPropertyValue(name)
    const axis = { stroke: colour('--chart-muted'), grid: { stroke: colour('--chart-line'), width: 1 }, ticks: { show: false }, font: '11px sans-serif' }
    const dayOf = (at) => new Date(at * 1000).toLocaleDateString(LOCALE, { day: 'numeric', month: 'short', timeZone: 'UTC' })
    const whole = (plot, ticks) => ticks.map((n) => (n % 1 && this.what === 'hits' ? '' : number(n)))
    const series = [{ label: _('Day'), value: (plot, at) => (at ? dayOf(at) : '–') }, { label: _('This draft'), stroke: colour('--chart-draft'), width: 2, points: { show: days.length < 3 } }]
    const data = [days.map((day) => Date.parse(`${day}T00:00Z`) / 1000), draft[this.what]]
    if (live) {
      series.push({ label: _('Version %(number)s', { number: live.version }), stroke: colour('--chart-live'), width: 2, dash: [5, 4], points: { show: days.length < 3 } })
      data.push(live[this.what])
    }
    const options = {
      width: this.width, height: HEIGHT_PX, series, tzDate: (at) => Plot.tzDate(new Date(at * 1000), 'Etc/UTC'), cursor: { y: false },
      scales: { y: { range: (plot, low, high) => [0, Math.max(1, high)] } }, axes: [{ ...axis, size: 28, values: (plot, ticks) => ticks.map(dayOf) }, { ...axis, size: 44, values: whole }], legend: { live: true },
    }
    this.plot = new Plot(options, data, into)
  }
}

customElements.define('replay-chart', ReplayChart)
