import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clinic, type Clinic } from './clinic'
import { expectAccessible, expectClean, inspect, serve, type Server, useBrowser } from './harness'

describe('clients and the work list', () => {
  let server: Server
  let at: Clinic
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
    at = await clinic(server)
  })
  afterAll(() => server.stop())

  const show = (id: string) =>
    at.call<{ contact: { name: string; phone?: string }; revision: number; sms_opted_out: boolean; erased: boolean }>('GET', `/clients/${id}`)

  it('finds a client by the last digits of the number, and keeps what two people change', async () => {
    const id = at.clients[3]?.id ?? ''
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.goto(`${server.url}/app/clients`)
    await inspect(page, 'clients', () => page.getByRole('main').getByRole('listitem').nth(3).waitFor())
    await page.getByLabel('Find a client').fill('550123')
    await page.getByRole('link', { name: 'Zoe Kowalski' }).click()
    await page.waitForURL(new RegExp(id))
    await inspect(page, 'client', () => page.getByRole('heading', { name: 'Contact' }).waitFor())
    await page.getByRole('button', { name: 'Change…' }).click()
    await page.getByLabel('Name').fill('Zoe Kowalska')
    const { revision } = await show(id)
    await at.call('PUT', `/clients/${id}`, { name: 'Zoe Kowalski', phone: '+16045550177' }, { 'If-Match': `"${revision}"` })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Somebody else saved: +16045550177').waitFor()
    await expectAccessible(page)
    expect(await page.getByLabel('Name').inputValue()).toBe('Zoe Kowalska')
    await page.getByLabel('Phone').fill('+16045550177')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Zoe Kowalska', level: 1 }).waitFor()
    expect((await show(id)).contact).toMatchObject({ name: 'Zoe Kowalska', phone: '+16045550177' })
    expectClean(opened, /412/)
  })

  it('stops texts, and erases after the name was typed', async () => {
    const id = at.clients[5]?.id ?? ''
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.goto(`${server.url}/app/clients/${id}`)
    await page.getByRole('button', { name: 'Stop texts' }).click()
    await page.getByRole('button', { name: 'Allow texts again' }).waitFor()
    expect((await show(id)).sms_opted_out).toBe(true)
    await page.getByRole('button', { name: 'Erase…' }).click()
    const button = page.getByRole('button', { name: 'Erase for ever' })
    expect(await button.isDisabled()).toBe(true)
    await page.getByLabel('Type the name').fill(at.clients[5]?.name ?? '')
    await expectAccessible(page)
    await button.click()
    await page.getByRole('heading', { name: 'Erased client' }).waitFor()
    expect((await show(id)).erased).toBe(true)
    expectClean(opened)
  })

  it('lists what relies on hours that are gone, moves one, and keeps another with a note', async () => {
    const person = at.people[2]
    await at.call('POST', `/resources/${person?.id}/blocks`, {
      start: `${at.day}T16:00:00Z`, end: `${at.day}T23:59:00Z`, available: false,
    })
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.goto(`${server.url}/app/work`)
    await page.getByRole('heading', { name: /need a decision|needs a decision/ }).waitFor()
    await inspect(page, 'work', () => page.locator('li p').first().waitFor())
    // The demo has work of its own, for its service Treatment.
    const items = page.getByRole('main').getByRole('listitem').filter({ hasText: /Follow-up|Manual therapy/ })
    const before = await items.count()
    await items.first().getByRole('button', { name: 'Keep as it is…' }).click()
    await page.getByLabel('What was agreed').fill('comes all the same')
    await page.getByRole('button', { name: 'Take it off the list' }).click()
    await expect.poll(() => items.count()).toBe(before - 1)
    await items.first().getByRole('button', { name: 'Move…' }).click()
    const panel = page.getByRole('dialog')
    await panel.getByLabel('With').selectOption({ label: 'Mara Lindqvist' })
    await panel.getByRole('button', { name: /^16:\d\d$/ }).first().click()
    await panel.getByRole('button', { name: 'Move', exact: true }).click()
    await page.getByText('is moved to 16:').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => items.count()).toBe(before - 2)
    expectClean(opened)
  })

  it('reads a name of many letters, emoji and right-to-left text without breaking the page', async () => {
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.goto(`${server.url}/app/clients/${at.clients[0]?.id}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.setViewportSize({ width: 320, height: 640 })
    await expectAccessible(page)
    expectClean(opened)
  })
})
