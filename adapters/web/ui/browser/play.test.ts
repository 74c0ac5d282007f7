import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, serve, type Server, useBrowser } from './harness'

// The chapters take as long as the detector takes: the clock of the demo is fast, but nothing is skipped.
const patience = { timeout: 180_000 }

describe('the outage that a demo plays', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  it('is suspected and confirmed, puts people on the call sheet, and stops when told', async () => {
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
    await page.getByRole('button', { name: 'Stop the play' }).click()
    await play.getByRole('heading', { name: 'The play was stopped' }).waitFor()

    await page.goto(server.url + '/app/console/outages')
    await page.getByRole('main').getByText(/alpha/).first().waitFor()
    const owner = await open({ key: server.vars.KEY ?? '' })
    await owner.page.goto(server.url + '/app/calls')
    await owner.page.getByRole('main').getByRole('link', { name: /\+1/ }).first().waitFor()
    expectClean(admin)
    expectClean(owner)
  }, 240_000)
})
