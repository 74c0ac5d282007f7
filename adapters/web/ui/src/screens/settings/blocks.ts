import type { components } from '../../api/schema'
import { addDays, addMonths, monday } from '../../lib/when'

type Block = components['schemas']['TimeBlock']

/** Mark is what time blocks do to a day: closed for all of it or a part, or open at other times than usual. */
export type Mark = 'closed' | 'partly closed' | 'open otherwise'

/** Returns the dates of a year that blocks touch. */
export function marks(blocks: Block[], year: number): Map<string, Mark> {
  const found = new Map<string, Mark>()
  for (const block of blocks) {
    const last = lastDay(block.local_end)
    for (let date = block.local_start.slice(0, 10); date <= last; date = addDays(date, 1)) {
      if (!date.startsWith(String(year))) continue
      const whole = block.local_start <= `${date}T00:00:00` && block.local_end >= `${addDays(date, 1)}T00:00:00`
      const mark: Mark = block.available ? 'open otherwise' : whole ? 'closed' : 'partly closed'
      if (found.get(date) !== 'closed') found.set(date, mark)
    }
  }
  return found
}

/** Returns the last date of a block by its end, which is excluded. */
export function lastDay(end: string): string {
  return end.endsWith('T00:00:00') ? addDays(end.slice(0, 10), -1) : end.slice(0, 10)
}

/** Returns the weeks of a month, from Monday; days of other months are "". */
export function weeksOf(month: string): string[][] {
  const weeks: string[][] = []
  const next = addMonths(month, 1)
  for (let day = monday(month); day < next; day = addDays(day, 7)) {
    weeks.push([0, 1, 2, 3, 4, 5, 6].map((n) => addDays(day, n)).map((date) => (date.slice(0, 7) === month.slice(0, 7) ? date : '')))
  }
  return weeks
}

export type Every = 'once' | 'week' | 'two weeks' | 'month' | 'year'
export const most = 60

/** Returns the first dates of a thing that repeats, until a date, at most 60. */
export function repeats(first: string, every: Every, until: string): string[] {
  const dates = [first]
  const step = (n: number): string =>
    every === 'week' ? addDays(first, 7 * n)
    : every === 'two weeks' ? addDays(first, 14 * n)
    : addMonths(first, every === 'month' ? n : 12 * n)
  if (every === 'once') return dates
  for (let n = 1; step(n) <= until && dates.length < most; n++) dates.push(step(n))
  return dates
}

/** Says when a block is: "24 Dec 2026 to 1 Jan 2027", "5 Dec 2026, 12:00 to 14:00". */
export function when(block: { local_start: string; local_end: string }, day: (date: string) => string): string {
  const [from, to] = [block.local_start.slice(0, 10), lastDay(block.local_end)]
  const whole = block.local_start.endsWith('T00:00:00') && block.local_end.endsWith('T00:00:00')
  if (whole) return from === to ? day(from) : `${day(from)} to ${day(to)}`
  const [start, end] = [block.local_start.slice(11, 16), block.local_end.slice(11, 16)]
  if (from === to) return `${day(from)}, ${start} to ${end === '00:00' ? '24:00' : end}`
  return `${day(from)}, ${start} to ${day(to)}, ${end}`
}
