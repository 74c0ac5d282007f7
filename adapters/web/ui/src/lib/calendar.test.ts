import { describe, expect, it } from 'vitest'
import { hoursAround, initials, place, rest, scale, type Span, spanOf, walk } from './calendar'

const self = (span: Span) => span
const span = (from: number, to: number): Span => ({ from, to })

describe('the calendar', () => {
  it('takes the start from the local time and the length from the instants', () => {
    const visit = { local: '2026-12-01T23:30:00', start: '2026-12-02T07:30:00Z', end: '2026-12-02T08:15:00Z' }
    expect(spanOf(visit)).toEqual(span(1410, 1455))
  })
  it('puts visits of the same time side by side, and others at full width', () => {
    const placed = place([span(0, 60), span(0, 30), span(30, 90), span(90, 120)], self)
    expect(placed.map(({ from, to, lane, lanes }) => [from, to, lane, lanes])).toEqual([
      [0, 60, 0, 2], [0, 30, 1, 2], [30, 90, 1, 2], [90, 120, 0, 1],
    ])
    for (const one of placed)
      for (const other of placed)
        expect(one !== other && one.lane === other.lane && one.from < other.to && other.from < one.to).toBe(false)
  })
  it('does not widen a group by one that only touches it', () => {
    expect(place([span(0, 60), span(60, 120)], self).every((one) => one.lanes === 1)).toBe(true)
  })
  it('finds the closed hours', () => {
    expect(rest(span(480, 1080), [span(540, 720), span(780, 1200)])).toEqual([span(480, 540), span(720, 780)])
    expect(rest(span(480, 1080), [])).toEqual([span(480, 1080)])
  })
  it('shows whole hours', () => {
    expect(hoursAround([span(500, 510), span(1070, 1085)])).toEqual(span(480, 1140))
  })
  it('lets the shortest visit be pressed, and otherwise fits the room', () => {
    expect(scale(600, span(480, 1080), [span(480, 495)])).toBe(1.6)
    expect(scale(1200, span(480, 1080), [span(480, 540)])).toBe(2)
  })
  it('makes initials of any name', () => {
    expect(initials('Anna Maria Brandt')).toBe('AB')
    expect(initials('  🌸 łucja ')).toBe('Ł')
    expect(initials('محمد علي')).toBe('مع')
    expect(initials('')).toBe('?')
  })
  it('walks along a column, and to the nearest of the next one that has any', () => {
    const columns = [[{ id: 'b', from: 60 }, { id: 'a', from: 0 }], [], [{ id: 'c', from: 10 }, { id: 'd', from: 50 }]]
    const path = (id: string, ...keys: string[]) => keys.map((key) => walk(columns, id, key))
    expect(path('a', 'ArrowDown', 'ArrowUp', 'End', 'ArrowRight', 'ArrowLeft')).toEqual(['b', undefined, 'b', 'c', undefined])
    expect(path('b', 'ArrowRight', 'Home')).toEqual(['d', 'a'])
    expect(path('d', 'ArrowLeft', 'x')).toEqual(['b', undefined])
  })
})
