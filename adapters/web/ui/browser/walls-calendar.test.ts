import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clinic, type Clinic } from './clinic'
import { expectClean, serve, type Server, useBrowser } from './harness'

// What the screens of the calendar request, repeated with the key of another role and of another account.
describe('the walls around the calendar', () => {
  let server: Server
  let at: Clinic
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
    at = await clinic(server)
  })
  afterAll(() => server.stop())

  async function keyOf(path: string, key: string, role: string): Promise<string> {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': 'application/json' },
      body: JSON.stringify({ role, label: 'walls' }),
    })
    const made = (await response.json()) as { key?: string }
    if (!made.key) throw new Error(`no key: ${JSON.stringify(made)}`)
    return made.key
  }
  async function otherAccount(): Promise<string> {
    const admin = server.vars.ADMIN_KEY ?? ''
    const response = await fetch(`${server.url}/api/v1/accounts`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${admin}`, 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'Somebody else', zone: 'Europe/Berlin', locale: 'de', country: 'DE' }),
    })
    const made = (await response.json()) as { id: string }
    return keyOf(`/accounts/${made.id}/keys`, admin, 'owner')
  }

  it('lets through no request of any screen for another account, and none of billing', async () => {
    const opened = await open({ key: at.staffKey })
    const { page } = opened
    const asked = new Set<string>()
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (request.method() === 'GET' && url.pathname.startsWith(`/api/v1/accounts/${at.account}/`)) asked.add(url.pathname + url.search)
    })
    const visit = await at.book(at.clients[2]?.id ?? '', at.services.long, `${at.day}T16:00`, at.people[0]?.id)
    for (const screen of [
      `day/${at.day}?appointment=${visit}`, `week/${at.day}`, `month/${at.day}`, 'work', 'clients', `clients/${at.clients[2]?.id}`,
    ]) {
      await page.goto(`${server.url}/app/${screen}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle').catch(() => undefined)
    }
    expect(asked.size).toBeGreaterThan(9)
    const stranger = await otherAccount()
    const billing = await keyOf(`/accounts/${at.account}/keys`, server.vars.ADMIN_KEY ?? '', 'billing')
    for (const path of asked) {
      if (path.includes('/changes')) continue
      const get = async (key: string) => (await fetch(server.url + path, { headers: { Authorization: `Bearer ${key}` } })).status
      expect(await get(stranger), path).toBe(404)
      if (!/\/summary/.test(path)) expect(await get(billing), path).toBe(403)
    }
    expectClean(opened)
  })

  it('has no calendar for billing, and no erasing for staff', async () => {
    const billing = await open({ key: await keyOf(`/accounts/${at.account}/keys`, server.vars.ADMIN_KEY ?? '', 'billing') })
    await billing.page.goto(`${server.url}/app/day/${at.day}`)
    await billing.page.waitForURL((url) => !url.pathname.includes('/day'), { timeout: 5000 }).catch(() => undefined)
    expect(await billing.page.locator('[data-visit]').count()).toBe(0)
    const staff = await open({ key: at.staffKey })
    await staff.page.goto(`${server.url}/app/clients/${at.clients[2]?.id}`)
    await staff.page.getByRole('button', { name: 'Change…' }).waitFor()
    expect(await staff.page.getByRole('button', { name: 'Erase…' }).count()).toBe(0)
    expectClean(staff)
  })
})
