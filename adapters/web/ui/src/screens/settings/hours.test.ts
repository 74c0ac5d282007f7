import { describe, expect, it } from 'vitest'
import { byDay, ofDays, tidy, total } from './hours'

const hours = [
  { days: [1, 2, 3, 4, 5], from: '08:00', to: '12:00' },
  { days: [1, 2, 4], from: '13:00', to: '17:00' },
]

describe('weekly hours', () => {
  it('are shown by day and stored by period, without a loss', () => {
    const days = byDay(hours)
    expect(days[1]).toEqual([{ from: '08:00', to: '12:00' }, { from: '13:00', to: '17:00' }])
    expect(days[0]).toEqual([])
    expect(ofDays(days)).toEqual(hours)
  })
  it('keep a period that was entered twice once', () => {
    expect(ofDays([[], [{ from: '08:00', to: '09:00' }, { from: '08:00', to: '09:00' }], [], [], [], [], []])).toEqual([
      { days: [1], from: '08:00', to: '09:00' },
    ])
  })
  it('are summed', () => {
    expect(total(byDay(hours))).toBe('32 h a week')
    expect(total([[{ from: '08:00', to: '08:45' }], [], [], [], [], [], []])).toBe('0 h 45 min a week')
  })
})

describe('clock times', () => {
  it('are read as people type them', () => {
    expect(['9', '9:30', '0930', '24', '9.05', '17h'].map(tidy)).toEqual(['09:00', '09:30', '09:30', '24:00', '09:05', '17:00'])
  })
  it('stay as typed if they are none, for the server to refuse', () => {
    expect(tidy('nine')).toBe('nine')
  })
})
