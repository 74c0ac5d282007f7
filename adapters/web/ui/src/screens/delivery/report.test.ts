import { describe, expect, it } from 'vitest'
import { concerns, type Counts, explain, isWeak, percent, rate, type Report, routes, spanOf, tallyOf, worst } from './report'

const counts = (delivered: number, undelivered: number, unknown = 0): Counts => ({
  queued: 0, suppressed: 0, attempted: delivered + undelivered + unknown, refused: 0, sent: delivered + undelivered + unknown,
  delivered, undelivered, expired: 0, failed: 0, unknown,
})
const days = ['2026-11-01', '2026-11-02', '2026-11-03']
const report: Report = {
  total: counts(0, 0),
  rows: [
    { provider: '', country: 'US', day: '2026-11-01', counts: counts(0, 0) },
    { provider: 'alpha', country: 'US', day: '2026-11-01', counts: counts(40, 0) },
    { provider: 'alpha', country: 'US', day: '2026-11-02', counts: counts(10, 30) },
    { provider: 'beta', country: 'BR', day: '2026-11-03', counts: counts(90, 10, 5) },
    { provider: 'beta', country: 'DE', day: '2026-11-03', counts: counts(50, 0) },
  ],
}
const outage = {
  id: 'o1', cell: { provider: 'alpha' }, state: 'cleared' as const, change_point: '2026-11-02T09:00:00Z',
  cleared_at: '2026-11-02T20:00:00Z',
}

describe('the delivery report', () => {
  const all = routes(report, days)
  it('has a route for each provider and country, with its days', () => {
    expect(all.map((one) => `${one.provider} ${one.country}`)).toEqual(['alpha US', 'beta BR', 'beta DE'])
    expect(all[0]?.tally).toEqual({ tried: 80, delivered: 50, failed: 30, open: 0 })
    expect(all[0]?.days.map((day) => day.failed)).toEqual([0, 30, 0])
  })
  it('counts the share of texts that have an outcome', () => {
    expect(rate(tallyOf(counts(9, 1, 90)))).toBe(0.9)
    expect(rate(tallyOf(counts(0, 0, 5)))).toBeUndefined()
    expect(percent(0.9999)).toBe('99.9%')
    expect(percent(1)).toBe('100%')
    expect(percent(0.967)).toBe('96.7%')
  })
  it('calls nothing weak that has too few texts', () => {
    expect(isWeak(tallyOf(counts(1, 1)))).toBe(false)
    expect(isWeak(tallyOf(counts(90, 10)))).toBe(true)
    expect(isWeak(tallyOf(counts(99, 1)))).toBe(false)
  })
  it('puts the worst routes first, and leaves out those that work', () => {
    expect(worst(all, 6).map((one) => one.provider + one.country)).toEqual(['alphaUS', 'betaBR'])
  })
  it('knows the days of an outage', () => {
    expect(spanOf(outage, days)).toEqual([1, 1])
    expect(spanOf({ ...outage, change_point: '2026-10-01T00:00:00Z' }, days)).toEqual([0, 1])
    expect(spanOf({ ...outage, change_point: '2026-12-01T00:00:00Z' }, days)).toBeUndefined()
    expect(concerns({ ...outage, cell: { provider: 'alpha', country: 'BR' } }, { provider: 'alpha', country: 'US' })).toBe(false)
  })
  it('says what an outage explains, and what none does', () => {
    const { covered, unexplained } = explain(all, [outage], days)
    expect(covered.get('o1')).toBe(30)
    expect(unexplained.map((one) => one.route.country)).toEqual(['BR'])
  })
})
