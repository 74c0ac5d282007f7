import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, inspect, serve, type Server, sizes, useBrowser } from './harness'
import { clinic, type Clinic } from './clinic'

describe('the day', () => {
  let server: Server
  let at: Clinic
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
    at = await clinic(server)
  })
  afterAll(() => server.stop())

  it('shows people in columns, closed hours and what was not delivered', async () => {
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.goto(`${server.url}/app/day/${at.day}`)
    await page.getByRole('button', { name: /Grace Long/ }).first().waitFor()
    await inspect(page, 'day', () => page.locator('[data-visit]').first().waitFor())
    expectClean(opened)
  })
  void sizes
  void expect
})
