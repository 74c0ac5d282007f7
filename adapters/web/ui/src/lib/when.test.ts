import { describe, expect, it } from 'vitest'
import { addDays, addMonths, clock, isDate, lasting, longDay, minutes, monday, nowIn, startOf, weekday } from './when'

describe('dates', () => {
  it('steps over months, leap days and the hours that clocks skip', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2026-03-29', 1)).toBe('2026-03-30')
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31')
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28')
    expect(addMonths('2026-01-15', -1)).toBe('2025-12-15')
  })
  it('begins a week on Monday', () => {
    expect(monday('2026-11-29')).toBe('2026-11-23')
    expect(monday('2026-11-23')).toBe('2026-11-23')
    expect(weekday('2026-11-29')).toBe(7)
  })
  it('accepts only dates that exist', () => {
    expect(isDate('2026-02-29')).toBe(false)
    expect(isDate('2026-02-28')).toBe(true)
    expect(isDate('tomorrow')).toBe(false)
  })
  it('writes and reads wall-clock times', () => {
    expect(minutes('2026-11-28T09:45:00')).toBe(585)
    expect(minutes('09:45')).toBe(585)
    expect(clock(585)).toBe('09:45')
  })
  it('places the present in the zone of the account', () => {
    const at = Date.UTC(2026, 10, 28, 23, 30)
    expect(nowIn('Europe/Berlin', at)).toEqual({ date: '2026-11-29', minute: 30 })
    expect(nowIn('America/Vancouver', at)).toEqual({ date: '2026-11-28', minute: 15 * 60 + 30 })
  })
  it('knows the first instant of a day', () => {
    expect(startOf('2026-11-28', 'UTC')).toBe('2026-11-28T00:00:00.000Z')
    expect(startOf('2026-11-28', 'America/Vancouver')).toBe('2026-11-28T08:00:00.000Z')
    expect(startOf('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z') // the day after the clocks changed
    expect(startOf('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z')
  })
  it('names days and durations', () => {
    expect(longDay('2026-11-23', 'en-GB')).toBe('Monday 23 November')
    expect(lasting(90_000)).toBe('2 min')
    expect(lasting(3 * 3600_000 + 20 * 60_000)).toBe('3 h 20 min')
  })
})
