import { describe, expect, it } from 'vitest'
import type { Message } from '../../lib/messages'
import { asText, headline, type Story, timeline } from './timeline'

const message: Message = {
  id: 'm1', channel: 'sms', kind: 'reminder', state: 'undelivered', attempts: 2, queued_at: '2026-11-28T10:00:00Z',
  changed_at: '2026-11-28T10:06:00Z', provider: 'beta', client: 'c1',
}

type Happening = NonNullable<Story['timeline']>[number]

const happened: [string, string, string, Partial<Happening>][] = [
  ['a0', 'Booked', 'Booked for Tue 1 Dec 2026, 10:00', { thread: 'cause', who: { kind: 'person', name: 'Mara Lindqvist' } }],
  ['e0', 'ReminderQueued', 'A reminder was queued as a text to US', { because: 1, gap_s: 120 }],
  ['e1', 'SmsAttempted', 'Handed to the provider: attempt 1 through alpha', { thread: 'attempt', attempt: 1 }],
  ['e2', 'SmsAttemptFailed', 'Not accepted', { thread: 'attempt', attempt: 1 }],
  ['e3', 'SmsAttempted', 'Handed to the provider: attempt 2 through beta', { thread: 'attempt', attempt: 2, because: 4, gap_s: 300 }],
  ['e4', 'SmsSent', 'Accepted: attempt 2 through beta', { thread: 'attempt', attempt: 2 }],
  ['e5', 'DeliveryReported', 'Not delivered', { thread: 'attempt', attempt: 2, gap_s: 60, who: { kind: 'provider' } }],
  ['', 'refund', '1 credit refunded', { thread: 'credits', because: 7 }],
  ['x0', 'ReminderQueued', 'A reminder was queued as an email', { thread: 'other', message: 'm2', because: 7 }],
  ['x1', 'MailSent', 'The mail server accepted the email', { thread: 'other', message: 'm2', because: 9 }],
]
const facts: Record<string, Record<string, unknown>> = {
  e1: { provider: 'alpha' }, e3: { provider: 'beta' }, e4: { provider_id: 'beta-1', network: '310-410' },
  e5: { counted: true, state: 'undelivered' },
}

function storyOf(changed: Record<string, Record<string, unknown>> = {}): Story {
  const known = { ...facts, ...changed }
  return {
    message, revision: 5,
    events: happened.filter(([id]) => id.startsWith('e')).map(([id, type], revision) => ({
      id, revision, position: '0'.repeat(32), type, occurred_at: '2026-11-28T10:00:00Z', recorded_at: '2026-11-28T10:00:00Z',
      facts: (known[id] ?? {}) as Story['events'][number]['facts'],
    })),
    timeline: happened.map(([id, type, what, more], n) => ({
      number: n + 1, type, what, at: `2026-11-28T10:0${n}:00Z`, who: { kind: 'program', name: 'dispatching' }, thread: 'main',
      ...(id ? { id } : {}), ...more,
    })),
  }
}

const when = (instant: string) => instant

describe('the timeline of a message', () => {
  const rows = timeline(storyOf(), when)
  it('has numbers, gaps, causes and names', () => {
    expect(rows.map((row) => row.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(rows.map((row) => row.gap).slice(0, 6)).toEqual(['', 'after 2 min', 'at once', 'at once', 'after 5 min', 'at once'])
    expect(rows[4]?.because).toBe(4)
    expect(rows[2]?.because).toBeUndefined()
    expect([rows[0]?.who, rows[1]?.who, rows[6]?.who]).toEqual(['Mara Lindqvist', 'The dispatcher', 'The provider'])
  })
  it('branches for another provider, an email and the credits', () => {
    expect(rows.map((row) => row.branch ?? '')).toEqual([
      '', '', '', '', 'provider', 'provider', 'provider', 'credits', 'other', 'other',
    ])
    expect(rows.map((row) => row.opens ?? '').filter(Boolean)).toEqual(['Another provider: Beta', 'An email instead'])
    expect(timeline(storyOf({ e3: { provider: 'alpha' } }), when)[4]).toMatchObject({ branch: 'retry', opens: 'Try 2' })
  })
  it('adds the facts of an audit, and shows trouble', () => {
    expect(rows[5]?.detail).toBe('its id at the provider beta-1, network 310-410')
    expect(rows.map((row) => row.tone)).toEqual([
      'plain', 'plain', 'plain', 'bad', 'plain', 'plain', 'bad', 'good', 'plain', 'good',
    ])
    expect(timeline(storyOf({ e5: { counted: false, state: 'undelivered' } }), when)[6]?.tone).toBe('plain')
  })
  it('has a headline', () => {
    const email: Message = { ...message, channel: 'email', state: 'sent' }
    expect(headline(message)).toBe('Not delivered by Beta')
    expect(headline(message, email)).toBe('Not delivered by Beta, an email went instead')
    expect(headline({ ...message, state: 'suppressed', reason: 'no_credit' })).toBe('Not sent: there were no credits left')
    expect(headline({ ...message, state: 'delivered', sent_at: '2026-11-28T10:05:50Z' })).toBe('Delivered by Beta in 10 s')
  })
  it('is copied as text', () => {
    const copied = asText('Not delivered by Beta', ['To +12125550101'], rows, 'UTC')
    expect(copied).toContain('Not delivered by Beta\nTo +12125550101\n\n#1  28 Nov 2026, 10:00:00  Booked for')
    expect(copied).toContain('    (Another provider: Beta)\n    #5  28 Nov 2026, 10:04:00  after 5 min  Handed')
    expect(copied).toContain('[The dispatcher]  because of #4\n')
  })
})
