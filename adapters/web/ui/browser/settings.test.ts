import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, expectClean, inspect, type Opened, serve, type Server, useBrowser } from './harness'

describe('settings', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  async function section(opened: Opened, path: string, heading: string | RegExp) {
    await opened.page.goto(`${server.url}/app/settings/${path}`)
    await opened.page.getByRole('heading', { level: 2, name: heading }).first().waitFor()
  }
  const owner = () => open({ key: server.vars.KEY ?? '' })

  it('saves the opening hours of a person, and shows them again', async () => {
    const opened = await owner()
    const { page } = opened
    await section(opened, 'hours', 'Opening hours')
    await page.getByRole('row', { name: /Saturday/ }).getByRole('button', { name: 'Add' }).click()
    const from = page.getByRole('textbox', { name: 'Saturday, from' })
    await from.fill('9')
    await page.getByRole('textbox', { name: 'Saturday, to' }).fill('1230')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    await page.reload()
    await page.getByRole('textbox', { name: 'Saturday, to' }).waitFor()
    expect(await from.inputValue()).toBe('09:00')
    expect(await page.getByRole('textbox', { name: 'Saturday, to' }).inputValue()).toBe('12:30')
    await inspect(page, 'settings-hours', async () => {
      await page.getByRole('textbox', { name: 'Saturday, to' }).waitFor()
    })
    expectClean(opened)
  })

  it('keeps what was typed when the server refuses it, and says why', async () => {
    const opened = await owner()
    const { page } = opened
    await section(opened, 'hours', 'Opening hours')
    const from = page.getByRole('textbox', { name: 'Monday, from' }).first()
    await from.fill('late')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').waitFor()
    expect(await from.inputValue()).toBe('late')
    await page.getByRole('button', { name: 'Undo changes' }).click()
    expect(await from.inputValue()).not.toBe('late')
    expectClean(opened, /400|422/)
  })

  it('merges what two people change, and lets the second choose', async () => {
    const [first, second] = [await owner(), await owner()]
    await section(first, 'account', 'Your business')
    await section(second, 'account', 'Your business')
    await first.page.getByLabel('Phone').fill('+1 604 555 0123')
    await first.page.getByRole('button', { name: 'Save' }).click()
    await first.page.getByText('Saved.').waitFor()
    await second.page.getByLabel('Name').fill('Two hands')
    await second.page.getByRole('button', { name: 'Save' }).click()
    await second.page.getByText('Somebody else changed this meanwhile: phone.').waitFor()
    await expectAccessible(second.page)
    await second.page.getByRole('button', { name: 'Keep mine too and save' }).click()
    await second.page.getByText('Saved.').waitFor()
    expect(await second.page.getByLabel('Name').inputValue()).toBe('Two hands')
    expect(await second.page.getByLabel('Phone').inputValue()).toContain('604')
    await second.page.getByRole('banner').getByText('Two hands').waitFor()
    expectClean(first)
    expectClean(second, /412/)
  })

  it.each([
    ['', 'What happens by itself'],
    ['services', 'Services'],
    ['services/new', 'Add a service'],
    ['resources', 'Staff, rooms and equipment'],
    ['resources/new', 'Add staff, a room or equipment'],
    ['reminders', 'Reminders'],
    ['notices', 'Notices'],
    ['templates', 'Texts of messages'],
    ['limits', 'Limits of texts'],
    ['alerts', 'Alerts and the daily agenda'],
    ['account', 'Your business'],
    ['keys', 'API keys'],
    ['downloads', 'Downloads and imports'],
  ])('shows settings/%s', async (path, heading) => {
    const opened = await owner()
    await section(opened, path, heading)
    await opened.page.waitForLoadState('networkidle')
    await inspect(opened.page, `settings-${path.replace('/', '-') || 'overview'}`, async () => {
      await opened.page.getByRole('heading', { level: 2, name: heading }).first().waitFor()
    })
    expectClean(opened)
  })
})
