import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, expectClean, serve, type Server, useBrowser } from './harness'

describe('the frame', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  it('opens the day for an owner, and goes back to it from an unknown address', async () => {
    const opened = await open({ key: server.vars.KEY ?? '' })
    await opened.page.goto(server.url + '/')
    await opened.page.waitForURL(/\/app\/day/)
    await opened.page.goto(server.url + '/app/nowhere/at/all')
    await opened.page.waitForURL(/\/app\/day/)
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    expectClean(opened)
  })

  it('lets an admin choose the account', async () => {
    const opened = await open({ key: server.vars.ADMIN_KEY ?? '' })
    await opened.page.goto(server.url + '/app/')
    await opened.page.getByRole('heading', { name: 'Accounts' }).waitFor()
    await expectAccessible(opened.page)
    await opened.page.getByRole('main').getByRole('button').first().click()
    await opened.page.waitForURL(/\/app\/day/)
    expectClean(opened)
  })

  it('says so when nobody is signed in, and shows nothing', async () => {
    const opened = await open()
    await opened.page.goto(server.url + '/app/day')
    await opened.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await opened.page.getByRole('navigation').count()).toBe(0)
    expectClean(opened, /401/)
  })
})
