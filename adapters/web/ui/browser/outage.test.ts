import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, serve, type Server, useBrowser } from './harness'

describe('from a refund window to the refunds', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  it('shows what a window gives back, and then the refunds in Credits', async () => {
    const admin = await open({ key: server.vars.ADMIN_KEY ?? '' })
    const owner = await open({ key: server.vars.KEY ?? '' })
    await owner.page.goto(server.url + '/app/credits')
    await owner.page.getByRole('heading', { level: 2, name: /Statement/ }).waitFor()
    const rows = owner.page.locator('tr.window')
    await owner.page.getByRole('row', { name: /Closing balance/ }).waitFor()
    const before = await rows.count()

    const { page } = admin
    await page.goto(server.url + '/app/console/windows')
    await page.getByRole('button', { name: 'Declare a refund window…' }).click()
    const dialog = page.getByRole('dialog')
    const start = dialog.locator('input[type=datetime-local]').first()
    const to = await start.inputValue()
    await start.fill(new Date(Date.parse(to + 'Z') - 3 * 86_400_000).toISOString().slice(0, 16))
    await dialog.getByText(/credits go back for/).waitFor()
    await dialog.getByLabel('Reason').fill('texts were lost for three days')
    await dialog.getByRole('button', { name: 'Declare it' }).click()
    await page.getByRole('listitem').filter({ hasText: 'texts were lost for three days' }).getByText('active').waitFor()

    const refund = rows.nth(before)
    await refund.waitFor()
    const first = rows.first()
    await first.getByRole('button', { name: /refunded by a refund window/ }).waitFor()
    const tint = (selector: string) =>
      owner.page.locator(selector).first().evaluate((row) => getComputedStyle(row).backgroundColor)
    expect(await tint('tr.window')).not.toBe(await tint('tbody tr:not(.window):not(.edge)'))
    expectClean(admin)
    expectClean(owner)
  }, 60_000)
})
