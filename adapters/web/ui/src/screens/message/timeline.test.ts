import { describe, expect, it } from 'vitest'
import type { Message } from '../../lib/messages'
import { asText, headline, type Line, type Story, timeline } from './timeline'

const message: Message = {
  id: 'm1', channel: 'sms', kind: 'reminder', state: 'undelivered', attempts: 2, queued_at: '2026-11-28T10:00:00Z',
  changed_at: '2026-11-28T10:06:00Z', provider: 'beta', client: 'c1',
}

function event(revision: number, type: string, time: string, facts: Record<string, unknown>, cause?: string) {
  return {
    id: `e${revision}`, revision, position: '0'.repeat(32), type, occurred_at: `2026-11-28T${time}Z`,
    recorded_at: `2026-11-28T${time}Z`, actor: 'dispatching', channel: 'policy',
    facts: facts as Story['events'][number]['facts'], ...(cause ? { cause } : {}),
  }
}

const story: Story = {
  message, revision: 5,
  events: [
    event(0, 'ReminderQueued', '10:00:00', { channel: 'sms', country: 'US', segments: 2, unit_price_micro: 500_000 }),
    event(1, 'SmsAttempted', '10:00:00.2', { attempt: 1, provider: 'alpha' }),
    event(2, 'SmsAttemptFailed', '10:00:01', { attempt: 1, provider: 'alpha', class: 'transient', code: 'queue_full' }),
    event(3, 'SmsAttempted', '10:05:00', { attempt: 2, provider: 'beta', possible_duplicate: true }, 'e2'),
    event(4, 'SmsSent', '10:05:01', { attempt: 2, provider: 'beta', provider_id: 'beta-1' }),
    event(5, 'DeliveryReported', '10:06:00', { attempt: 2, provider: 'beta', state: 'undelivered', counted: true }),
  ],
}
const lines: Line[] = [
  { entry: 9, kind: 'refund', tx: 'refund|m1|1', amount_micro: 700_000, message: 'm1', cause: 'e5', effective_at: '2026-11-28T10:05:01Z', recorded_at: '2026-11-28T10:06:00.5Z' },
  { entry: 9, kind: 'refund', tx: 'refund|m1|1', amount_micro: 300_000, message: 'm1', cause: 'e5', effective_at: '2026-11-28T10:05:01Z', recorded_at: '2026-11-28T10:06:00.5Z' },
]
const email: Story = {
  message: { ...message, id: 'm2', channel: 'email', state: 'sent' }, revision: 0,
  events: [{ ...event(0, 'ReminderQueued', '10:07:00', { channel: 'email' }, 'e5'), id: 'x0' }],
}
const when = (instant: string) => instant

describe('the timeline of a message', () => {
  const rows = timeline(story, email, lines, when)
  it('has a row for each event, with its number, its gap and its cause', () => {
    expect(rows.map((row) => row.number)).toEqual(['#0', '#1', '#2', '#3', '#4', '#5', 'credits #9', 'email #0'])
    expect(rows.map((row) => row.gap)).toEqual(['', 'at once', 'at once', 'after 5 min', 'after 1 s', 'after 59 s', 'at once', 'after 1 min'])
    expect(rows[3]?.because).toEqual({ anchor: 'event-2', number: '#2' })
    expect(rows[6]?.because).toEqual({ anchor: 'event-5', number: '#5' })
    expect(rows[7]?.because).toEqual({ anchor: 'event-5', number: '#5' })
    expect(rows[1]?.because).toBeUndefined()
  })
  it('branches for another provider, an email and the credits', () => {
    expect(rows.map((row) => row.branch)).toEqual([
      undefined, undefined, undefined, 'provider', 'provider', 'provider', 'credits', 'email',
    ])
    expect(rows[3]?.opens).toBe('Another provider: Beta')
    expect(rows[7]?.opens).toBe('An email instead')
    const again = timeline(
      { ...story, events: story.events.map((one, n) => event(n, one.type, '10:00:00', { ...one.facts, provider: 'alpha' })) }, undefined, [], when,
    )
    expect(again[3]).toMatchObject({ branch: 'retry', opens: 'Try 2' })
  })
  it('says what happened in words', () => {
    expect(rows[0]?.detail).toBe('by text, United States, 2 segments, price 1.00 credits')
    expect(rows[2]).toMatchObject({ what: 'Alpha did not accept it', detail: 'transient, queue_full', tone: 'bad' })
    expect(rows[5]).toMatchObject({ what: 'Beta reported: not delivered', tone: 'bad' })
    expect(rows[6]).toMatchObject({ what: '1.00 credits refunded', tone: 'good' })
  })
  it('reads a type of event that it does not know', () => {
    const unknown = timeline({ ...story, events: [event(0, 'MessageWasFramed', '10:00:00', {})] }, undefined, [], when)
    expect(unknown[0]?.what).toBe('Message was framed')
  })
  it('has a headline', () => {
    expect(headline(message)).toBe('Not delivered by Beta')
    expect(headline(message, email.message)).toBe('Not delivered by Beta, an email went instead')
    expect(headline({ ...message, state: 'suppressed', reason: 'no_credit' })).toBe('Not sent: there were no credits left')
    expect(headline({ ...message, state: 'delivered', sent_at: '2026-11-28T10:05:50Z' })).toBe('Delivered by Beta in 10 s')
  })
  it('is copied as text', () => {
    const copied = asText('Not delivered by Beta', ['To +12125550101'], rows, 'UTC')
    expect(copied).toContain('Not delivered by Beta\nTo +12125550101\n\n#0  28 Nov 2026, 10:00:00  Reminder written and queued')
    expect(copied).toContain('    (Another provider: Beta)\n    #3  28 Nov 2026, 10:05:00  after 5 min  Handed to Beta')
    expect(copied).toContain('[The dispatcher]  because of #2')
  })
})
