// The statement of a month, made from the lines of the ledger.
import type { components } from '../../api/schema'
import { sum } from '../../lib/money'
import { nowIn } from '../../lib/when'

export type Line = components['schemas']['CreditLine']

const own = new Set(['paid', 'granted', 'held:paid', 'held:granted'])

/** What a line adds to what the account owns, in micro-credits. Setting credits aside changes nothing. */
export function change(line: Line): bigint {
  const into = own.has(line.to ?? '')
  const out = own.has(line.from ?? '')
  if (into === out) return 0n
  return into ? BigInt(line.amount_micro) : -BigInt(line.amount_micro)
}

const windowReason = 'window:'

/** The refund windows that a line is due to. */
export function windowsOf(line: Line): string[] {
  if (line.reason?.startsWith(windowReason)) return [line.reason.slice(windowReason.length)]
  return line.windows ?? []
}

/** Says why something was refunded, as the end of a sentence; "" if windows say it. */
export function refundReason(line: Line): string {
  const reason = line.reason ?? ''
  const words: Record<string, string> = {
    dlr: 'reported as not delivered', manual: 'promised by a person', goodwill: 'kept as goodwill',
  }
  return reason.startsWith(windowReason) ? '' : (words[reason] ?? reason)
}

/** Entry is a row of a statement: the lines of a day that are of one kind and one reason. */
export interface Entry {
  id: string
  day: string
  kind: string
  /** The refund window that it is due to. */
  window: string
  lines: Line[]
  amount: bigint
  /** What the account owned after it. */
  balance: bigint
  /** How many messages it is about. */
  messages: number
}

/** Returns the local day on which a line was recorded. */
export const dayOf = (line: Line, zone: string): string => nowIn(zone, Date.parse(line.recorded_at)).date

/**
 * Returns the entries of lines, which come newest first as the API has them, newest first. `closing` is what the account
 * owned after the newest.
 */
export function statement(lines: Line[], closing: bigint, zone: string): Entry[] {
  const found = new Map<string, Entry>()
  for (const line of lines) {
    const amount = change(line)
    if (amount === 0n) continue
    const day = dayOf(line, zone)
    const window = windowsOf(line)[0] ?? ''
    // Purchases and grants are few, and each has its own row. Charges and refunds are many.
    const alone = line.kind === 'purchase' || line.kind === 'grant' || line.kind === 'expire'
    const id = alone ? `${day} ${line.tx ?? ''} ${line.entry}` : `${day} ${line.kind} ${window || (line.reason ?? '')}`
    const entry = found.get(id) ?? { id, day, kind: line.kind, window, lines: [], amount: 0n, balance: 0n, messages: 0 }
    entry.lines.push(line)
    entry.amount += amount
    found.set(id, entry)
  }
  let balance = closing
  const entries = [...found.values()]
  for (const entry of entries) {
    entry.messages = new Set(entry.lines.map((line) => line.message).filter(Boolean)).size
    entry.balance = balance
    balance -= entry.amount
  }
  return entries
}

/** What came in and went out. */
export function turnover(entries: Entry[]): { income: bigint; spent: bigint } {
  return {
    income: sum(entries.map((entry) => (entry.amount > 0n ? entry.amount : 0n))),
    spent: sum(entries.map((entry) => (entry.amount < 0n ? -entry.amount : 0n))),
  }
}

/** Step is one thing that the ledger did about a message, with what it makes of the message's charge and refunds. */
export interface Step {
  id: string
  kind: string
  lines: Line[]
  amount: bigint
  /** Of a refund: E, what is to be refunded in all, and R, what was refunded before. The refund is E − R. */
  due: bigint
  before: bigint
}

/** Returns the steps of one message, the oldest first, and what it cost in the end. */
export function steps(lines: Line[]): { steps: Step[]; charged: bigint; refunded: bigint } {
  const found: Step[] = []
  let charged = 0n
  let refunded = 0n
  for (const line of [...lines].reverse()) {
    const id = line.tx || `${line.entry} ${line.kind}`
    const last = found[found.length - 1]
    const amount = BigInt(line.amount_micro)
    const step = last?.id === id ? last : { id, kind: line.kind, lines: [], amount: 0n, due: 0n, before: refunded }
    if (step !== last) found.push(step)
    step.lines.push(line)
    step.amount += amount
    if (line.kind === 'capture') charged += amount
    if (line.kind === 'refund') refunded += amount
    if (line.kind === 'reversal') refunded -= amount
    step.due = refunded
  }
  return { steps: found, charged, refunded }
}
