// Credits. The API counts whole micro-credits; a page shows credits with exact digits and computes with integers.

const micro = 1_000_000

/** Returns micro-credits as credits, with all the digits that matter: 1500000 is "1.5". */
export function credits(amount: number, locale = 'en-GB'): string {
  const whole = Math.trunc(Math.abs(amount) / micro)
  const rest = String(Math.abs(amount) % micro).padStart(6, '0').replace(/0+$/, '')
  return (amount < 0 ? '−' : '') + whole.toLocaleString(locale) + (rest && '.' + rest)
}

/** Reads credits as a person writes them. Returns undefined if it is not an amount of at most six decimals. */
export function microCredits(text: string): number | undefined {
  const found = /^(\d{1,9})(?:[.,](\d{1,6}))?$/.exec(text.trim())
  if (!found) return undefined
  return Number(found[1]) * micro + Number((found[2] ?? '').padEnd(6, '0'))
}

/** Returns micro-credits for a column of figures: exact, with at least two digits after the point, "1,234.50". */
export function column(amount: number | bigint): string {
  const exact = BigInt(amount)
  const size = exact < 0n ? -exact : exact
  const rest = (size % BigInt(micro)).toString().padStart(6, '0').replace(/0{1,4}$/, '')
  return `${exact < 0n ? '−' : ''}${(size / BigInt(micro)).toLocaleString('en-GB')}.${rest}`
}

/** Returns the whole credits of an amount, where there is no room for more: "4,218". */
export function wholeCredits(amount: number | bigint): string {
  const whole = BigInt(amount) / BigInt(micro)
  return whole < 0n ? `−${(-whole).toLocaleString('en-GB')}` : whole.toLocaleString('en-GB')
}

/** Returns a sum that has every digit, however large. */
export function sum(amounts: Iterable<number | bigint>): bigint {
  let total = 0n
  for (const amount of amounts) total += BigInt(amount)
  return total
}

/** Returns about how much, to a hundredth: "9.18". It is for estimates only; books need `column`. */
export function about(amount: number): string {
  return column(Math.round(amount / 10_000) * 10_000)
}
