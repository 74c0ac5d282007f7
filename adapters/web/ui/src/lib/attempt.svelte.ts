import { Refused, sentence } from '../api/client'
import { RetryKey } from './retry'

/** Attempt sends a write and keeps what became of it for the screen. A write in doubt is repeated with its key. */
export class Attempt {
  busy = $state(false)
  error = $state('')
  /** The value that the server refused. */
  field = $state('')
  #retry = new RetryKey()

  /** Sends a write. Returns undefined if it was refused, could not be sent, or another one is on its way. */
  async run<T>(body: unknown, send: (key: string) => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined
    this.busy = true
    this.clear()
    try {
      const result = await send(this.#retry.of(body))
      this.#retry.settle()
      return result
    } catch (error) {
      this.#retry.settle(error)
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
