// What the screens of the calendar share: where a visit is on its day, how it looks, and who is where. Only functions.
import type { components } from '../api/schema'
import { all, api, ask } from '../api/client'
import { addDays, clock, minutes } from './when'

export type Visit = components['schemas']['CalendarEntry']
export type Resource = components['schemas']['Resource']
export type Service = components['schemas']['Service']
export type Call = components['schemas']['Call']

/** Span is a part of a day, in minutes since midnight. */
export interface Span {
  from: number
  to: number
}

/** The span of a visit on its day. It may end after midnight. */
export function spanOf(visit: Pick<Visit, 'local' | 'start' | 'end'>): Span {
  const from = minutes(visit.local)
  return { from, to: from + Math.round((Date.parse(visit.end) - Date.parse(visit.start)) / 60_000) }
}

export const dateOf = (local: string): string => local.slice(0, 10)
export const overlap = (a: Span, b: Span): boolean => a.from < b.to && b.from < a.to

/** Placed is something with its lane beside others of the same time. */
export type Placed<T> = { item: T; lane: number; lanes: number } & Span

/** Puts things of the same time side by side, in the order of their starts. */
export function place<T>(items: readonly T[], span: (item: T) => Span): Placed<T>[] {
  const sorted = items
    .map((item) => ({ item, ...span(item), lane: 0, lanes: 1 }))
    .sort((a, b) => a.from - b.from || b.to - a.to)
  let group: Placed<T>[] = []
  let end = -1
  const close = () => {
    const lanes = Math.max(...group.map((one) => one.lane)) + 1
    for (const one of group) one.lanes = lanes
  }
  for (const one of sorted) {
    if (one.from >= end && group.length) {
      close()
      group = []
    }
    const taken = new Set(group.filter((other) => overlap(other, one)).map((other) => other.lane))
    while (taken.has(one.lane)) one.lane++
    group.push(one)
    end = Math.max(one.from >= end ? 0 : end, one.to)
  }
  if (group.length) close()
  return sorted
}

/** Returns what is left of a span without some parts of it. The parts are sorted and apart. */
export function rest(whole: Span, parts: readonly Span[]): Span[] {
  const left: Span[] = []
  let from = whole.from
  for (const part of parts) {
    if (part.to <= from || part.from >= whole.to) continue
    if (part.from > from) left.push({ from, to: part.from })
    from = part.to
  }
  if (from < whole.to) left.push({ from, to: whole.to })
  return left
}

/** Returns the whole hours that show every span; 8 to 18 if there is none. */
export function hoursAround(spans: readonly Span[]): Span {
  if (spans.length === 0) return { from: 480, to: 1080 }
  const from = Math.min(...spans.map((one) => one.from))
  const to = Math.max(...spans.map((one) => one.to))
  return { from: Math.floor(from / 60) * 60, to: Math.ceil(to / 60) * 60 }
}

const smallestTarget = 24 // pixels, WCAG 2.5.8

/** Returns the pixels of a minute: the day fits the room if it can, and the shortest visit can always be pressed. */
export function scale(room: number, day: Span, spans: readonly Span[]): number {
  const shortest = Math.min(60, ...spans.map((one) => Math.max(5, one.to - one.from)))
  return Math.max(room / (day.to - day.from), smallestTarget / shortest)
}

/** Returns up to two initials, which keep names off a screen that others see. */
export function initials(name: string | undefined): string {
  const words = (name ?? '').split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const first = (word: string | undefined) => /[\p{L}\p{N}]/u.exec(word ?? '')?.[0] ?? ''
  const last = words.length > 1 ? first(words.at(-1)) : ''
  return (first(words[0]) + last).toUpperCase() || '?'
}

export const nameOf = (visit: { client_name?: string }): string => visit.client_name || 'Erased client'

/** Tone is how a card looks. Red is only what failed and is still to come. */
export type Tone = 'normal' | 'past' | 'here' | 'absent' | 'pending' | 'trouble'

