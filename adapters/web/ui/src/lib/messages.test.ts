import { describe, expect, it } from 'vitest'
import { type Call, callWords, count, countryName, insteadWords, providerName, reasonWords, stateWords } from './messages'

const call: Call = {
  appointment: 'a', local: '2026-12-15T10:00:00', zone: 'UTC', start: '2026-12-15T10:00:00Z', client: 'c', service: 's',
  message: 'm', kind: 'reminder', channel: 'sms', state: 'undelivered', since: '2026-12-14T10:00:00Z', provider: 'alpha',
}

describe('words of messages', () => {
  it('say why a client has to be called', () => {
    expect(callWords(call)).toBe('Reminder: the text was not delivered by Alpha')
    expect(callWords({ ...call, state: 'suppressed', reason: 'no_credit' })).toBe(
      'Reminder: not sent, there were no credits left',
    )
    expect(callWords({ ...call, kind: 'cancellation', channel: 'email', state: 'failed' })).toBe(
      'Cancellation notice: the email could not be sent',
    )
    expect(insteadWords('bounced')).toBe('The email instead came back')
  })
  it('keep a code that they do not know', () => {
    expect(reasonWords('undelivered: 30008')).toBe('code undelivered: 30008')
    expect(reasonWords('permanent: bad_number')).toBe('not accepted, code bad_number')
    expect(reasonWords('550 5.1.1')).toBe('code 550 5.1.1')
    expect(reasonWords(undefined)).toBe('')
  })
  it('name providers, countries and states', () => {
    expect(providerName('north-wire')).toBe('North Wire')
    expect(countryName('BR')).toBe('Brazil')
    expect(countryName('001')).toBe('No country')
    expect(countryName('')).toBe('Unknown country')
    expect(stateWords('sent')).toBe('Sent, no receipt yet')
    expect(stateWords('sent', 'email')).toBe('Sent')
  })
  it('count', () => {
    expect(count(1, 'message')).toBe('1 message')
    expect(count(1200, 'person', 'people')).toBe('1,200 people')
  })
})
