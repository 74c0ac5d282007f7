import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { screens } from '../src/screens'
import { type Role, serve, type Server, useBrowser } from './harness'

const roles: Role[] = ['owner', 'staff', 'billing', 'admin']

/** What a role may not read, by the path below /api/v1. Every row must be met by a request of some screen. */
const forbidden: [RegExp, Role[]][] = [
  [/^\/accounts\/[^/]+\/credits/, ['staff']],
  [/^\/accounts\/[^/]+\/(calendar|call-sheet|clients|messages|work)/, ['billing']],
  [/^\/accounts\/[^/]+\/(keys|webhooks|members)/, ['staff', 'billing']],
  [/^\/(accounts|outages|providers|routes|windows)(\?|$)/, ['owner', 'staff', 'billing']],
]

describe('the walls between roles and accounts', () => {
  let server: Server
  let stranger = '' // a key of the owner of another account
  const { open } = useBrowser()
  const requests = new Map<Role, Set<string>>()

  beforeAll(async () => {
    server = await serve('--demo')
    const post = async (path: string, body: object): Promise<Record<string, string>> => {
      const reply = await fetch(server.url + '/api/v1' + path, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${server.vars.ADMIN_KEY}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': randomUUID(),
        },
        body: JSON.stringify(body),
      })
      expect(reply.status).toBe(201)
      return (await reply.json()) as Record<string, string>
    }
    const other = await post('/accounts', { name: 'Elsewhere', zone: 'Europe/Berlin', locale: 'de-DE', country: 'DE' })
    stranger = (await post(`/accounts/${other.id}/keys`, { role: 'owner' })).key ?? ''

    const listed = await fetch(`${server.url}/api/v1/accounts/${server.vars.ACCOUNT}/messages?limit=1`, {
      headers: { Authorization: `Bearer ${server.vars.KEY}` },
    })
    const message = ((await listed.json()) as { items: { id: string }[] }).items[0]?.id ?? ''

    // Every screen of every role, with what it asks the server.
    for (const role of roles) {
      const opened = await open({ server, role })
      const asked = new Set<string>()
      opened.page.on('request', (request) => {
        const url = new URL(request.url())
        if (request.method() === 'GET' && url.pathname.startsWith('/api/v1/') && !url.pathname.endsWith('/changes'))
          asked.add(url.pathname.slice('/api/v1'.length) + url.search)
      })
      if (role === 'admin') {
        await opened.page.goto(`${server.url}/app/day?account=${server.vars.ACCOUNT}`)
        await opened.page.getByRole('heading', { level: 1 }).first().waitFor()
      }
      for (const screen of screens.filter((one) => one.roles.includes(role))) {
        await opened.page.goto(`${server.url}/app/${screen.path === 'message' ? `message/${message}` : screen.path}`)
        const title = opened.page.getByRole('heading', { level: 1 }).first()
        await title.waitFor().catch((error: unknown) => {
          throw new Error(`${role} sees no heading on ${screen.path}`, { cause: error })
        })
        await opened.page.waitForLoadState('load')
        await opened.page.waitForTimeout(300) // requests that follow from others
      }
      requests.set(role, asked)
      await opened.context.close()
    }
  })
  afterAll(async () => {
    await server.stop()
  })

  const every = (): string[] => [...new Set(roles.flatMap((role) => [...(requests.get(role) ?? [])]))]
  const status = async (path: string, headers: Record<string, string>): Promise<number> =>
    (await fetch(server.url + '/api/v1' + path, { headers })).status
  const cookie = async (role: Role) => ({ Cookie: `__Host-clickbook=${await server.signIn(role)}` })

  it('asks for something on every screen', () => {
    for (const role of roles) expect(requests.get(role)?.size, role).toBeGreaterThan(3)
  })

  it('shows nothing to somebody who is not signed in', async () => {
    for (const path of every().filter((one) => !/^\/(health|version|sign-in)/.test(one)))
      expect(await status(path, {}), path).toBe(401)
  })

  it('shows nothing of an account to the owner of another', async () => {
    const inside = every().filter((path) => path.startsWith(`/accounts/${server.vars.ACCOUNT}`))
    expect(inside.length).toBeGreaterThan(8)
    for (const path of inside) expect(await status(path, { Authorization: `Bearer ${stranger}` }), path).toBe(404)
  })

  it('refuses a role what is not its own, whatever screen asked for it', async () => {
    for (const [pattern, kept] of forbidden) {
      const met = every().filter((path) => pattern.test(path))
      expect(met.length, String(pattern)).toBeGreaterThan(0)
      for (const path of met)
        for (const role of kept) expect(await status(path, await cookie(role)), `${role} ${path}`).toBe(403)
    }
  })

  it('gives every screen what it asks for', async () => {
    for (const role of roles)
      for (const path of requests.get(role) ?? []) expect(await status(path, await cookie(role)), path).toBe(200)
  })
})
