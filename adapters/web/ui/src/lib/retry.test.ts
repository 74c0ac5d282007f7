import { expect, it } from 'vitest'
import { Unreachable } from '../api/client'
import { RetryKey } from './retry'

it('keeps the key of a write only while nobody knows whether it was done', () => {
  const retry = new RetryKey()
  const first = retry.of({ to: 'ten' })
  retry.settle(new Unreachable())
  expect(retry.of({ to: 'ten' })).toBe(first)
  retry.settle(new Unreachable())
  expect(retry.of({ to: 'eleven' }), 'another write').not.toBe(first)
  const second = retry.of({ to: 'eleven' })
  retry.settle(new Error('refused'))
  const third = retry.of({ to: 'eleven' })
  expect(third, 'after a refusal').not.toBe(second)
  retry.settle()
  expect(retry.of({ to: 'eleven' }), 'after it was done').not.toBe(third)
})
