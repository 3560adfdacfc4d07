/** Charts as SVG, of as little as a chart needs. They stand on white, so that they read in the dark too. */

export interface Series {
  readonly name: string
  /** Ascending by x. */
  readonly points: readonly (readonly [x: number, y: number])[]
}
export interface LineChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly series: readonly Series[]
}
export interface BarChart {
  readonly title: string
  readonly unit: string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
}

const WIDTH = 640
const COLOURS = ['#1f5fa8', '#c2410c', '#15803d', '#7e22ce', '#0e7490', '#be123c', '#a16207', '#334155']
/** No letter of the texts is wider than that on the average. */
const LETTER = 6.4
const AREA = { left: 70, right: 470, top: 40, bottom: 270 }
const ROW = 24

const escaped = (text: string): string => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`)
const text = (x: number, y: number, words: string, more = ''): string => `<text x="${fixed(x)}" y="${fixed(y)}" ${more}>${escaped(words)}</text>`
const line = (x1: number, y1: number, x2: number, y2: number, stroke = '#ddd'): string =>
  `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${stroke}"/>`
const fixed = (value: number): string => String(Number(value.toFixed(1)))
const frame = (height: number, title: string, inside: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(AREA.left, 22, title, 'font-size="14" font-weight="bold"'),
    ...inside,
    '</svg>',
    '',
  ].join('\n')

/** Lines over logarithmic axes: equal ratios are equal lengths, so that growth in proportion is a slope of one. */
export function lineChart({ title, xLabel, yLabel, series }: LineChart): string {
  const points = series.flatMap(one => one.points).filter(([x, y]) => x > 0 && y > 0)
  const x = axis(points.map(([value]) => value))
  const y = axis(points.map(([, value]) => value))
  const left = (value: number) => AREA.left + x.share(value) * (AREA.right - AREA.left)
  const top = (value: number) => AREA.bottom - y.share(value) * (AREA.bottom - AREA.top)
  const inside = [
    ...x.ticks.flatMap(tick => [line(left(tick), AREA.top, left(tick), AREA.bottom), text(left(tick), AREA.bottom + 16, short(tick), 'text-anchor="middle"')]),
    ...y.ticks.flatMap(tick => [line(AREA.left, top(tick), AREA.right, top(tick)), text(AREA.left - 6, top(tick) + 4, short(tick), 'text-anchor="end"')]),
    text((AREA.left + AREA.right) / 2, AREA.bottom + 34, xLabel, 'text-anchor="middle"'),
    text(16, (AREA.top + AREA.bottom) / 2, yLabel, `text-anchor="middle" transform="rotate(-90 16 ${(AREA.top + AREA.bottom) / 2})"`),
  ]
  for (const [i, { name, points: own }] of series.entries()) {
    const colour = COLOURS[i % COLOURS.length]!
    const shown = own.filter(([px, py]) => px > 0 && py > 0)
    inside.push(
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${shown.map(([px, py]) => `${fixed(left(px))},${fixed(top(py))}`).join(' ')}"/>`,
      ...shown.map(([px, py]) => `<circle cx="${fixed(left(px))}" cy="${fixed(top(py))}" r="3" fill="${colour}"/>`),
      `<rect x="${AREA.right + 14}" y="${AREA.top + i * 18}" width="10" height="10" fill="${colour}"/>`,
      text(AREA.right + 30, AREA.top + i * 18 + 9, name),
    )
  }
  return frame(AREA.bottom + 46, title, inside)
}

/** Bars from zero, one below the other. */
export function barChart({ title, unit, bars }: BarChart): string {
  const most = Math.max(...bars.map(({ value }) => value))
  const from = Math.max(190, 16 + Math.max(...bars.map(({ name }) => name.length)) * LETTER)
  const inside = bars.flatMap(({ name, value }, i) => {
    const y = 40 + i * ROW
    const width = most > 0 ? (value / most) * (530 - from) : 0
    return [
      text(from - 8, y + 13, name, 'text-anchor="end"'),
      `<rect x="${from}" y="${y}" width="${fixed(width)}" height="17" fill="${COLOURS[i % COLOURS.length]}"/>`,
      text(from + width + 6, y + 13, `${short(value)} ${unit}`),
    ]
  })
  return frame(52 + bars.length * ROW, title, inside)
}

/** A logarithmic axis over values, with ticks at 1, 2 and 5 of each decade, fewer when there are many. */
function axis(values: readonly number[]) {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const steps = most / least > 100 ? [1] : [1, 2, 5]
  const all: number[] = []
  for (let decade = Math.floor(Math.log10(least)); decade <= Math.ceil(Math.log10(most)); decade++) for (const step of steps) all.push(step * 10 ** decade)
  const below = all.findLast(tick => tick <= least) ?? least
  const above = all.find(tick => tick >= most) ?? most
  const ticks = all.filter(tick => tick >= below && tick <= above)
  const span = Math.log(above / below) || 1
  return { ticks, share: (value: number) => Math.log(value / below) / span }
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (value >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}
