import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, inspect, serve, type Server, useBrowser } from './harness'
import { call, openTexting, type Texting } from './texting'

const longName = 'Zoë 🌷 ' + 'محمد '.repeat(30).trim()

describe('call these people', () => {
  let server: Server
  let practice: Texting
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
    practice = await openTexting(
      server,
      'Without credits',
      [
        { name: 'Samir Moreau', phone: '+12125550101' },
        { name: 'Ines Caron', phone: '+12125550102', email: 'ines@example.com' },
        { name: longName, phone: '+12125550103' },
      ],
      0,
    )
  })
  afterAll(async () => {
    await server.stop()
  })

  it('lists whom a message did not reach, with number, reason and what went instead', async () => {
    const opened = await open({ key: practice.staff })
    const { page } = opened
    await page.goto(server.url + '/app/calls')
    await page.getByRole('heading', { level: 1, name: '3 people to call' }).waitFor()
    const samir = page.getByRole('listitem').filter({ hasText: 'Samir Moreau' })
    expect(await samir.getByRole('link', { name: '+12125550101' }).getAttribute('href')).toBe('tel:+12125550101')
    await samir.getByText('Reminder: not sent, there were no credits left').waitFor()
    const ines = page.getByRole('listitem').filter({ hasText: 'Ines Caron' })
    await ines.getByText(/email went instead|email is about to go/).waitFor()
    await inspect(page, 'calls', async () => {
      await page.getByRole('heading', { level: 1, name: '3 people to call' }).waitFor()
    })
    expectClean(opened)
  })

  it('shares a tick with another page, and still shows the contacted ones on request', async () => {
    const mine = await open({ key: practice.staff })
    const theirs = await open({ key: practice.owner })
    for (const { page } of [mine, theirs]) {
      await page.goto(server.url + '/app/calls')
      await page.getByRole('heading', { level: 1, name: '3 people to call' }).waitFor()
    }
    const tick = mine.page.getByRole('listitem').filter({ hasText: 'Samir Moreau' }).getByRole('checkbox')
    await tick.focus()
    await mine.page.keyboard.press('Space')
    await mine.page.getByRole('heading', { level: 1, name: '2 people to call' }).waitFor()
    await mine.page.getByText(/^Contacted \d/).waitFor()
    await theirs.page.getByRole('heading', { level: 1, name: '2 people to call' }).waitFor()
    expect(await theirs.page.getByText('Samir Moreau').count()).toBe(0)
    await theirs.page.getByRole('checkbox', { name: 'Show those already contacted' }).check()
    await theirs.page.getByText('Samir Moreau', { exact: true }).waitFor()
    expectClean(mine)
    expectClean(theirs)
  })

  it('prints boxes and numbers, and none of the controls', async () => {
    const opened = await open({ key: practice.staff })
    const { page } = opened
    await page.goto(server.url + '/app/calls?show=all')
    await page.getByText('Ines Caron', { exact: true }).waitFor()
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('button').count()).toBe(0)
    expect(await page.getByRole('checkbox').count()).toBe(0)
    expect(await page.locator('.box:visible').count()).toBe(3)
    await page.getByText('+12125550102').waitFor()
    expectClean(opened)
  })

  it('says why a tick was refused, and repeats one that was in doubt', async () => {
    const opened = await open({ key: practice.staff })
    const { page, context } = opened
    await page.goto(server.url + '/app/calls')
    const ines = page.getByRole('listitem').filter({ hasText: 'Ines Caron' })
    await ines.waitFor()
    await context.setOffline(true)
    await ines.getByRole('checkbox').click()
    await ines.getByRole('alert').getByText('The connection is lost').waitFor()
    expect(await ines.getByRole('checkbox').isChecked()).toBe(false)
    await context.setOffline(false)
    await ines.getByRole('button', { name: 'Try again' }).click()
    await ines.getByText(/^Contacted \d/).waitFor()
    const rows = await call<{ items: { client_name: string; contacted_at?: string }[] }>(
      server, practice.owner, 'GET', `/accounts/${practice.id}/call-sheet`,
    )
    expect(rows.items.find((one) => one.client_name === 'Ines Caron')?.contacted_at).toBeTruthy()
    expectClean(opened, /ERR_INTERNET_DISCONNECTED/)
  })
})
