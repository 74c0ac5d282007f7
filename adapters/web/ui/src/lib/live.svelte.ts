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
  #missed = false

  /** Follows the changes of an account, or with "" those of the installation. */
  open(account: string): void {
    this.close()
    this.#address = account ? `/api/v1/accounts/${encodeURIComponent(account)}/changes` : '/api/v1/changes'
    this.#connect()
  }

  close(): void {
    clearTimeout(this.#timer)
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

  #connect(): void {
    if (this.state === 'closed') this.state = 'connecting'
    const source = new EventSource(this.#address)
    this.#source = source
    source.addEventListener('open', () => {
      this.state = 'live'
      this.#retry = firstRetry
      if (this.#missed) this.#tell({ topics: [...topics], appointments: [], messages: [], reset: true })
      this.#missed = false
    })
    source.addEventListener('change', (event) => this.#tell({ ...parse(event.data), reset: false }))
    source.addEventListener('reset', () =>
      this.#tell({ topics: [...topics], appointments: [], messages: [], reset: true }),
    )
    source.addEventListener('error', () => {
      this.state = 'lost'
      this.#missed = true
      source.close()
      this.#timer = window.setTimeout(() => this.#connect(), this.#retry)
      this.#retry = Math.min(this.#retry * 2, lastRetry)
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
