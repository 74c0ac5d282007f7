import type { components } from '../../api/schema'

type Cell = components['schemas']['Cell']
type Bounds = components['schemas']['WindowBounds']
type Scope = components['schemas']['WindowScope']
type Preview = components['schemas']['WindowPreview']

const regionNames: Record<string, string> = {
  NA: 'North America', LA: 'Latin America', EU: 'Europe', ME: 'the Middle East', AF: 'Africa', AS: 'Asia', OC: 'Oceania',
  ZZ: 'numbers without a region',
}
const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })

/** Names a country of a route. */
export function country(code: string): string {
  if (code === 'ZZ') return 'All other countries'
  if (code === '001') return 'Numbers without a country'
  try {
    return countries.of(code) ?? code
  } catch {
    return code
  }
}

/** Names a part of what a provider carries: "alpha in North America". */
export function place(cell: Cell): string {
  if (cell.network) return `${cell.provider} on network ${cell.network} in ${country(cell.country ?? '')}`
  if (cell.country) return `${cell.provider} in ${country(cell.country)}`
  if (cell.region) return `${cell.provider} in ${regionNames[cell.region] ?? cell.region}`
  return `${cell.provider} everywhere`
}

export const causes = {
  blocked: 'texts are rejected',
  silent: 'texts are accepted and nothing is heard of them',
  'receipts-only': 'texts arrive, only their receipts are lost',
  configuration: 'the provider refuses our account',
} as const

/** Returns a share as "96.7%", and nothing of nothing. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1).replace(/\.0$/, '')}%`
}

export const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`

/** Writes an instant in UTC, as operators read it. */
export function utc(instant: string, seconds = false): string {
  return (
    new Intl.DateTimeFormat('en-GB', {
      timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit',
      ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23',
    }).format(new Date(instant)) + ' UTC'
  )
}

/** Returns an instant for an input of a date and time, in UTC. */
export const inputOf = (instant: string): string => new Date(instant).toISOString().slice(0, 16)

/** Is the opposite of inputOf; "" if it is not complete. */
export function instantOf(input: string): string {
  const at = new Date(input + 'Z')
  return input.length < 16 || Number.isNaN(at.getTime()) ? '' : at.toISOString()
}

/** Says when a window is. */
export function bounds(of: Bounds): string {
  if (of.start_date) {
    return `${counted(of.days ?? 0, 'day', 'days')} from ${of.start_date}, ${of.zone_mode === 'account_home' ? 'in the zone of each account' : `in ${of.zone}`}`
  }
  return `${of.start ? utc(of.start) : 'the beginning'} to ${of.end ? utc(of.end) : 'the end of the outage'}`
}

/** Says which texts a window is about. */
export function scope(of: Scope): string {
  const parts = [
    of.providers?.length ? `sent by ${list(of.providers)}` : '',
    of.countries?.length ? `to ${of.countries.length > 4 ? `${of.countries.length} countries` : list(of.countries.map(country))}` : '',
    of.accounts?.length ? `of ${counted(of.accounts.length, 'account', 'accounts')}` : '',
  ].filter(Boolean)
  return parts.length ? `texts ${parts.join(', ')}` : 'all texts'
}

/** Says what a window changes. */
export function changes(of: Preview, credits: (micro: number) => string): string {
  const back = of.reversed_micro ? ` ${credits(of.reversed_micro)} credits are taken back.` : ''
  if (of.refunded_micro === 0 && of.messages === 0) return back ? back.trim() : 'Nothing is refunded now.'
  return `${credits(of.refunded_micro)} credits go back for ${counted(of.messages, 'text', 'texts')} of ${counted(of.accounts, 'account', 'accounts')}.${back}`
}

/** Begins a sentence with a capital letter. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const list = (items: string[]): string => new Intl.ListFormat('en').format(items)
