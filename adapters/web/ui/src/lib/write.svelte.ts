import { Refused, Unreachable } from '../api/client'
import { RetryKey } from './retry'

/** What a person may add after a refusal: a warning that they have read, or a reason to go against the rules. */
export interface Insisting {
  confirm?: string[]
  override?: { reason: string }
}

// Rules that the staff may break with a reason. Anything else, such as a time that is taken, stays refused.
const breakable = new Set([
  'in_the_past', 'short_notice', 'beyond_horizon', 'client_limit', 'outside_hours', 'blocked', 'away', 'limit_reached',
  'off_grid',
])

/**
 * Write is one thing that a person wants done. A refusal is kept until the next try, and a write in doubt is repeated
 * with its key, so that it has one effect.
 */
export class Write<Body extends object, T> {
  busy = $state(false)
  error = $state.raw<Error>()
  #body: Body | undefined
  #retry = new RetryKey()

  constructor(
    private readonly send: (body: Body, key: string) => Promise<T>,
    private readonly done: (result: T) => void | Promise<void>,
  ) {}

  async run(body: Body): Promise<void> {
    if (this.busy) return
    this.#body = body
    this.busy = true
    try {
      const result = await this.send(body, this.#retry.of(body))
      this.error = undefined
      await this.done(result)
      this.#retry.settle()
    } catch (error) {
      this.#retry.settle(error)
      this.error = error instanceof Error ? error : new Error(String(error))
    } finally {
      this.busy = false
    }
  }

  /** Sends the same again, or insists on it. */
  async again(more: Insisting = {}): Promise<void> {
    if (this.#body) await this.run({ ...this.#body, ...more })
  }

  forget(): void {
    this.error = undefined
  }

  /** Nobody knows whether it was done. */
  get inDoubt(): boolean {
    return this.error instanceof Unreachable
  }

  /** Somebody else has changed the thing meanwhile. */
  get overtaken(): boolean {
    return this.error instanceof Refused && this.error.status === 412
  }

  /** The warnings that a person may confirm. */
  get warnings(): string[] {
    return this.error instanceof Refused ? (this.error.problem.confirm ?? []) : []
  }

  /** A reason of the staff would make it possible. */
  get breakable(): boolean {
    return this.error instanceof Refused && breakable.has(this.error.code)
  }
}
