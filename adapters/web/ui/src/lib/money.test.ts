import { describe, expect, it } from 'vitest'
import { credits, microCredits } from './money'

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
})
