import { describe, expect, it } from 'vitest'
import { differing, merged } from './merge'

describe('two people who edit the same settings', () => {
  const base: { name: string; zone: string; days: number[]; email?: string } = { name: 'A', zone: 'UTC', days: [1], email: 'a@b.c' }
  it('keeps what each of them changed', () => {
    const mine = { ...base, name: 'B' }
    const theirs = { ...base, days: [1, 2] }
    expect(merged(base, mine, theirs)).toEqual({ name: 'B', zone: 'UTC', days: [1, 2], email: 'a@b.c' })
  })
  it('keeps mine where both changed the same, and what I emptied empty', () => {
    const { email: _, ...mine } = { ...base, name: 'B' }
    expect(merged(base, mine, { ...base, name: 'C' })).toEqual({ name: 'B', zone: 'UTC', days: [1] })
  })
  it('names the fields that differ', () => {
    expect(differing(base, { ...base, days: [1] })).toEqual([])
    expect(differing(base, { ...base, days: [2], zone: 'Europe/Berlin' })).toEqual(['zone', 'days'])
  })
})
