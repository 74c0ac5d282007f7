import { describe, expect, it } from 'vitest'
import { change, type Line, refundReason, statement, steps, turnover, windowsOf } from './statement'

let entry = 0
function line(kind: string, from: string, to: string, amount: number, at: string, more: Partial<Line> = {}): Line {
  return {
    entry: ++entry, kind, from, to, amount_micro: amount, cause: 'c', tx: `${kind}|${entry}`,
    effective_at: `2026-11-${at}Z`, recorded_at: `2026-11-${at}Z`, ...more,
  }
}

const message = { message: 'm1' }
const lines = [
  line('purchase', 'issued:paid', 'paid', 5_000_000, '01T09:00:00'),
  line('hold', 'paid', 'held:paid', 1_000_000, '02T09:00:00', message),
  line('capture', 'held:paid', 'revenue:paid', 1_000_000, '02T09:00:01', message),
  line('capture', 'held:granted', 'revenue:granted', 300_000, '02T10:00:00', { message: 'm2' }),
  line('non_delivery', '', '', 0, '03T09:00:00', { ...message, tx: '' }),
  line('refund', 'refunds:paid', 'paid', 600_000, '03T23:30:00', { ...message, reason: 'window:w1', tx: 'refund|m1|1' }),
  line('refund', 'refunds:granted', 'granted', 400_000, '03T23:30:00', { ...message, reason: 'window:w1', tx: 'refund|m1|1' }),
].reverse()

describe('the statement', () => {
  it('counts what changes the balance, and not what is set aside', () => {
    expect(lines.map((one) => Number(change(one)) / 100_000)).toEqual([4, 6, 0, -3, -10, 0, 50])
  })
  it('has a row for a day and kind, with the balance after it', () => {
    const entries = statement(lines, 4_700_000n, 'UTC')
    expect(entries.map((one) => [one.day, one.kind, one.window, one.messages, one.amount, one.balance])).toEqual([
      ['2026-11-03', 'refund', 'w1', 1, 1_000_000n, 4_700_000n],
      ['2026-11-02', 'capture', '', 2, -1_300_000n, 3_700_000n],
      ['2026-11-01', 'purchase', '', 0, 5_000_000n, 5_000_000n],
    ])
    expect(turnover(entries)).toEqual({ income: 6_000_000n, spent: 1_300_000n })
  })
  it('says why', () => {
    const because = (reason: string, windows?: string[]) => line('refund', '', '', 0, '01T09:00:00', { reason, ...(windows ? { windows } : {}) })
    expect(windowsOf(because('window:w1'))).toEqual(['w1'])
    expect(windowsOf(because('', ['w2']))).toEqual(['w2'])
    expect(refundReason(because('window:w1'))).toBe('')
    expect(refundReason(because('dlr'))).toBe('reported as not delivered')
  })
  it('has days of the zone', () => {
    expect(statement(lines, 0n, 'Europe/Berlin')[0]?.day).toBe('2026-11-04')
  })
  it('explains a message step by step, with E − R for a refund', () => {
    const again = line('refund', 'refunds:paid', 'paid', 0, '04T09:00:00', { ...message, tx: 'refund|m1|2' })
    const found = steps([again, ...lines].filter((one) => one.message === 'm1'))
    expect(found.steps.map((one) => one.kind)).toEqual(['hold', 'capture', 'non_delivery', 'refund', 'refund'])
    expect(found.steps[3]).toMatchObject({ amount: 1_000_000n, due: 1_000_000n, before: 0n })
    expect(found.steps[4]).toMatchObject({ due: 1_000_000n, before: 1_000_000n })
    expect(found.charged).toBe(1_000_000n)
    expect(found.refunded).toBe(1_000_000n)
  })
})
