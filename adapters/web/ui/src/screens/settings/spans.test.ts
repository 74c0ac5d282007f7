import { describe, expect, it } from 'vitest'
import { inWords, span } from './spans'

describe('minutes in words', () => {
  it('uses the largest unit that fits', () => {
    expect(span(1440)).toEqual({ count: 1, unit: 'days' })
    expect(span(90)).toEqual({ count: 90, unit: 'minutes' })
    expect(span(0)).toEqual({ count: 0, unit: 'minutes' })
    expect(span(20160)).toEqual({ count: 2, unit: 'weeks' })
  })
  it('knows one from many', () => {
    expect(inWords(60)).toBe('1 hour')
    expect(inWords(2880)).toBe('2 days')
  })
})
