// The history of one message as rows to read: what happened, when, by whom and because of what.
import type { components } from '../../api/schema'
import { capital, countryName, kindWords, type Message, providerName, reasonWords } from '../../lib/messages'
import { column } from '../../lib/money'
import { instantIn, lasting } from '../../lib/when'
import { refundReason, windowsOf } from '../credits/statement'

type Schemas = components['schemas']
export type Story = Schemas['MessageStory']
type StoryEvent = Schemas['StoryEvent']
export type Line = Schemas['CreditLine']

/** A branch is a part of the history that indents: another try, another provider, an email instead, the credits. */
export type Branch = 'retry' | 'provider' | 'email' | 'credits'

export interface Row {
  /** What other rows link to. */
  anchor: string
  /** "#3", "email #1" or "credits #17" */
  number: string
  at: string
  /** Since the row before; "" for the first. */
  gap: string
  what: string
  detail: string
  who: string
  because?: { anchor: string; number: string }
  branch?: Branch
  /** The name of the branch, in its first row. */
  opens?: string
  tone: 'plain' | 'good' | 'bad'
}

interface Draft extends Row {
  id: string
  cause: string | undefined
  recorded: string
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Returns the rows of a message, with those of the email that went instead and of its credits, in the order of time. */
export function timeline(story: Story, email: Story | undefined, lines: Line[], when: (instant: string) => string): Row[] {
  const drafts = [
    ...branched(story).map((draft, n) => ({ ...draft, ...said(story.events[n] as StoryEvent, when) })),
    ...(email?.events ?? []).map((event, n): Draft => ({
      ...draftOf(event, `email-${event.revision}`, `email #${event.revision}`), ...said(event, when), branch: 'email',
      ...(n === 0 ? { opens: 'An email instead' } : {}),
    })),
    ...booked(lines),
  ]
  const ordered = drafts
    .map((draft, n) => ({ draft, n }))
    .sort((a, b) => compare(sortable(a.draft.recorded), sortable(b.draft.recorded)) || a.n - b.n)
    .map(({ draft }) => draft)
  const known = new Map(drafts.map((draft) => [draft.id, draft]))
  return ordered.map(({ id: _id, cause, recorded: _recorded, ...row }, n) => {
    const because = cause === undefined ? undefined : known.get(cause)
    const before = ordered[n - 1]
    return {
      ...row,
      gap: before ? gap(before.recorded, ordered[n]?.recorded ?? '') : '',
      ...(because ? { because: { anchor: because.anchor, number: because.number } } : {}),
    }
  })
}

/** Returns an instant of the API with all its microseconds, so that texts sort as times. */
function sortable(instant: string): string {
  const [seconds = '', fraction = ''] = instant.replace('Z', '').split('.')
  return `${seconds}.${fraction.padEnd(6, '0')}`
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function gap(before: string, at: string): string {
  const milliseconds = Date.parse(at) - Date.parse(before)
  return milliseconds < 1000 ? 'at once' : `after ${lasting(milliseconds)}`
}

function draftOf(event: StoryEvent, anchor: string, shown: string): Draft {
  return {
    id: event.id, cause: event.cause, recorded: event.recorded_at, anchor, number: shown, at: event.occurred_at, gap: '',
    what: '', detail: '', who: who(event), tone: 'plain',
  }
}

/** Marks what belongs to a second or later attempt: a retry with the same provider, or another provider. */
function branched(story: Story): Draft[] {
  const branches = new Map<number, Branch>()
  let provider = ''
  return story.events.map((event) => {
    const draft = draftOf(event, `event-${event.revision}`, `#${event.revision}`)
    const attempt = number(event.facts.attempt)
    if (event.type === 'SmsAttempted' && attempt > 1) {
      const next = text(event.facts.provider)
      const branch = next === provider ? 'retry' : 'provider'
      branches.set(attempt, branch)
      draft.opens = branch === 'retry' ? `Try ${attempt}` : `Another provider: ${providerName(next)}`
    }
    if (event.type === 'SmsAttempted') provider = text(event.facts.provider)
    const branch = event.type === 'SmsFailed' ? undefined : branches.get(attempt)
    return branch ? { ...draft, branch } : draft
  })
}

type Said = Pick<Row, 'what' | 'detail' | 'tone'>

/** Says in words what an event is. */
function said(event: StoryEvent, when: (instant: string) => string): Said {
  const facts = event.facts
  const provider = providerName(text(facts.provider))
  const code = [text(facts.class), text(facts.code), text(facts.fault) && `fault of the ${text(facts.fault)}`]
  const plain = (what: string, ...detail: (string | false)[]): Said => ({
    what, detail: detail.filter(Boolean).join(', '), tone: 'plain',
  })
  const bad = (what: string, ...detail: (string | false)[]): Said => ({ ...plain(what, ...detail), tone: 'bad' })
  switch (event.type) {
    case 'ReminderQueued':
    case 'NoticeQueued': {
      const kind = event.type === 'ReminderQueued' ? 'Reminder' : kindWords(text(facts.kind))
      const segments = number(facts.segments)
      const price = segments * number(facts.unit_price_micro)
      return plain(
        `${kind} written and queued`,
        facts.channel === 'email' ? 'by email' : 'by text',
        text(facts.country) && countryName(text(facts.country)),
        segments > 0 && `${segments} ${segments === 1 ? 'segment' : 'segments'}`,
        price > 0 && `price ${column(price)} credits`,
        text(facts.useful_until) && `not sent after ${when(text(facts.useful_until))}`,
      )
    }
    case 'MessageSuppressed':
      return bad('Not sent', reasonWords(text(facts.reason)))
    case 'MessageDeferred':
      return plain('Waits for the end of quiet hours', `until ${when(text(facts.until))}`)
    case 'MessageReplaced':
      return plain('An email goes instead')
    case 'SmsAttempted':
      return plain(
        `Handed to ${provider}`, `attempt ${number(facts.attempt)}`, text(facts.sender) && `from ${text(facts.sender)}`,
        facts.possible_duplicate === true && 'the client may get it twice, because an earlier attempt may have been accepted',
      )
    case 'SmsSent':
      return plain(
        `${provider} accepted it`, text(facts.provider_id) && `its id there: ${text(facts.provider_id)}`,
        text(facts.network) && `network ${text(facts.network)}`,
      )
    case 'SmsAttemptFailed':
      return bad(`${provider} did not accept it`, ...code)
    case 'SmsFailed':
      return bad('Finally failed', ...code)
    case 'DeliveryReported': {
      const state = text(facts.state)
      const words: Record<string, string> = {
        delivered: 'delivered', undelivered: 'not delivered', expired: 'not delivered in time', unknown: 'outcome not known yet',
      }
      return {
        ...plain(
          `${provider} reported: ${words[state] ?? state}`, text(facts.code), text(facts.fault) && `fault of the ${text(facts.fault)}`,
          text(facts.network) && `network ${text(facts.network)}`,
          facts.counted !== true && 'kept for the record, it changed nothing',
        ),
        tone: facts.counted !== true ? 'plain' : state === 'delivered' ? 'good' : state === 'unknown' ? 'plain' : 'bad',
      }
    }
    case 'MailSent':
      return { ...plain('The mail server took the email'), tone: 'good' }
    case 'MailDelayed':
      return plain('The mail server put the email off', text(facts.code), `until ${when(text(facts.until))}`)
    case 'MailFailed':
      return bad('The email finally failed', reasonWords(text(facts.code)))
    case 'MailBounced':
      return bad('The email came back', text(facts.code), facts.permanent === true && 'the address takes no email')
    case 'ContactedManually':
      return {
        ...plain('Somebody contacted the client', facts.by === 'link' ? 'said by the link in an email' : 'said on the call sheet'),
        tone: 'good',
      }
    case 'ReplyReceived':
      return plain('The client replied', text(facts.text))
    default:
      return plain(event.type.replace(/(?<=[a-z])[A-Z]/g, (letter) => ' ' + letter.toLowerCase()))
  }
}

const parts: Record<string, string> = {
  reminding: 'The reminder rules', dispatching: 'The dispatcher', retrying: 'The dispatcher, trying again',
  resending: 'The dispatcher, after a failure', 'falling back': 'The dispatcher, by email instead', mailing: 'The mailer',
  receipts: 'A receipt of the provider', replies: 'The client', 'call-sheet': 'The link in an email', agenda: 'The agenda',
  noticing: 'The notices',
}

function who(event: StoryEvent): string {
  const actor = event.actor ?? ''
  if (actor.startsWith('key:')) return `API key ${actor.slice(4)}`
  return parts[actor] ?? (actor ? capital(actor) : 'ClickBook')
}

const lineWords: Record<string, string> = {
  hold: 'set aside', release: 'set free again', capture: 'charged', refund: 'refunded', reversal: 'taken back from the refund',
}
const remarks: Record<string, string> = {
  hold_waived: 'No credits set aside: a refund window covers it',
  hold_refused: 'Not enough credits for it',
  charge_waived: 'Not charged: a refund window covers it',
  absorbed: 'Nobody pays for it',
  manual_refund: 'A refund by hand',
  non_delivery: 'A refund is due: it was not delivered',
  goodwill: 'The refund stays as goodwill',
}

/** Returns a row for each transaction of the credits. A transaction may have several lines. */
function booked(lines: Line[]): Draft[] {
  const drafts = new Map<string, Draft & { amount: bigint; kind: string }>()
  for (const line of [...lines].reverse()) {
    const id = line.tx || `${line.entry}-${line.kind}`
    const found = drafts.get(id)
    if (found) {
      found.amount += BigInt(line.amount_micro)
      found.what = `${column(found.amount)} credits ${lineWords[found.kind] ?? found.kind}`
      continue
    }
    const amount = BigInt(line.amount_micro)
    drafts.set(id, {
      id, cause: line.cause, recorded: line.recorded_at, anchor: `credits-${line.entry}`, number: `credits #${line.entry}`,
      at: line.recorded_at, gap: '', amount, kind: line.kind,
      what: remarks[line.kind] ?? `${column(amount)} credits ${lineWords[line.kind] ?? line.kind}`,
      detail: windowsOf(line).length ? 'by a refund window' : reasonWords(refundReason(line)),
      who: 'The ledger', branch: 'credits', tone: line.kind === 'refund' ? 'good' : 'plain',
    })
  }
  return [...drafts.values()].map(({ amount: _amount, kind: _kind, ...draft }) => draft)
}

/** Says in one line what became of a message. */
export function headline(message: Message, email?: Message): string {
  const by = message.provider ? ` by ${providerName(message.provider)}` : ''
  const instead = email ? (email.state === 'sent' || email.state === 'delivered' ? ', an email went instead' : '') : ''
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
      return `Not delivered${by}${instead}`
    case 'expired':
      return `Not delivered in time${by}${instead}`
    case 'failed':
      return message.channel === 'email' ? 'The email did not arrive' : `Failed: no provider delivered it${instead}`
    case 'suppressed':
      return `Not sent: ${reasonWords(message.reason)}${instead}`
  }
}

/** Returns the history as text, to paste into a letter or a ticket. */
export function asText(title: string, about: string[], rows: Row[], zone: string): string {
  const indent = (row: Row) => (row.branch ? '    ' : '')
  const lines = rows.flatMap((row) => [
    ...(row.opens ? [`${indent(row)}(${row.opens})`] : []),
    `${indent(row)}${row.number}  ${instantIn(row.at, zone, 'en-GB', true)}${row.gap ? `  ${row.gap}` : ''}  ${row.what}` +
      `${row.detail ? ` (${row.detail})` : ''}  [${row.who}]${row.because ? `  because of ${row.because.number}` : ''}`,
  ])
  return [title, ...about, '', ...lines, `Times are of ${zone}.`, ''].join('\n')
}
