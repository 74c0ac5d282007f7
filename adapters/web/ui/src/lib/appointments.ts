// What can be done with an appointment. Every write is on the revision that was seen, so nobody overwrites another.
import type { components } from '../api/schema'
import { api, ask, newKey, sentence } from '../api/client'
import { session } from './session.svelte'
import { toasts } from './toast.svelte'
import type { Insisting } from './write.svelte'

export type Appointment = components['schemas']['Appointment']
export type MarkName = components['schemas']['Mark']['mark']
type MoveTerms = components['schemas']['Move']

/** Seen is an appointment at the revision that somebody looks at. */
export interface Seen {
  id: string
  revision: number
}

export type MoveTo = { local: string; resource?: string; notify?: boolean } & Insisting

const terms = (seen: Seen, key: string) => ({
  path: { account: session.id, appointment: seen.id },
  header: { 'Idempotency-Key': key, 'If-Match': `"${seen.revision}"` },
})

export const move = (seen: Seen, to: MoveTo, key: string): Promise<Appointment> =>
  ask(
    api.POST('/accounts/{account}/appointments/{appointment}/move', {
      params: terms(seen, key),
      body: { by: 'staff', ...to, ...(to.confirm ? { confirm: to.confirm as MoveTerms['confirm'] } : {}) } as MoveTerms,
    }),
  )

export const cancel = (
  seen: Seen,
  body: { by: 'client' | 'staff'; reason?: string; notify: boolean },
  key: string,
): Promise<Appointment> =>
  ask(api.POST('/accounts/{account}/appointments/{appointment}/cancel', { params: terms(seen, key), body }))

export const reinstate = (seen: Seen, key: string): Promise<Appointment> =>
  ask(api.POST('/accounts/{account}/appointments/{appointment}/reinstate', { params: terms(seen, key), body: {} }))

export const approve = (seen: Seen, notify: boolean, key: string): Promise<Appointment> =>
  ask(api.POST('/accounts/{account}/appointments/{appointment}/approve', { params: terms(seen, key), body: { notify } }))

export const decline = (seen: Seen, body: { reason?: string; notify: boolean }, key: string): Promise<Appointment> =>
  ask(api.POST('/accounts/{account}/appointments/{appointment}/decline', { params: terms(seen, key), body }))

export const mark = (seen: Seen, as: MarkName, key: string): Promise<Appointment> =>
  ask(api.POST('/accounts/{account}/appointments/{appointment}/mark', { params: terms(seen, key), body: { mark: as } }))

/** Says what was done, with Undo. The undo is a write of its own, on the revision that the first one made. */
export function doneWithUndo(text: string, undo: (key: string) => Promise<unknown>, after: () => void): void {
  const key = newKey() // a second press in doubt repeats the first
  const run = async () => {
    try {
      await undo(key)
      toasts.done('Undone.')
    } catch (error) {
      toasts.trouble(`Not undone: ${sentence(error)}`)
    }
    after()
  }
  toasts.done(text, { label: 'Undo', run })
}
