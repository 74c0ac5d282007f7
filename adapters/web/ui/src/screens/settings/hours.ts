import type { components } from '../../api/schema'

type Hours = components['schemas']['Hours']

/** Period is a time of opening on one day, as it is typed. */
export interface Period {
  from: string
  to: string
}

/** The days as weeks begin here: the numbers are those of the API, where 0 is Sunday. */
export const week = [
  [1, 'Monday'], [2, 'Tuesday'], [3, 'Wednesday'], [4, 'Thursday'], [5, 'Friday'], [6, 'Saturday'], [0, 'Sunday'],
] as const

/** Returns the periods of each day, by its number. */
export function byDay(hours: Hours[]): Period[][] {
  const days: Period[][] = Array.from({ length: 7 }, () => [])
  for (const { days: on, from, to } of hours) for (const day of on) days[day]?.push({ from, to })
  for (const day of days) day.sort((a, b) => a.from.localeCompare(b.from))
  return days
}

/** Is the opposite of byDay. Days with the same period become one entry. */
export function ofDays(days: Period[][]): Hours[] {
  const found = new Map<string, Hours>()
  for (const [day] of week) {
    for (const { from, to } of days[day] ?? []) {
      const entry = found.get(`${from}-${to}`)
      if (!entry) found.set(`${from}-${to}`, { days: [day], from, to })
      else if (!entry.days.includes(day)) entry.days.push(day)
    }
  }
  return [...found.values()].map((one) => ({ ...one, days: one.days.sort((a, b) => a - b) }))
}

/** Reads a clock time as people type it: "9", "9:30", "0930", "24". Returns the text as it is if it is none. */
export function tidy(text: string): string {
  const found = /^(\d{1,2})(?:[:.h ]?([0-5]\d))?h?$/.exec(text.trim())
  if (!found) return text.trim()
  return `${found[1]?.padStart(2, '0')}:${found[2] ?? '00'}`
}

/** Sums the hours of a week in words. */
export function total(days: Period[][]): string {
  const of = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
  let sum = 0
  for (const day of days) for (const { from, to } of day) sum += Math.max(0, of(to) - of(from)) || 0
  return `${Math.floor(sum / 60)} h${sum % 60 ? ` ${sum % 60} min` : ''} a week`
}