export function toneOf(visit: Visit, past: boolean): Tone {
  if (visit.status === 'noshow') return 'absent'
  if (visit.status === 'arrived') return 'here'
  if (visit.message?.to_call && !past) return 'trouble'
  if (visit.status === 'fulfilled' || past) return 'past'
  return visit.status === 'pending' ? 'pending' : 'normal'
}

/** The words for a status, which follow the service on a card. */
export function statusWords(visit: Pick<Visit, 'status' | 'confirmed'>): string {
  switch (visit.status) {
    case 'pending': return 'to approve'
    case 'arrived': return 'here'
    case 'fulfilled': return 'done'
    case 'noshow': return 'no-show'
    case 'cancelled': return 'cancelled'
    case 'entered-in-error': return 'abandoned'
    default: return visit.confirmed ? 'confirmed' : ''
  }
}

/** The people, or everything that can be booked where there are no people. */
export function columnsOf(resources: readonly Resource[], others = false): Resource[] {
  const kept = resources.filter((one) => (one.profile.kind === 'staff') !== others)
  return kept.length ? kept : [...resources]
}

/** Reports whether a visit is over at a time on the clock of the account. */
export function isOver(date: string, span: Span, now: { date: string; minute: number }): boolean {
  return date < now.date || (date === now.date && span.to <= now.minute)
}

/** "2026-12-01T09:30" */
export const localAt = (date: string, minute: number): string =>
  `${minute >= 1440 ? addDays(date, Math.floor(minute / 1440)) : date}T${clock(minute)}`

/**
 * Reads the visits of some days, one request a day at the same time. Cancelled ones are left out. `asOf` is an instant:
 * the calendar as it was then.
 */
export async function readVisits(account: string, from: string, days: number, asOf?: string): Promise<Visit[]> {
  const wanted = Array.from({ length: days }, (_, index) => addDays(from, index))
  const found = await Promise.all(
    wanted.map((day) =>
      all((cursor) =>
        ask(
          api.GET('/accounts/{account}/calendar', {
            params: {
              path: { account },
              query: {
                from: day, to: addDays(day, 1), limit: 200, ...(asOf ? { as_of: asOf } : {}), ...(cursor ? { cursor } : {}),
              },
            },
          }),
        ),
      ),
    ),
  )
  return found.flat().filter((visit) => visit.status !== 'cancelled' && visit.status !== 'entered-in-error')
}

export const readResources = (account: string): Promise<Resource[]> =>
  all((cursor) =>
    ask(
      api.GET('/accounts/{account}/resources', {
        params: { path: { account }, query: { limit: 200, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  )

export const readServices = (account: string): Promise<Service[]> =>
  all((cursor) =>
    ask(
      api.GET('/accounts/{account}/services', {
        params: { path: { account }, query: { limit: 200, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  )

/** Stop is something that the arrow keys reach: its id, and where it starts. */
export interface Stop {
  id: string
  from: number
}

/** Returns where an arrow key leads from a stop: along its column, or to the nearest of the next column that has any. */
export function walk(columns: readonly (readonly Stop[])[], id: string, key: string): string | undefined {
  const index = columns.findIndex((column) => column.some((stop) => stop.id === id))
  const here = [...(columns[index] ?? [])].sort((a, b) => a.from - b.from)
  const at = here.findIndex((stop) => stop.id === id)
  const from = here[at]?.from ?? 0
  switch (key) {
    case 'ArrowDown': return here[at + 1]?.id
    case 'ArrowUp': return here[at - 1]?.id
    case 'Home': return here[0]?.id
    case 'End': return here.at(-1)?.id
    case 'ArrowLeft':
    case 'ArrowRight': break
    default: return undefined
  }
  const step = key === 'ArrowRight' ? 1 : -1
  for (let other = index + step; other >= 0 && other < columns.length; other += step) {
    const near = [...(columns[other] ?? [])].sort((a, b) => Math.abs(a.from - from) - Math.abs(b.from - from))[0]
    if (near) return near.id
  }
  return undefined
}
