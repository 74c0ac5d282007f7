// Minutes as people say them.

export const units = { minutes: 1, hours: 60, days: 1440, weeks: 10080 } as const
export type Unit = keyof typeof units

/** Returns the largest unit that divides some minutes, and how many of it they are. */
export function span(minutes: number): { count: number; unit: Unit } {
  const unit = (['weeks', 'days', 'hours'] as const).find((one) => minutes >= units[one] && minutes % units[one] === 0)
  return { count: minutes / units[unit ?? 'minutes'], unit: unit ?? 'minutes' }
}

/** Says some minutes in words: "1 day", "90 minutes". */
export function inWords(minutes: number): string {
  const { count, unit } = span(minutes)
  return `${count} ${count === 1 ? unit.slice(0, -1) : unit}`
}
