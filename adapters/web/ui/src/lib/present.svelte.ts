import { api, ask } from '../api/client'

const minute = 60_000

/**
 * Present is the time of the server on the clock of the account. The clock and the zone rules of the browser may be
 * wrong: they only count how long ago the server was asked.
 */
class Present {
  #asked = $state(0) // the local time that the server said, as if it were UTC
  #at = 0 // when it said so, by a clock that nobody sets
  #now = $state(0)
  #account = ''
  #instant = 0

  /** Asks the server, now and then again. */
  async follow(account: string): Promise<void> {
    this.#account = account
    await this.#ask()
  }

  constructor() {
    setInterval(() => (this.#now = performance.now()), 10_000)
    setInterval(() => void this.#ask().catch(() => undefined), 5 * minute)
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.#ask().catch(() => undefined)
    })
  }

  async #ask(): Promise<void> {
    const account = this.#account
    if (!account || document.hidden) return
    const found = await ask(api.GET('/accounts/{account}/summary', { params: { path: { account } } }))
    if (account !== this.#account) return
    this.#asked = Date.parse(found.local + 'Z')
    this.#instant = Date.parse(found.now)
    this.#at = this.#now = performance.now()
  }

  get known(): boolean {
    return this.#asked > 0
  }

  /** The local time as if it were UTC. */
  get #local(): Date {
    return new Date(this.#asked ? this.#asked + this.#now - this.#at : Date.now())
  }

  get date(): string {
    return this.#local.toISOString().slice(0, 10)
  }

  get minute(): number {
    return this.#local.getUTCHours() * 60 + this.#local.getUTCMinutes()
  }

  /** The instant now, in milliseconds. */
  get milliseconds(): number {
    return this.#asked ? this.#instant + performance.now() - this.#at : Date.now()
  }
}

export const present = new Present()
