// What a delivery report says: rates by provider and country, what explains them, and the routes that went worst.
import type { components } from '../../api/schema'

type Schemas = components['schemas']
export type Report = Schemas['DeliveryReport']
export type Counts = Schemas['DeliveryCounts']
export type Outage = Schemas['OutageBand']

/** Tally is what became of the texts of a cell. `open` have no outcome yet. */
export interface Tally {
  tried: number
  delivered: number
  failed: number
  open: number
}

export interface Route {
  provider: string
  country: string
  tally: Tally
  /** One for each day of the report. */
  days: Tally[]
}

/** Below this share a cell is weak, if it has enough texts for that to mean something. */
const weakBelow = 0.95
const enough = 10

export const none: Tally = { tried: 0, delivered: 0, failed: 0, open: 0 }

export function tallyOf(counts: Counts): Tally {
  const failed = counts.refused + counts.undelivered + counts.expired
  return {
    tried: counts.delivered + failed + counts.unknown, delivered: counts.delivered, failed, open: counts.unknown,
  }
}

export function plus(a: Tally, b: Tally): Tally {
  return {
    tried: a.tried + b.tried, delivered: a.delivered + b.delivered, failed: a.failed + b.failed, open: a.open + b.open,
  }
}

/** The share of the texts with an outcome that were delivered; undefined without any. */
export function rate(tally: Tally): number | undefined {
  const decided = tally.delivered + tally.failed
  return decided === 0 ? undefined : tally.delivered / decided
}

/** "96.7%". It never rounds up to 100%, nor a failure away. */
export function percent(share: number): string {
  if (share === 1) return '100%'
  return `${(Math.floor(share * 1000) / 10).toFixed(1)}%`
}

export function isWeak(tally: Tally): boolean {
  const share = rate(tally)
  return share !== undefined && tally.delivered + tally.failed >= enough && share < weakBelow
}

/** Returns the routes of a report: provider and country, with their days. Texts before the first attempt are on none. */
export function routes(report: Report, days: string[]): Route[] {
  const found = new Map<string, Route>()
  const index = new Map(days.map((day, n) => [day, n]))
  for (const row of report.rows) {
    const at = index.get(row.day)
    if (row.provider === '' || at === undefined) continue
    const key = `${row.provider} ${row.country}`
    const route = found.get(key) ?? {
      provider: row.provider, country: row.country, tally: none, days: days.map(() => none),
    }
    const tally = tallyOf(row.counts)
    route.tally = plus(route.tally, tally)
    route.days[at] = plus(route.days[at] ?? none, tally)
    found.set(key, route)
  }
  return [...found.values()]
}

/** The worst routes first: by the share that failed, then by how many. */
export function worst(all: Route[], most: number): Route[] {
  const share = (route: Route) => rate(route.tally) ?? 1
  return [...all]
    .filter((route) => route.tally.failed > 0 || route.tally.open > 0)
    .sort((a, b) => share(a) - share(b) || b.tally.failed - a.tally.failed)
    .slice(0, most)
}

/** Reports whether an outage is of this route. A region or network cannot be told from a country here, so it may be. */
export function concerns(outage: Outage, route: { provider: string; country: string }): boolean {
  const { cell } = outage
  return cell.provider === route.provider && (!cell.country || cell.country === route.country)
}

/** The days of an outage, as the first and last index of the report's days. */
export function spanOf(outage: Outage, days: string[]): [number, number] | undefined {
  const from = outage.change_point.slice(0, 10)
  const until = (outage.cleared_at ?? '9999').slice(0, 10)
  const inside = days.map((day, n) => (day >= from && day <= until ? n : -1)).filter((n) => n >= 0)
  const [first] = inside
  return first === undefined ? undefined : [first, inside[inside.length - 1] ?? first]
}

/** What a failed text is due to: the outage of its route that day, or none. */
export function explain(all: Route[], outages: Outage[], days: string[]) {
  const covered = new Map<string, number>()
  const unexplained: { route: Route; failed: number; tried: number; days: number }[] = []
  for (const route of all) {
    const mine = outages.filter((outage) => concerns(outage, route))
    let failed = 0
    let tried = 0
    let bad = 0
    route.days.forEach((day, n) => {
      const because = mine.find((outage) => {
        const span = spanOf(outage, days)
        return span && n >= span[0] && n <= span[1]
      })
      if (because) {
        covered.set(because.id, (covered.get(because.id) ?? 0) + day.failed)
        return
      }
      failed += day.failed
      tried += day.delivered + day.failed
      if (day.failed > 0) bad++
    })
    if (isWeak({ tried, delivered: tried - failed, failed, open: 0 })) unexplained.push({ route, failed, tried, days: bad })
  }
  return { covered, unexplained: unexplained.sort((a, b) => b.failed / b.tried - a.failed / a.tried) }
}
