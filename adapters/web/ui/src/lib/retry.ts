import { newKey, Unreachable } from '../api/client'

/**
 * RetryKey gives a write its Idempotency-Key. While it is not known whether a write was done, the same write gets the
 * same key, so that it has one effect. Any other write gets a new one.
 */
export class RetryKey {
  #key = ''
  #body = ''

  /** Returns the key for a write. Writes with equal bodies are the same. */
  of(body: unknown): string {
    const text = JSON.stringify(body) ?? ''
    if (this.#key === '' || text !== this.#body) this.#key = newKey()
    this.#body = text
    return this.#key
  }

  /** Says what became of the write: done, or an error. */
  settle(error?: unknown): void {
    if (!(error instanceof Unreachable)) this.#key = ''
  }
}
