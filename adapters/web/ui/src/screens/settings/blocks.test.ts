import { describe, expect, it } from 'vitest'
import { lastDay, marks, repeats, weeksOf, when } from './blocks'

const block = (local_start: string, local_end: string, available = false) => ({
  id: '', start: '', end: '', available, local_start, local_end,
})

describe('time blocks', () => {
  it('mark the days that they touch', () => {
    const found = marks(
      [
        block('2026-12-31T00:00:00', '2027-01-02T00:00:00'),
        block('2026-12-05T12:00:00', '2026-12-05T14:00:00'),
        block('2026-12-12T09:00:00', '2026-12-12T12:00:00', true),
      ],
      2026,
    )
    expect([...found]).toEqual([['2026-12-31', 'closed'], ['2026-12-05', 'partly closed'], ['2026-12-12', 'open otherwise']])
  })
  it('stay closed where a closed day is partly open too', () => {
    const found = marks([block('2026-12-05T00:00:00', '2026-12-06T00:00:00'), block('2026-12-05T12:00:00', '2026-12-05T14:00:00')], 2026)
    expect(found.get('2026-12-05')).toBe('closed')
  })
  it('end before their end', () => {
    expect(lastDay('2027-01-01T00:00:00')).toBe('2026-12-31')
    expect(lastDay('2027-01-01T00:30:00')).toBe('2027-01-01')
  })
  it('say when they are', () => {
    const day = (date: string) => date
    expect(when(block('2026-12-24T00:00:00', '2027-01-02T00:00:00'), day)).toBe('2026-12-24 to 2027-01-01')
    expect(when(block('2026-12-24T00:00:00', '2026-12-25T00:00:00'), day)).toBe('2026-12-24')
    expect(when(block('2026-12-05T12:00:00', '2026-12-05T14:00:00'), day)).toBe('2026-12-05, 12:00 to 14:00')
    expect(when(block('2026-12-05T12:00:00', '2026-12-06T00:00:00'), day)).toBe('2026-12-05, 12:00 to 24:00')
  })
  it('repeat until a date, and not forever', () => {
    expect(repeats('2026-12-07', 'week', '2026-12-21')).toEqual(['2026-12-07', '2026-12-14', '2026-12-21'])
    expect(repeats('2026-01-31', 'month', '2026-04-01')).toEqual(['2026-01-31', '2026-02-28', '2026-03-31'])
    expect(repeats('2028-02-29', 'year', '2030-01-01')).toEqual(['2028-02-29', '2029-02-28'])
    expect(repeats('2026-12-07', 'once', '2030-01-01')).toEqual(['2026-12-07'])
    expect(repeats('2026-12-07', 'week', '2100-01-01')).toHaveLength(60)
  })
  it('are shown in months that begin on the right weekday', () => {
    const weeks = weeksOf('2026-11-01')
    expect(weeks[0]).toEqual(['', '', '', '', '', '', '2026-11-01'])
    expect(weeks).toHaveLength(6)
    expect(weeks.flat().filter(Boolean)).toHaveLength(30)
  })
})
