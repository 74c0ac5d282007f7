// The history of one message as rows to read. The server says what happened, in its order and with its causes; here it
// gets its branches, and the facts that an audit needs.
import type { components } from '../../api/schema'
import { capital, type Message, providerName, reasonWords } from '../../lib/messages'
import { instantIn, lasting } from '../../lib/when'

type Schemas = components['schemas']
export type Story = Schemas['MessageStory']
type StoryEvent = Schemas['StoryEvent']

/** A branch is a part of the history that indents: another try, another provider, an email instead, the credits. */
export type Branch = 'retry' | 'provider' | 'other' | 'credits'

export interface Row {
  /** What other rows link to. */
  anchor: string
  number: number
  at: string
  /** Since the row before; "" for the first. */
  gap: string
  what: string
  detail: string
  who: string
  because?: number
  branch?: Branch
  /** The name of the branch, in its first row. */
  opens?: string
  tone: 'plain' | 'good' | 'bad'
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export const anchorOf = (number: number): string => `event-${number}`

/** Returns the rows of a message, in the order of time. */
export function timeline(story: Story, when: (instant: string) => string): Row[] {
  const events = new Map(story.events.map((event) => [event.id, event]))
  const branches = new Map<number, Branch>() // of attempts
  const opened = new Set<string>()
  let provider = ''
  return (story.timeline ?? []).map((one, n) => {
    const event = events.get(one.id ?? '')
    const row: Row = {
      anchor: anchorOf(one.number), number: one.number, at: one.at, what: one.what, who: whoWords(one.who),
      gap: n === 0 ? '' : one.gap_s ? `after ${lasting(one.gap_s * 1000)}` : 'at once',
      detail: event ? detailOf(event, when) : '', tone: toneOf(one, event),
      ...(one.because ? { because: one.because } : {}),
    }
    const attempt = one.attempt ?? 0
    if (event?.type === 'SmsAttempted') {
      const next = text(event.facts.provider)
      if (attempt > 1) {
        const branch = next === provider ? 'retry' : 'provider'
        branches.set(attempt, branch)
        row.opens = branch === 'retry' ? `Try ${attempt}` : `Another provider: ${providerName(next)}`
      }
      provider = next
    }
    const branch = one.thread === 'attempt' ? branches.get(attempt) : one.thread === 'credits' || one.thread === 'other' ? one.thread : undefined
    if (branch) row.branch = branch
    const name = one.thread === 'other' ? (story.message.channel === 'sms' ? 'An email instead' : 'The text that it replaces') : ''
    if (name && !opened.has(name)) {
      opened.add(name)
      row.opens = name
    }
    return row
  })
}

/** The facts of an event that its sentence leaves out. */
function detailOf(event: StoryEvent, when: (instant: string) => string): string {
  const { facts } = event
  const labelled = (label: string, value: string) => value && `${label} ${value}`
  return [
    labelled('not sent after', text(facts.useful_until) && when(text(facts.useful_until))),
    labelled('from', text(facts.sender)),
    labelled('its id at the provider', text(facts.provider_id)),
    labelled('network', text(facts.network)),
    facts.by === 'link' ? 'said by the link in an email' : '',
  ]
    .filter(Boolean)
    .join(', ')
}

function toneOf(one: Schemas['Happening'], event: StoryEvent | undefined): Row['tone'] {
  switch (one.type) {
    case 'MessageSuppressed':
    case 'SmsAttemptFailed':
    case 'SmsFailed':
    case 'MailFailed':
    case 'MailBounced':
      return 'bad'
    case 'MailSent':
    case 'ContactedManually':
    case 'refund':
      return 'good'
    case 'DeliveryReported': {
      if (event?.facts.counted !== true) return 'plain'
      const state = text(event.facts.state)
      return state === 'delivered' ? 'good' : state === 'unknown' ? 'plain' : 'bad'
    }
    default:
      return 'plain'
  }
}

const programs: Record<string, string> = {
  reminding: 'The reminder rules', noticing: 'The notices', dispatching: 'The dispatcher', retrying: 'The dispatcher, trying again',
  resending: 'The dispatcher, after a failure', 'falling back': 'The dispatcher, by email instead', mailing: 'The mailer',
  books: 'The ledger', demo: 'The demo',
}

function whoWords(who: Schemas['Who']): string {
  const name = who.name ?? ''
  switch (who.kind) {
    case 'person':
      return name || 'Somebody who has left'
    case 'key':
      return `API key ${name}`
    case 'client':
      return 'The client'
    case 'visitor':
      return 'A visitor'
    case 'provider':
      return 'The provider'
    case 'import':
      return 'An import'
    case 'program':
      return programs[name] ?? (name ? capital(name) : 'ClickBook')
  }
}

/** Says in one line what became of a message. */
export function headline(message: Message, instead?: Message): string {
  const by = message.provider ? ` by ${providerName(message.provider)}` : ''
  const went = instead?.state === 'sent' || instead?.state === 'delivered' ? ', an email went instead' : ''
  switch (message.state) {
    case 'queued':
      return 'Waiting to be sent'
    case 'attempted':
      return `Being sent${by}`
    case 'sent':
      return message.channel === 'email' ? 'Email sent' : `Sent${by}, no receipt yet`
    case 'delivered': {
      const took = message.sent_at ? Date.parse(message.changed_at) - Date.parse(message.sent_at) : -1
      return `Delivered${by}${took >= 1000 ? ` in ${lasting(took)}` : ''}`
    }
    case 'undelivered':
      return `Not delivered${by}${went}`
    case 'expired':
      return `Not delivered in time${by}${went}`
    case 'failed':
      return message.channel === 'email' ? 'The email did not arrive' : `Failed: no provider delivered it${went}`
    case 'suppressed':
      return `Not sent: ${reasonWords(message.reason)}${went}`
  }
}

/** Returns the history as text, to paste into a letter or a ticket. */
export function asText(title: string, about: string[], rows: Row[], zone: string): string {
  const indent = (row: Row) => (row.branch ? '    ' : '')
  const lines = rows.flatMap((row) => [
    ...(row.opens ? [`${indent(row)}(${row.opens})`] : []),
    `${indent(row)}#${row.number}  ${instantIn(row.at, zone, 'en-GB', true)}${row.gap ? `  ${row.gap}` : ''}  ${row.what}` +
      `${row.detail ? ` (${row.detail})` : ''}  [${row.who}]${row.because ? `  because of #${row.because}` : ''}`,
  ])
  return [title, ...about, '', ...lines, `Times are of ${zone}.`, ''].join('\n')
}
