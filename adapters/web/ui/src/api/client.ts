import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

export type Problem = components['schemas']['Problem']

/** Every write must have it: a page of another site cannot send it. */
export const ownPage = { 'Clickbook-Csrf': '1' }

// A page reads its own writes: reads wait until the read models have reached the last write of this page.
const position = 'Clickbook-Position'
let written = ''

// Parts of a screen that open together often ask the same. Reads that begin within this time share one reply. It is
// shorter than the pause before a change is read, so no reply is older than the change that it is read for.
const together = 20 // milliseconds
const begun = new Map<string, Promise<Response>>()

async function share(request: Request): Promise<Response> {
  if (request.method !== 'GET') return fetch(request)
  const key = request.url + ' ' + (request.headers.get(position) ?? '')
  let reply = begun.get(key)
  if (!reply) {
    reply = fetch(request)
    begun.set(key, reply)
    setTimeout(() => begun.delete(key), together)
  }
  return (await reply).clone()
}

/** The API, with the paths and types of docs/openapi.yaml. Call it through `ask`. */
export const api = createClient<paths>({ baseUrl: '/api/v1', headers: ownPage, fetch: share })

api.use({
  onRequest({ request }) {
    if (request.method === 'GET' && written) request.headers.set(position, written)
    return request
  },
  onResponse({ request, response }) {
    const reached = response.headers.get(position) ?? ''
    if (request.method !== 'GET' && reached > written) written = reached
    return response
  },
})

/** A refusal by the server. Its message is one sentence for people, and `code` is for programs. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.detail)
    this.name = 'Refused'
  }
  get code(): string {
    return this.problem.code
  }
}

/** The server cannot be reached. It is not known whether a write was done: repeat it with the same key. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super('The connection is lost. Nothing was lost here: try again when it is back.', { cause })
    this.name = 'Unreachable'
  }
}

type Settled<T> =
  | { data: T; error?: never; response: Response }
  | { data?: never; error: unknown; response: Response }

/** What is called when a request was refused because nobody is signed in. The frame asks to sign in again. */
export const onSignedOut: { call?: () => void } = {}

/** Returns the data of a call, or throws Refused or Unreachable. */
export async function ask<T>(call: Promise<Settled<T>>): Promise<T> {
  return (await askWith(call)).data
}

/** Is `ask`, with the entity tag of the thing for a later If-Match. */
export async function askWith<T>(call: Promise<Settled<T>>): Promise<{ data: T; etag: string }> {
  let settled: Settled<T>
  try {
    settled = await call
  } catch (cause) {
    throw new Unreachable(cause)
  }
  const { response } = settled
  if (!response.ok) {
    if (response.status === 401) onSignedOut.call?.()
    const problem = isProblem(settled.error) ? settled.error : unreadable(response)
    throw new Refused(problem, response.status)
  }
  return { data: settled.data as T, etag: response.headers.get('ETag') ?? '' }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value
}

function unreadable(response: Response): Problem {
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code: 'unreadable',
    detail: `The server sent ${response.status} without an explanation. Try again; if it happens again, tell your operator.`,
  }
}

/** Returns a new Idempotency-Key. Keep it for retries of the same request. */
export function newKey(): string {
  return crypto.randomUUID()
}

/** Returns what to show for an error of any kind. */
export function sentence(error: unknown): string {
  if (error instanceof Error) return error.message
  return 'Something went wrong. Reload the page and try again.'
}

/** Reads all pages of a list. `most` bounds how many items are read. */
export async function all<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; next?: string }>,
  most = 10_000,
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const found = await page(cursor)
    items.push(...found.items)
    cursor = found.next
  } while (cursor && items.length < most)
  return items
}
