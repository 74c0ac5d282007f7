// Dates and times. The server owns time zones: it sends local dates ("2026-12-01") and wall-clock times
// ("2026-12-01T09:30:00"), and the page computes with those as plain text and numbers. Nothing here uses the zone of
// the browser, except `now` of a zone, which only places the line of the present.

const utc = (date: string): Date => new Date(date + 'T00:00:00Z')

/** Returns a date some days later. */
export function addDays(date: string, days: number): string {
  const at = utc(date)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** Returns the date of the same day some months later, or the last of that month. */
export function addMonths(date: string, months: number): string {
  const at = utc(date.slice(0, 8) + '01')
  at.setUTCMonth(at.getUTCMonth() + months)
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()
  return at.toISOString().slice(0, 8) + String(Math.min(Number(date.slice(8)), last)).padStart(2, '0')
}

/** Returns the weekday of a date: 1 is Monday, 7 is Sunday (ISO 8601). */
export function weekday(date: string): number {
  return utc(date).getUTCDay() || 7
}

/** Returns the Monday of the week of a date. */
export function monday(date: string): string {
  return addDays(date, 1 - weekday(date))
}

/** Reports whether a text is a date that exists. */
export function isDate(text: string | null | undefined): text is string {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = utc(text)
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text
}

/** Returns the minutes since midnight of a wall-clock time. */
export function minutes(local: string): number {
  const time = local.slice(local.indexOf('T') + 1)
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

/** Returns minutes since midnight as "09:30". */
export function clock(minute: number): string {
  return `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** Returns the date and minute now in a zone, by a clock in milliseconds. */
export function nowIn(zone: string, milliseconds: number): { date: string; minute: number } {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  }).format(milliseconds)
  return { date: parts.slice(0, 10), minute: minutes(parts.slice(11)) }
}

/** Returns the first instant of a date in a zone, for a filter of the API. */
export function startOf(date: string, zone: string): string {
  const wanted = utc(date).getTime()
  let at = wanted
  // What the clock of the zone shows is compared with what it should show; the second step heeds a change of the offset.
  for (let step = 0; step < 2; step++) {
    const shown = nowIn(zone, at)
    at += wanted - (utc(shown.date).getTime() + shown.minute * 60_000)
  }
  return new Date(at).toISOString()
}

function formatted(date: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options }).format(utc(date))
}

/** The page is in English; the order of day and month follows the account. */
export function localeOf(account: string | undefined): string {
  return account?.startsWith('en') ? account : 'en-GB'
}

/** "Monday 23 November" */
export const longDay = (date: string, locale: string): string =>
  formatted(date, locale, { weekday: 'long', day: 'numeric', month: 'long' }).replace(',', '')
/** "Mon 23 Nov" */
export const shortDay = (date: string, locale: string): string =>
  formatted(date, locale, { weekday: 'short', day: 'numeric', month: 'short' }).replace(',', '')
/** "23 November 2026" */
export const fullDate = (date: string, locale: string): string =>
  formatted(date, locale, { day: 'numeric', month: 'long', year: 'numeric' })
/** "November 2026" */
export const monthOf = (date: string, locale: string): string => formatted(date, locale, { month: 'long', year: 'numeric' })

/** Returns an instant in a zone, as "23 Nov 2026, 14:05". */
export function instantIn(instant: string, zone: string, locale: string, seconds = false): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: zone, day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23',
  }).format(new Date(instant))
}

/** Returns a duration in milliseconds in words: "4 s", "12 min", "3 h 20 min", "5 days". */
export function lasting(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const min = Math.round(seconds / 60)
  if (min < 60) return `${min} min`
  const hours = Math.floor(min / 60)
  if (hours < 48) return min % 60 ? `${hours} h ${min % 60} min` : `${hours} h`
  return `${Math.round(hours / 24)} days`
}
