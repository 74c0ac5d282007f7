import { api, ask } from '../api/client'
import { nowIn } from './when'

const minute = 60_000

/**
 * Present is the time of the server, and that on the clock of the account. The clock and the zone rules of the browser
 * may be wrong: they only count how long ago the server was asked.
 */
class Present {
  #instant = 0 // what the server said
  #at = 0 // when it said so, by a clock that nobody sets
  #offset = $state<number>() // of the account's clock from UTC
  #now = $state(0)
  #account = ''

  /** Asks the server, now and then again. */
  async follow(account: string): Promise<void> {
    this.#account = account
    await this.#ask()
  }

  /** Takes the time that the server just said. */
  set(now: string): void {
    this.#instant = Date.parse(now)
    this.#at = this.#now = performance.now()
  }

  constructor() {
    setInterval(() => (this.#now = performance.now()), 10_000)
    setInterval(() => void this.#ask().catch(() => undefined), 5 * minute)
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.#ask().catch(() => undefined)
    })
  }

  async #ask(): Promise<void> {
    if (document.hidden || !this.#at) return
    const account = this.#account
    if (!account) return this.set((await ask(api.GET('/whoami'))).now)
    const found = await ask(api.GET('/accounts/{account}/summary', { params: { path: { account } } }))
    if (account !== this.#account) return
    this.set(found.now)
    this.#offset = Date.parse(found.local + 'Z') - this.#instant
  }

  get known(): boolean {
    return this.#offset !== undefined
  }

  /** The local time as if it were UTC. */
  get #local(): Date {
    return new Date(this.#offset === undefined ? Date.now() : this.#instant + this.#offset + this.#now - this.#at)
  }

  get date(): string {
    return this.#local.toISOString().slice(0, 10)
  }

  get minute(): number {
    return this.#local.getUTCHours() * 60 + this.#local.getUTCMinutes()
  }

  /** The instant now, in milliseconds. */
  get milliseconds(): number {
    return this.#at ? this.#instant + performance.now() - this.#at : Date.now()
  }

  /** The date now in a zone. */
  dateIn(zone: string): string {
    return nowIn(zone, this.milliseconds).date
  }
}

export const present = new Present()
