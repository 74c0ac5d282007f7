// Words for what becomes of messages. The codes are those of the API.
import type { components } from '../api/schema'

type Schemas = components['schemas']
export type Message = Schemas['Message']
export type Call = Schemas['Call']
export type MessageState = Schemas['MessageState']

const kinds: Record<Schemas['MessageKind'], string> = {
  reminder: 'Reminder',
  confirmation: 'Booking notice',
  move: 'Move notice',
  cancellation: 'Cancellation notice',
  approval: 'Approval notice',
  decline: 'Decline notice',
  agenda: 'Agenda',
  alert: 'Alert',
  notice: 'Notice',
  opt_out: 'Opt-out reply',
  answer: 'Reply',
  reply: 'Reply',
}

/** "Reminder" */
export function kindWords(kind: string): string {
  return (kinds as Record<string, string>)[kind] ?? capital(kind)
}

export const states: MessageState[] = [
  'queued', 'attempted', 'sent', 'delivered', 'undelivered', 'expired', 'failed', 'suppressed',
]

/** "Delivered" */
export function stateWords(state: MessageState, channel: Schemas['Channel'] = 'sms'): string {
  const words: Record<MessageState, string> = {
    queued: 'Waiting to send',
    attempted: 'Being sent',
    sent: channel === 'email' ? 'Sent' : 'Sent, no receipt yet',
    delivered: 'Delivered',
    undelivered: 'Not delivered',
    expired: 'Not delivered in time',
    failed: 'Failed',
    suppressed: 'Not sent',
  }
  return words[state]
}

/** Says how a state looks: by an icon and, for trouble, by colour. */
export function stateMark(state: MessageState): 'delivered' | 'sent' | 'waiting' | 'failed' | 'close' {
  switch (state) {
    case 'delivered':
    case 'sent':
      return state
    case 'queued':
    case 'attempted':
      return 'waiting'
    case 'suppressed':
      return 'close'
    default:
      return 'failed'
  }
}

const reasons: Record<string, string> = {
  booked_late: 'it was booked too late for this reminder',
  cancelled: 'the appointment was cancelled',
  moved: 'the appointment was moved',
  opted_out: 'the client opted out of texts',
  no_address: 'the client has no number or address for it',
  erased: 'the client was erased',
  no_credit: 'there were no credits left',
  too_late: 'it was too late to be of use',
  account_closed: 'the account was closed',
  rule_removed: 'its reminder rule was removed',
  letter_refused: 'the text could not be written from the template',
  quiet_hours: 'quiet hours would have ended too late',
  same_minute: 'another message about the appointment went in the same minute',
  reinstated: 'the cancellation was taken back',
  no_appointment: 'there was no appointment',
  country_not_allowed: 'texts to this country are not allowed',
  number_limit: 'the number got too many texts',
  daily_limit: 'the limit of texts a day was reached',
  landline: 'the number is a landline',
  premium_rate: 'the number is a premium-rate number',
  shared_cost: 'the number is a shared-cost number',
  toll_free: 'the number is toll-free',
  company_number: 'the number is a company number',
  personal_number: 'the number is a forwarding number',
  pager: 'the number is a pager',
  voicemail: 'the number is a voicemail box',
  satellite: 'the number is a satellite phone',
  unreachable: 'the mail server could not be reached',
  invalid_address: 'the address is not valid',
}

/** Says why, as the end of a sentence. A code of a provider or mail server stays as it is, after its class. */
export function reasonWords(reason: string | undefined): string {
  if (!reason) return ''
  const [, kind = '', code = reason] = /^(permanent|transient|provider|unknown): (.+)$/.exec(reason) ?? []
  return reasons[reason] ?? `${kind ? 'not accepted, ' : ''}code ${code}`
}

/** Says in one line why a client has to be called. */
export function callWords(call: Call): string {
  const kind = kindWords(call.kind)
  const by = call.provider ? ` by ${providerName(call.provider)}` : ''
  switch (call.state) {
    case 'failed':
      if (call.channel === 'email') return `${kind}: the email could not be sent`
      return `${kind}: no provider accepted the text`
    case 'undelivered':
      return `${kind}: the text was not delivered${by}`
    case 'expired':
      return `${kind}: the text was not delivered in time${by}`
    case 'no_receipt':
      return `${kind}: sent${by} in an outage, nothing heard since`
    case 'suppressed':
      return `${kind}: not sent, ${reasonWords(call.reason)}`
    case 'bounced':
      return `${kind}: the email came back`
  }
}

/** Says what became of the email in place of a text. */
export function insteadWords(instead: Schemas['InsteadState']): string {
  switch (instead) {
    case 'queued':
      return 'An email is about to go instead'
    case 'sent':
      return 'An email went instead'
    case 'failed':
      return 'The email instead failed too'
    case 'bounced':
      return 'The email instead came back'
    case 'suppressed':
      return 'No email went instead'
  }
}

/** "Alpha" for the provider `alpha`. */
export function providerName(provider: string): string {
  return provider.split('-').map(capital).join(' ')
}

const regions = new Intl.DisplayNames('en', { type: 'region' })

/** "Brazil" for BR. 001 is for numbers without a country, such as satellite phones. */
export function countryName(country: string): string {
  if (country === '' || country === 'ZZ') return 'Unknown country'
  if (country === '001') return 'No country'
  return regions.of(country) ?? country
}

export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ')
}

/** "1 message", "2 messages" */
export function count(n: number, one: string, many = one + 's'): string {
  return `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`
}
