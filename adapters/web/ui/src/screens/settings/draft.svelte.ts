import { untrack } from 'svelte'
import { Refused, sentence } from '../../api/client'
import type { components } from '../../api/schema'
import { live } from '../../lib/live.svelte'
import { router } from '../../lib/router.svelte'
import { toasts } from '../../lib/toast.svelte'
import { merged, same } from './merge'

type Written = components['schemas']['Written']
interface Loaded<T> {
  data: T
  etag: string
}

/**
 * Draft is a copy of some settings that is edited and saved. If somebody else saves them meanwhile, `theirs` has
 * their version and the user chooses. Make it in a component's script: it reads again when runes in `read` change.
 */
export class Draft<T extends object> {
  /** What is edited; undefined until it is read. */
  value = $state<T>()
  theirs = $state.raw<Loaded<T>>()
  error = $state('')
  field = $state('')
  busy = $state(false)
  #base = $state.raw<T>()
  #etag = ''
  #run = 0
  #read: () => Promise<Loaded<T>>
  #write: (value: T, etag: string) => Promise<Written>

  constructor(read: () => Promise<Loaded<T>>, write: (value: T, etag: string) => Promise<Written>) {
    this.#read = read
    this.#write = write
    $effect(() => {
      const reading = read()
      untrack(() => void this.#start(reading))
      return () => this.#run++
    })
    $effect(() =>
      live.listen((change) => {
        if (change.topics.includes('settings') && !this.busy) void this.#look()
      }),
    )
  }

  get dirty(): boolean {
    return this.value !== undefined && !same($state.snapshot(this.value), this.#base)
  }

  /** As it was read or saved last. */
  get base(): T | undefined {
    return this.#base
  }

  /** Forgets what was edited. */
  undo(): void {
    if (this.theirs) this.#take(this.theirs)
    else if (this.#base) this.value = structuredClone(this.#base)
    this.error = ''
  }

  /** Keeps what was edited, on top of what somebody else saved, and saves it. */
  async keepMine(): Promise<void> {
    if (!this.theirs || !this.#base || !this.value) return
    const mine = merged(this.#base, $state.snapshot(this.value) as T, this.theirs.data)
    this.#take(this.theirs)
    this.value = structuredClone(mine)
    await this.save()
  }

  async save(): Promise<void> {
    if (this.busy || !this.value || !this.dirty) return
    const mine = $state.snapshot(this.value) as T
    this.busy = true
    this.error = this.field = ''
    try {
      saved(await this.#write(mine, this.#etag))
      this.#take(await this.#read())
    } catch (error) {
      if (error instanceof Refused && error.status === 412) {
        await this.#meet(mine)
      } else {
        this.error = sentence(error)
        this.field = error instanceof Refused ? (error.problem.field ?? '') : ''
      }
    } finally {
      this.busy = false
    }
  }

  /** Somebody has saved since we read. It may have been us, if the connection broke before we heard. */
  async #meet(mine: T): Promise<void> {
    try {
      const theirs = await this.#read()
      if (same(theirs.data, mine)) {
        this.#take(theirs)
        toasts.done('Saved.')
      } else if (same(theirs.data, this.#base)) {
        // What was changed meanwhile is not in this section.
        saved(await this.#write(mine, theirs.etag))
        this.#take(await this.#read())
      } else {
        this.theirs = theirs
      }
    } catch (error) {
      this.error = sentence(error)
    }
  }

  async #start(reading: Promise<Loaded<T>>): Promise<void> {
    const run = ++this.#run
    try {
      const loaded = await reading
      if (run === this.#run) this.#take(loaded)
    } catch (error) {
      if (run === this.#run) this.error = sentence(error)
    }
  }

  async #look(): Promise<void> {
    const run = this.#run
    try {
      const now = await this.#read()
      if (run !== this.#run || this.busy || now.etag === this.#etag) return
      if (this.dirty && !same(now.data, this.#base)) this.theirs = now
      else if (!this.dirty) this.#take(now)
      else this.#etag = now.etag
    } catch {
      // The frame says when the connection is lost, and saving finds out the rest.
    }
  }

  #take(loaded: Loaded<T>): void {
    this.#base = loaded.data
    this.#etag = loaded.etag
    this.value = structuredClone(loaded.data)
    this.theirs = undefined
    this.error = this.field = ''
  }
}

/** Says that something is saved, and which appointments need attention because of it. */
export function saved(written: Written, what = 'Saved.'): void {
  const count = written.needs_attention?.length ?? 0
  if (count === 0) return toasts.done(what)
  const many = count === 1 ? '1 appointment needs' : `${count >= 200 ? '200 or more' : count} appointments need`
  toasts.done(`${what} ${many} attention now.`, { label: 'See them', run: () => router.go('work') })
}
