// Changes come from the server as they happen. A screen reads again what a change touches.

export const topics = [
  'calendar', 'messages', 'calls', 'credits', 'clients', 'work', 'settings', 'outages', 'providers', 'windows', 'alerts',
  'people',
] as const
export type Topic = (typeof topics)[number]

/** Change says what has changed. `reset` means that changes were missed: read everything again. */
export interface Change {
  topics: Topic[]
  appointments: string[]
  messages: string[]
  reset: boolean
}

type Listener = (change: Change) => void

// The server gives a sign of life every 15 seconds. Without two of them the connection is dead, although nothing has
// closed it: that is how a network that is gone looks.
const silence = 40_000
const firstRetry = 1_000
const lastRetry = 15_000

class Live {
  /** `lost` is shown to the user. */
  state = $state<'closed' | 'connecting' | 'live' | 'lost'>('closed')
  #source: EventSource | undefined
  #address = ''
  #listeners = new Set<Listener>()
  #retry = firstRetry
  #timer = 0
  #watch = 0
  #missed = false

  /** Follows the changes of an account, or with "" those of the installation. */
  open(account: string): void {
    this.close()
    this.#address = account ? `/api/v1/accounts/${encodeURIComponent(account)}/changes` : '/api/v1/changes'
    this.#connect()
  }

  close(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#watch)
    this.#source?.close()
    this.#source = undefined
    this.state = 'closed'
  }

  /** Calls a function for each change until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Connects now if the connection is lost. */
  retry(): void {
    if (this.state === 'live' || this.#address === '') return
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#connect()
  }

  /** Says that the connection is lost, and connects again after a pause that grows. */
  lose(): void {
    if (this.#source === undefined) return
    this.state = 'lost'
    this.#missed = true
    this.#source.close()
    clearTimeout(this.#timer)
    clearTimeout(this.#watch)
    this.#timer = window.setTimeout(() => this.#connect(), this.#retry)
    this.#retry = Math.min(this.#retry * 2, lastRetry)
  }

  #alive(): void {
    clearTimeout(this.#watch)
    this.#watch = window.setTimeout(() => this.lose(), silence)
  }

  #connect(): void {
    if (this.state === 'closed') this.state = 'connecting'
    const source = new EventSource(this.#address)
    this.#source = source
    this.#alive()
    source.addEventListener('open', () => {
      this.#alive()
      this.state = 'live'
      this.#retry = firstRetry
      if (this.#missed) this.#tell({ topics: [...topics], appointments: [], messages: [], reset: true })
      this.#missed = false
    })
    source.addEventListener('here', () => this.#alive())
    source.addEventListener('change', (event) => {
      this.#alive()
      this.#tell({ ...parse(event.data), reset: false })
    })
    source.addEventListener('reset', () =>
      this.#tell({ topics: [...topics], appointments: [], messages: [], reset: true }),
    )
    source.addEventListener('error', () => {
      if (source === this.#source) this.lose()
    })
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change)
  }
}

function parse(data: unknown): Omit<Change, 'reset'> {
  const said = JSON.parse(String(data)) as Partial<Omit<Change, 'reset'>>
  return { topics: said.topics ?? [], appointments: said.appointments ?? [], messages: said.messages ?? [] }
}

export const live = new Live()
