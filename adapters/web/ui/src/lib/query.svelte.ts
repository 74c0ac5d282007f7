import { sentence } from '../api/client'
import { live, type Topic } from './live.svelte'

/**
 * Query reads something for a screen, and reads it again when one of its topics changes. Make it in a component's
 * script; the function may use runes, and it runs again when they change. Old data stays until new data is there.
 */
export class Query<T> {
  data = $state.raw<T>()
  error = $state('')
  loading = $state(true)
  #run = 0
  #read: () => Promise<T>
  #timer = 0
  #newest: Promise<void> = Promise.resolve()

  constructor(read: () => Promise<T>, topics: Topic[] = []) {
    this.#read = read
    $effect(() => {
      void this.reload()
      return () => {
        this.#run++ // a result that comes later belongs to another question
        clearTimeout(this.#timer)
      }
    })
    $effect(() =>
      live.listen((change) => {
        if (!change.reset && !change.topics.some((topic) => topics.includes(topic))) return
        // Several changes in a short time are read together.
        clearTimeout(this.#timer)
        this.#timer = window.setTimeout(() => void this.reload(), 50)
      }),
    )
  }

  /** Reads now. It returns when the newest data is there, also if another reading overtakes this one. */
  async reload(): Promise<void> {
    const run = ++this.#run
    const reading = this.#once(run)
    this.#newest = reading
    await reading
    if (run !== this.#run && this.#newest !== reading) await this.#newest
  }

  async #once(run: number): Promise<void> {
    this.loading = true
    try {
      const data = await this.#read()
      if (run !== this.#run) return
      this.data = data
      this.error = ''
    } catch (error) {
      if (run !== this.#run) return
      this.error = sentence(error)
    }
    this.loading = false
  }
}
