import { newKey, Refused, sentence, Unreachable } from '../api/client'

/**
 * Attempt sends a write and keeps what became of it for the screen. While it is not known whether a write was done,
 * the same write is sent with the same Idempotency-Key.
 */
export class Attempt {
  busy = $state(false)
  error = $state('')
  /** The value that the server refused. */
  field = $state('')
  #key = ''
  #body = ''

  /** Sends a write. Returns undefined if it was refused, could not be sent, or another one is on its way. */
  async run<T>(body: unknown, send: (key: string) => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined
    const text = JSON.stringify(body) ?? ''
    if (this.#key === '' || text !== this.#body) this.#key = newKey()
    this.#body = text
    this.busy = true
    this.clear()
    try {
      const result = await send(this.#key)
      this.#key = ''
      return result
    } catch (error) {
      if (!(error instanceof Unreachable)) this.#key = ''
      this.error = sentence(error)
      this.field = error instanceof Refused ? (error.problem.field ?? '') : ''
      return undefined
    } finally {
      this.busy = false
    }
  }

  clear(): void {
    this.error = ''
    this.field = ''
  }
}
