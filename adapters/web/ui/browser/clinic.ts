// A busy clinic for the tests of the calendar, made through the API in the first account of the demo.
import type { Server } from './harness'

export interface Clinic {
  key: string
  staffKey: string
  account: string
  /** A Monday some weeks ahead, with appointments of every kind. */
  day: string
  people: { id: string; name: string }[]
  services: { short: string; long: string; group: string }
  clients: { id: string; name: string }[]
  /** Calls the API of the account as its owner. */
  call: <T = Record<string, unknown>>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<T>
  book: (client: string, service: string, local: string, resource?: string) => Promise<string>
}

const names = [
  'Priya Fontana', 'Daniel Tanaka', 'Zoe Kowalski', 'Hugo Almeida', 'Wim Zimmer', 'Vera Vogel', 'Femi Castillo', 'Milo Berg',
  'Oskar Haddad', 'Ivana Laurent', 'Tessa Okafor', 'Samir Moreau', 'Elif Urban', 'Jonas Novak', 'Rosa Gruber', 'Yusuf Yilmaz',
]

/** A name of 300 characters, which the server accepts up to 200 of. */
export const longName = 'Grace Long 🌸 ' + 'محمد عبد الرحمن '.repeat(11).trim()

export async function clinic(server: Server): Promise<Clinic> {
  const { KEY: key = '', STAFF_KEY: staffKey = '', ACCOUNT: account = '' } = server.vars
  const call: Clinic['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${server.url}/api/v1/accounts/${account}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${key}`,
        ...(method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text) as never
  }
  const { zone } = (await call<{ settings: { zone: string } }>('GET', '')).settings
  const day = mondayIn(4)
  const people: Clinic['people'] = []
  for (const name of ['Mara Lindqvist', 'Tomás Oliveira', 'Yuki Tanabe']) {
    const made = await call<{ id: string; revision: number }>('POST', '/resources', { name, kind: 'staff' })
    await call('PUT', `/resources/${made.id}/hours`, {
      zone,
      hours: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '12:00' }, { days: [1, 2, 3, 4, 5], from: '13:00', to: '17:30' }],
    }, { 'If-Match': `"${made.revision}"` })
    people.push({ id: made.id, name })
  }
  const group = await call<{ id: string; revision: number }>('POST', '/resources', { name: 'Back class', kind: 'staff', units: 3 })
  await call('PUT', `/resources/${group.id}/hours`, {
    zone, hours: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '12:00' }],
  }, { 'If-Match': `"${group.revision}"` })
  people.push({ id: group.id, name: 'Back class' })
  const service = async (name: string, duration: number, ids: string[]) =>
    (
      await call<{ id: string }>('POST', '/services', {
        name, duration_min: duration, interval_min: 15, requirements: [{ any_of: ids.map((resource) => ({ resource })) }],
      })
    ).id
  const three = people.slice(0, 3).map((one) => one.id)
  const services = {
    short: await service('Follow-up', 15, three),
    long: await service('Manual therapy', 45, three),
    group: await service('Back class', 60, [group.id]),
  }
  const clients: Clinic['clients'] = []
  for (const [index, name] of [longName, ...names].entries()) {
    const made = await call<{ id: string }>('POST', '/clients', { name, phone: `+16045550${String(120 + index)}` })
    clients.push({ id: made.id, name })
  }
  const book: Clinic['book'] = async (client, of, local, resource) =>
    (
      await call<{ id: string }>('POST', '/appointments', {
        client, service: of, local, notify: false, ...(resource ? { resource } : {}), confirm: ['client_elsewhere'],
      })
    ).id
  const client = (index: number) => clients[index % clients.length]?.id ?? ''
  let next = 0
  for (const [column, person] of people.slice(0, 3).entries())
    for (const [time, long] of [['08:00', true], ['09:00', false], ['10:15', true], ['13:30', true], ['15:00', false]] as const)
      if ((column + next) % 4 !== 3 || next++ < 0) await book(client(next++), long ? services.long : services.short, `${day}T${time}`, person.id)
      else next++
  for (const index of [1, 2, 3]) await book(client(index), services.group, `${day}T09:00`)
  return { key, staffKey, account, day, people, services, clients, call, book }
}

/** A Monday some weeks ahead, by the date of this machine. */
function mondayIn(weeks: number): string {
  const at = new Date()
  at.setUTCDate(at.getUTCDate() + weeks * 7 + ((8 - at.getUTCDay()) % 7))
  return at.toISOString().slice(0, 10)
}
