import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, expectClean, serve, type Server, useBrowser } from './harness'

describe('signing in', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  it('uses a link once, and only by its button', async () => {
    const link = /^ +billing +(\S+)$/m.exec(server.output())?.[1] ?? ''
    const opened = await open({ javaScriptEnabled: false })
    await opened.page.goto(link)
    await opened.page.goto(link)
    await opened.page.getByRole('button', { name: 'Sign in' }).click()
    await opened.page.waitForURL(/\/app\//)
    const cookies = await opened.context.cookies()
    expect(cookies.map(({ name, secure, httpOnly, sameSite }) => ({ name, secure, httpOnly, sameSite }))).toEqual([
      { name: '__Host-clickbook', secure: true, httpOnly: true, sameSite: 'Lax' },
    ])
    await opened.page.goto(link)
    await opened.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    expectClean(opened, /404/)
  })

  it('shows the page of a link that everybody can read', async () => {
    const link = /^ +staff +(\S+)$/m.exec(server.output())?.[1] ?? ''
    const opened = await open()
    await opened.page.goto(link)
    await expectAccessible(opened.page)
    expectClean(opened)
  })

  it('opens the day for an owner who is signed in', async () => {
    const opened = await open({ server, role: 'owner' })
    await opened.page.goto(server.url + '/')
    await opened.page.waitForURL(/\/app\/day/)
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    expectClean(opened)
  })
})
