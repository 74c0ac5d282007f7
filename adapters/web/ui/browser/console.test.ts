import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, expectClean, inspect, type Opened, serve, type Server, useBrowser } from './harness'

describe('the console', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  const admin = () => open({ key: server.vars.ADMIN_KEY ?? '' })
  async function go(opened: Opened, path: string) {
    await opened.page.goto(`${server.url}/app/console${path}`)
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    await opened.page.waitForFunction(() => !document.body.innerText.includes('Loading…')) // one a table
  }
  async function call(method: string, path: string, body?: unknown) {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${server.vars.ADMIN_KEY}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return (await response.json()) as Record<string, unknown>
  }

  it('switches a route after showing what it does, and restores it', async () => {
    const opened = await admin()
    const { page } = opened
    await go(opened, '')
    await page.getByText('Simulated: no text leaves this machine.').waitFor()
    const row = page.getByRole('row', { name: /All other countries/ })
    await row.getByRole('button', { name: /Switch/ }).click()
    await page.getByText(/go(es)? to beta first, instead of alpha/).waitFor()
    await page.getByRole('button', { name: 'Switch to beta' }).click()
    await page.getByText('Write why. It is kept with who did it.').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Reason').fill('alpha announced work tonight')
    await page.getByRole('button', { name: 'Switch to beta' }).click()
    await row.getByRole('button', { name: /Restore/ }).waitFor()
    expect(await row.getByText('beta', { exact: true }).count()).toBe(1)
    await row.getByRole('button', { name: /Restore/ }).click()
    await page.getByLabel('Reason').fill('the work is over')
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await row.getByRole('button', { name: /Switch/ }).waitFor()
    await go(opened, '/providers')
    await page.getByText('“the work is over”').waitFor()
    await inspect(page, 'console-providers', async () => {
      await page.getByText('“the work is over”').waitFor()
    })
    expectClean(opened)
  })

  it('forces a provider down for some hours, and ends that', async () => {
    const opened = await admin()
    const { page } = opened
    await go(opened, '')
    await page.getByRole('button', { name: 'Force a provider up or down…' }).click()
    await page.getByLabel('Country').fill('ca')
    await page.getByText('No text goes by alpha in Canada for 4 hours').waitFor()
    await page.getByLabel('Reason').fill('The carrier announced work.')
    await page.getByRole('button', { name: 'Force alpha in Canada down' }).click()
    await page.getByText('The carrier announced work.').waitFor()
    await inspect(page, 'console-now', async () => {
      await page.getByText('The carrier announced work.').waitFor()
    })
    await page.getByRole('button', { name: /End…/ }).click()
    await page.getByRole('button', { name: 'End it' }).click()
    await page.getByText('The carrier announced work.').waitFor({ state: 'detached' })
    expectClean(opened)
  })

  it('declares a refund window with its effect first, amends and revokes it', async () => {
    const opened = await admin()
    const { page } = opened
    await go(opened, '/windows')
    await page.getByRole('button', { name: 'Declare a refund window…' }).click()
    await page.getByRole('checkbox', { name: 'alpha' }).check()
    await page.getByRole('dialog').getByText(/Nothing is refunded now|credits go back for/).waitFor()
    await expectAccessible(page)
    await page.getByLabel('Reason').fill('texts of alpha were lost')
    await page.getByRole('button', { name: 'Declare it' }).click()
    const window = page.getByRole('listitem').filter({ hasText: 'texts of alpha were lost' })
    await window.getByText('active').waitFor()
    await window.getByRole('button', { name: 'Amend…' }).click()
    await page.getByLabel('To countries').fill('QQQ')
    await page.getByLabel('Reason').fill('only Canada')
    await page.getByRole('dialog').locator('.bad').first().waitFor()
    await page.getByLabel('To countries').fill('CA')
    await page.getByRole('dialog').getByText(/Nothing is refunded now|credits go back for/).waitFor()
    await page.getByRole('button', { name: 'Amend it' }).click()
    const amended = page.getByRole('listitem').filter({ hasText: 'only Canada' })
    await amended.getByRole('heading', { name: /to Canada/ }).waitFor()
    await inspect(page, 'console-windows', async () => {
      await amended.waitFor()
    })
    await amended.getByRole('button', { name: 'Revoke…' }).click()
    await page.getByText(/Nothing is refunded now|taken back/).waitFor()
    await page.getByLabel('Reason').fill('it was a mistake')
    await page.getByRole('button', { name: 'Revoke it' }).click()
    await page.getByRole('listitem').filter({ hasText: 'it was a mistake' }).getByText('revoked').waitFor()
    expectClean(opened, /400|422/)
  })

  it('disables a provider with a reason, and checks one', async () => {
    const opened = await admin()
    const { page } = opened
    await go(opened, '/providers')
    const row = page.getByRole('row', { name: /^beta/ })
    await row.getByRole('button', { name: 'Check… beta' }).click()
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    await page.getByText(/Credentials:/).waitFor()
    await page.keyboard.press('Escape')
    await row.getByRole('button', { name: 'Disable… beta' }).click()
    await page.getByLabel('Reason').fill('the contract ends')
    await page.getByRole('button', { name: 'Disable it' }).click()
    await row.getByText('“the contract ends”').waitFor()
    await row.getByRole('button', { name: 'Enable… beta' }).click()
    await page.getByRole('button', { name: 'Enable it' }).click()
    await row.getByText('enabled').waitFor()
    expectClean(opened)
  })

  it('is for admins', async () => {
    for (const key of [server.vars.KEY, server.vars.STAFF_KEY]) {
      const opened = await open({ key: key ?? '' })
      await opened.page.goto(`${server.url}/app/console`)
      await opened.page.waitForURL(/\/app\/day/)
      const statuses = await opened.page.evaluate(async () => {
        const paths = ['/console', '/routes', '/providers', '/windows', '/outages', '/overrides', '/demo/outage']
        return Promise.all(paths.map(async (path) => (await fetch('/api/v1' + path)).status))
      })
      expect(statuses).toEqual(statuses.map(() => 403))
      expectClean(opened, /403/)
    }
  })

  it('is walked by keys', async () => {
    const opened = await admin()
    const { page } = opened
    await go(opened, '')
    const button = page.getByRole('button', { name: 'Force a provider up or down…' })
    await button.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)
    const seen: string[] = []
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    for (let n = 0; n < 40; n++) {
      await page.keyboard.press('Tab')
      seen.push(await page.evaluate(() => document.activeElement?.textContent?.trim().slice(0, 30) ?? ''))
    }
    expect(seen).toEqual(expect.arrayContaining(['Outages', 'Refund windows', 'Force a provider up or down…']))
    expect(seen.some((text) => text.startsWith('Switch'))).toBe(true)
    expectClean(opened)
  })

  it('lists outages', async () => {
    const opened = await admin()
    await go(opened, '/outages')
    await inspect(opened.page, 'console-outages', async () => {
      await opened.page.getByRole('heading', { level: 1 }).waitFor()
    })
    await call('GET', '/outages')
    expectClean(opened)
  })
})
