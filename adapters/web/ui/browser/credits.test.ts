import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, inspect, serve, type Server, useBrowser } from './harness'
import { call, openTexting, serverNow, type Texting } from './texting'

describe('credits and delivery', () => {
  let server: Server
  let practice: Texting
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
    practice = await openTexting(
      server,
      'Harbour Physiotherapy',
      [
        { name: 'Samir Moreau', phone: '+12125550101' }, { name: 'Vera Vogel', phone: '+12125550102' },
        { name: 'Yuki Tanabe', phone: '+12125550103' },
      ],
      100,
      ['sent', 'delivered', 'undelivered', 'failed'],
    )
  })
  afterAll(async () => {
    await server.stop()
  })

  it('show billing the balance, and explain a charge and the refund of an outage', async () => {
    const opened = await open({ key: practice.billing })
    const { page } = opened
    await page.goto(server.url + '/app/credits')
    await page.getByRole('heading', { level: 1, name: '98.50 credits' }).waitFor()
    await page.getByRole('button', { name: '3 texts charged' }).waitFor()
    await page.getByText('Bought, invoice 1').waitFor()

    // The operator declares that texts of these days cost nothing. The page hears of it.
    const now = await serverNow(server)
    await call(server, server.vars.ADMIN_KEY ?? '', 'POST', '/windows', {
      bounds: { start: new Date(now - 86_400_000).toISOString(), end: new Date(now + 86_400_000).toISOString() },
      scope: { countries: ['US'] }, reason: 'banned by the networks',
    })
    await page.getByRole('heading', { level: 1, name: '100.00 credits' }).waitFor()
    await page.getByText('3 of 3 eligible texts refunded').waitFor()
    await page.getByText('1.50 of 1.50').waitFor()
    await page.getByText(/^Open until/).first().waitFor()

    const refunded = page.getByRole('button', { name: '3 texts refunded by a refund window' })
    await refunded.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: /Text to United States/ }).first().click()
    const dialog = page.getByRole('dialog', { name: 'This text cost nothing' })
    await dialog.getByText('1 segment × 0.50 = 0.50').waitFor()
    await dialog.getByText(/A provider accepted the text, so 0\.50 credits were charged/).waitFor()
    await dialog.getByText('E = 0.50, refunded before R = 0.00, so E − R = 0.50').waitFor()
    await dialog.getByText('Charged 0.50 − refunded 0.50 = 0.00 credits.').waitFor()
    await dialog.getByText('The lines of the ledger').click()
    await dialog.getByRole('cell', { name: 'refunds:paid' }).waitFor()
    await inspect(page, 'credits-explain', async () => {
      await dialog.waitFor()
    })
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await page.locator('body').innerText()).not.toMatch(/Samir|Vera|Yuki|\+1212/)
    await inspect(page, 'credits', async () => {
      await page.getByRole('button', { name: '3 texts charged' }).waitFor()
    })
    expectClean(opened)
  })

  it('let billing record purchases with exact digits, once each', async () => {
    const opened = await open({ key: practice.billing })
    const { page } = opened
    await page.goto(server.url + '/app/credits')
    await page.getByRole('button', { name: 'Record a purchase' }).click()
    const dialog = page.getByRole('dialog', { name: 'Record a purchase' })
    await dialog.getByLabel('Credits').fill('ten')
    await dialog.getByLabel('Invoice or payment').fill('invoice 2')
    await dialog.getByRole('button', { name: 'Record the purchase' }).click()
    await dialog.getByText('Write an amount above zero').waitFor()
    await dialog.getByLabel('Credits').fill('0.100001')
    await dialog.getByRole('button', { name: 'Record the purchase' }).click()
    await page.getByText('0.100001 credits were added.').waitFor()
    await page.getByRole('heading', { level: 1, name: '100.100001 credits' }).waitFor()
    // The same invoice with another amount is refused, and what was typed stays.
    await page.getByRole('button', { name: 'Record a purchase' }).click()
    await dialog.getByLabel('Credits').fill('7')
    await dialog.getByLabel('Invoice or payment').fill('invoice 2')
    await dialog.getByRole('button', { name: 'Record the purchase' }).click()
    await dialog.getByRole('alert').waitFor()
    expect(await dialog.getByLabel('Credits').inputValue()).toBe('7')
    await page.keyboard.press('Escape')
    expectClean(opened, /409/)
  })

  it('show the past plainly as past', async () => {
    const opened = await open({ key: practice.owner })
    const { page } = opened
    const past = new Date((await serverNow(server)) - 2 * 86_400_000).toISOString().slice(0, 10)
    await page.goto(`${server.url}/app/credits?as_of=${past}`)
    await page.getByRole('heading', { level: 1, name: /^0\.00 credits on/ }).waitFor()
    await page.getByText('This is the past').waitFor()
    expect(await page.getByRole('button', { name: 'Record a purchase' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.getByRole('heading', { level: 1, name: '100.100001 credits' }).waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
    const lines = readFileSync(await file.path(), 'utf8')
    expect(lines).toContain('entry,kind,from,to,credits')
    expect(lines).toContain(',purchase,issued:paid,paid,0.100001,')
    expectClean(opened)
  })

  it('report deliveries, by provider and country', async () => {
    const opened = await open({ key: practice.billing })
    const { page } = opened
    await page.goto(server.url + '/app/delivery')
    await page.getByRole('rowheader', { name: 'United States' }).waitFor()
    await page.getByText(/^3 texts, /).waitFor()
    await page.getByRole('heading', { name: 'What explains it' }).waitFor()
    await inspect(page, 'delivery', async () => {
      await page.getByRole('rowheader', { name: 'United States' }).waitFor()
    })
    await page.getByLabel('Period').selectOption('90')
    await page.waitForURL(/days=90/)
    await page.getByRole('rowheader', { name: 'United States' }).waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
    expect(readFileSync(await file.path(), 'utf8')).toMatch(/provider,country,day,delivered,failed,no_receipt\r\n(alpha|beta),US,/)
    await page.getByLabel('Period').selectOption('own')
    await page.getByLabel('To', { exact: true }).fill('2026-01-31')
    await page.getByLabel('From', { exact: true }).fill('2026-01-01')
    await page.getByRole('heading', { level: 1, name: 'No texts yet' }).waitFor()
    expectClean(opened)
  })

  it('are refused to staff, and to another account, in one sentence', async () => {
    const staff = await open({ key: practice.staff })
    await staff.page.goto(server.url + '/app/credits')
    await staff.page.waitForURL(/\/app\/day/)
    expect(await staff.page.getByRole('link', { name: 'Credits' }).count()).toBe(0)
    for (const path of ['credits', 'credits/lines', 'credits/windows']) {
      const status = await staff.page.evaluate(
        async (address) => (await fetch(address)).status, `/api/v1/accounts/${practice.id}/${path}`,
      )
      expect(status, path).toBe(403)
    }
    expectClean(staff, /403/)

    // The key of the demo's own account asks for ours.
    const other = await open({ key: server.vars.KEY ?? '' })
    await other.page.goto(server.url + '/app/credits')
    await other.page.getByRole('heading', { level: 1, name: /credits$/ }).waitFor()
    for (const path of ['credits', 'credits/lines', 'credits/windows', 'deliveries?from=2026-11-01&to=2026-12-01', 'messages', 'call-sheet']) {
      const status = await other.page.evaluate(
        async (address) => (await fetch(address)).status, `/api/v1/accounts/${practice.id}/${path}`,
      )
      expect([403, 404], path).toContain(status)
    }
    expectClean(other, /40[34]/)
  })
})
