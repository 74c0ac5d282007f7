import { describe, expect, it } from 'vitest'
import { about, column, credits, microCredits, sum, wholeCredits } from './money'

describe('credits', () => {
  it('shows every digit and no more', () => {
    expect(credits(0)).toBe('0')
    expect(credits(800_000)).toBe('0.8')
    expect(credits(1_234_567_890_001)).toBe('1,234,567.890001')
    expect(credits(-1_500_000)).toBe('−1.5')
  })
  it('reads what people write', () => {
    expect(microCredits('5')).toBe(5_000_000)
    expect(microCredits(' 0,25 ')).toBe(250_000)
    expect(microCredits('1.2345678')).toBeUndefined()
    expect(microCredits('-1')).toBeUndefined()
    expect(microCredits('')).toBeUndefined()
  })
  it('fills a column with exact digits', () => {
    expect(column(0)).toBe('0.00')
    expect(column(1)).toBe('0.000001')
    expect(column(500_000)).toBe('0.50')
    expect(column(1_234_567_800_000)).toBe('1,234,567.80')
    expect(column(-3_000_000)).toBe('−3.00')
    expect(column(-1)).toBe('−0.000001')
    expect(column(9_007_199_254_740_991)).toBe('9,007,199,254.740991')
  })
  it('adds up without an error of floating point', () => {
    expect(column(sum([100_000, 200_000]))).toBe('0.30')
    expect(column(sum([9_007_199_254_740_991, 1, 1]))).toBe('9,007,199,254.740993')
  })
  it('rounds an estimate', () => {
    expect(about(9_178_571)).toBe('9.18')
    expect(about(53_571)).toBe('0.05')
  })
  it('leaves out the fraction where there is no room', () => {
    expect(wholeCredits(4_218_900_000)).toBe('4,218')
    expect(wholeCredits(-1_900_000)).toBe('−1')
  })
})
