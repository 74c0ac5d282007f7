import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, serve, type Server, useBrowser } from './harness'

// The chapters take as long as the detector takes: the clock of the demo is fast, but nothing is skipped.
const patience = { timeout: 240_000 }

describe('the outage that a demo plays', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  it('goes from the ban to the refunds in Credits, with people to call', async () => {
    const admin = await open({ key: server.vars.ADMIN_KEY ?? '' })
    const { page } = admin
    await page.goto(server.url + '/app/console')
    await page.getByRole('button', { name: 'Play the outage' }).click()
    const play = page.getByRole('region', { name: 'Play an outage' })
    const chapter = (title: RegExp) => play.locator('li.done').filter({ hasText: title })
    await chapter(/^\s*The ban begins/).waitFor(patience)
    await chapter(/^\s*Suspected/).waitFor(patience)
    await chapter(/^\s*Confirmed/).waitFor(patience)
    await chapter(/^\s*Owners are told/).waitFor(patience)
    const figure = async (name: string) =>
      Number(await play.locator('div').filter({ has: page.getByText(name, { exact: true }) }).locator('dd').last().innerText())
    expect(await figure('Not arrived')).toBeGreaterThan(0)
    expect(await figure('People to call')).toBeGreaterThan(0)
    const owner = await open({ key: server.vars.KEY ?? '' })
    await owner.page.goto(server.url + '/app/calls')
    await owner.page.getByRole('main').getByRole('link', { name: /\+1/ }).first().waitFor()
    await owner.page.goto(server.url + '/app/credits')
    await owner.page.getByRole('row', { name: /Closing balance/ }).waitFor()
    const refunds = owner.page.locator('tr.window')
    const before = await refunds.count()
    await chapter(/^\s*The ban is over/).waitFor(patience)
    await chapter(/^\s*Cleared/).waitFor(patience)
    await chapter(/^\s*The credits are back/).waitFor(patience)
    await play.getByRole('heading', { name: 'The outage is over' }).waitFor(patience)
    expect(await figure('Credits back')).toBeGreaterThan(0)
    await refunds.nth(before).waitFor()
    expect(await refunds.first().innerText()).toMatch(/refunded by a refund window/)
    expectClean(admin)
    expectClean(owner)
  }, 600_000)
})
