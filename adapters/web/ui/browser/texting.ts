// Accounts with messages of every state, made through the API, for the tests of messages, calls, delivery and credits.
import { randomUUID } from 'node:crypto'
import type { components } from '../src/api/schema'
import type { Server } from './harness'

type Schemas = components['schemas']

/** Calls the API with a key, and fails with the problem. `of` is the path of what a PUT changes, for its ETag. */
export async function call<T>(
  server: Server, key: string, method: string, path: string, body?: unknown, of?: string,
): Promise<T> {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() }
  const etag = of ? (await fetch(`${server.url}/api/v1${of}`, { headers })).headers.get('ETag') : null
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(etag ? { 'If-Match': etag } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

/** Texting is an account whose clients were sent reminders. */
export interface Texting {
  id: string
  owner: string
  staff: string
  billing: string
  /** By the name of the client. */
  messages: () => Promise<Schemas['Message'][]>
}

export interface Person {
  name: string
  phone?: string
  email?: string
}

/** Returns the time of the server. A demo has a clock of its own, which tells an admin the time. */
export async function serverNow(server: Server): Promise<number> {
  const reply = await fetch(server.url + '/api/v1/demo/outage', {
    headers: { Authorization: `Bearer ${server.vars.ADMIN_KEY ?? ''}` },
  })
  return reply.ok ? Date.parse(((await reply.json()) as Schemas['DemoOutage']).now) : Date.now()
}

/** Returns a zone where it is about noon, because texts do not go at night. */
function atNoon(now: number): string {
  const hour = new Date(now).getUTCHours()
  const offset = 12 - hour // of a zone east of UTC; Etc/GMT names have the other sign
  return offset === 0 ? 'Etc/UTC' : offset > 0 ? `Etc/GMT-${offset}` : `Etc/GMT+${-offset}`
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/**
 * Opens an account with appointments tomorrow at noon for some people, a quarter of an hour apart, each with a reminder
 * by text that is due now. `credits` buys credits; without them no text goes. It waits until all reminders ended or went.
 */
export async function openTexting(
  server: Server, name: string, people: Person[], credits: number, settled: Schemas['MessageState'][] = ['suppressed'],
): Promise<Texting> {
  const admin = server.vars.ADMIN_KEY ?? ''
  const now = await serverNow(server)
  const zone = atNoon(now)
  const { id } = await call<Schemas['Written']>(server, admin, 'POST', '/accounts', {
    name, zone, locale: 'en-GB', country: 'US', email: 'desk@example.com', notices: {},
  })
  const at = `/accounts/${id}`
  if (credits > 0) {
    await call(server, admin, 'POST', `${at}/credits/purchases`, { amount_micro: credits * 1_000_000, reference: 'invoice 1' })
  }
  const staff = await call<Schemas['Written']>(server, admin, 'POST', `${at}/resources`, {
    name: 'Mara Lindqvist', kind: 'staff', units: people.length,
  })
  await call(server, admin, 'PUT', `${at}/resources/${staff.id}/hours`, {
    zone, hours: [{ days: [0, 1, 2, 3, 4, 5, 6], from: '00:00', to: '24:00' }],
  }, `${at}/resources/${staff.id}`)
  const service = await call<Schemas['Written']>(server, admin, 'POST', `${at}/services`, {
    name: 'First visit', duration_min: 15, interval_min: 15, horizon_days: 60,
    requirements: [{ any_of: [{ resource: staff.id, units: 1 }] }],
  })
  const start = new Date(Math.ceil(now / 900_000) * 900_000 + 24 * 3_600_000)
  for (const person of people) {
    const client = await call<Schemas['Written']>(server, admin, 'POST', `${at}/clients`, person)
    await call(server, admin, 'POST', `${at}/appointments`, {
      client: client.id, service: service.id, start: start.toISOString(),
    })
  }
  // The reminder was due at the last full minute, but never before the booking: then it would be too late for it.
  const minute = Math.ceil(((await serverNow(server)) + 300) / 60_000) * 60_000
  await call(server, admin, 'PUT', `${at}/reminder-rules`, {
    rules: [{ id: 'day-before', lead_min: Math.round((start.getTime() - minute) / 60_000), channel: 'sms' }],
  }, at)
  const keys: Record<string, string> = {}
  for (const role of ['owner', 'staff', 'billing']) {
    keys[role] = (await call<{ key: string }>(server, admin, 'POST', `${at}/keys`, { role, label: 'test' })).key
  }
  const messages = async () =>
    (await call<Schemas['MessagePage']>(server, admin, 'GET', `${at}/messages?limit=200`)).items
  for (;;) {
    const texts = (await messages()).filter((one) => one.channel === 'sms')
    if (texts.length === people.length && texts.every((one) => settled.includes(one.state))) break
    await pause(200)
  }
  return { id, owner: keys.owner ?? '', staff: keys.staff ?? '', billing: keys.billing ?? '', messages }
}
