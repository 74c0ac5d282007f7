// Two people may edit the same settings. What one changed is compared field by field with what the other did.

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Returns the fields in which two versions differ. */
export function differing<T extends object>(one: T, other: T): (keyof T & string)[] {
  const fields = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof T & string>
  return [...fields].filter((field) => !same(one[field], other[field]))
}

/** Returns theirs with the fields that I changed. */
export function merged<T extends object>(base: T, mine: T, theirs: T): T {
  const result = { ...theirs }
  for (const field of differing(base, mine)) {
    if (field in mine) result[field] = mine[field]
    else delete result[field]
  }
  return result
}
