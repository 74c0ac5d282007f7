import { sentence } from '../api/client'
import { live, type Topic } from './live.svelte'

export interface Page<T> {
  items: T[]
  next?: string
}

/**
 * Pages reads a long list page by page. Make it in a component's script: it starts again when a rune that `read` uses
 * changes. When one of its topics changes, it reads the first page again if `follow` is set, and sets `stale` if not,
 * so that nothing moves under a reader who has scrolled.
 */
export class Pages<T> {
  items = $state.raw<T[]>([])
  error = $state('')
  loading = $state(true)
  /** The first page is there. */
  ready = $state(false)
  next = $state<string>()
  stale = $state(false)
  follow = true
  #read: (cursor: string | undefined) => Promise<Page<T>>
  #run = 0
  #timer = 0

  constructor(read: (cursor: string | undefined) => Promise<Page<T>>, topics: Topic[] = []) {
    this.#read = read
    $effect(() => {
      this.ready = false
      void this.reload()
      return () => {
        this.#run++
        clearTimeout(this.#timer)
      }
    })
    $effect(() =>
      live.listen((change) => {
        if (!change.reset && !change.topics.some((topic) => topics.includes(topic))) return
        clearTimeout(this.#timer)
        this.#timer = window.setTimeout(() => {
          if (this.follow) void this.reload()
          else this.stale = true
        }, 100)
      }),
    )
  }

  /** Reads the list again from its start. */
  async reload(): Promise<void> {
    await this.#load(undefined)
  }

  /** Reads the next page. It does nothing while one is being read, or after the last. */
  async more(): Promise<void> {
    if (this.next && !this.loading && !this.error) await this.#load(this.next)
  }

  async #load(cursor: string | undefined): Promise<void> {
    const run = ++this.#run
    this.loading = true
    this.error = ''
    try {
      const page = await this.#read(cursor)
      if (run !== this.#run) return
      this.items = cursor ? [...this.items, ...page.items] : page.items
      this.next = page.next
      this.ready = true
      if (!cursor) this.stale = false
    } catch (error) {
      if (run !== this.#run) return
      this.error = sentence(error)
    }
    this.loading = false
  }
}
