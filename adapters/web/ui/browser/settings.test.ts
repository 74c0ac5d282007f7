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
    await second.page.getByLabel('Name').fill('Two hands')
    await first.page.getByLabel('Phone').fill('+1 604 555 0123')
    await first.page.getByRole('button', { name: 'Save' }).click()
    await first.page.getByText('Saved.').waitFor()
    await second.page.getByText('Somebody else changed this meanwhile: phone.').waitFor()
    await expectAccessible(second.page)
    await second.page.getByRole('button', { name: 'Keep mine too and save' }).click()
    await second.page.getByText('Saved.').waitFor()
    expect(await second.page.getByLabel('Name').inputValue()).toBe('Two hands')
    expect(await second.page.getByLabel('Phone').inputValue()).toContain('604')
    await second.page.getByRole('banner').getByText('Two hands').waitFor()
    expectClean(first)
    expectClean(second)
  })

  it('closes days, says what is booked then, and opens them again', async () => {
    const opened = await owner()
    const { page } = opened
    await section(opened, 'blocks', 'Time off and special hours')
    const year = Number((await page.locator('.year strong').textContent()) ?? '')
    await page.getByRole('button', { name: 'The year after' }).click()
    await page.getByRole('button', { name: /^24 December/ }).click()
    await page.getByLabel('Last day').fill(`${year + 1}-12-31`)
    await page.getByText('Nothing is booked then.').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    const line = page.getByRole('listitem').filter({ hasText: 'closed' })
    await line.waitFor()
    expect(await line.textContent()).toMatch(/24 .*to .*31.*: closed/)
    await page.getByRole('button', { name: '25 December, closed' }).waitFor()
    await page.keyboard.press('Escape')
    await inspect(page, 'settings-blocks', async () => {
      await line.waitFor()
    })
    await line.getByRole('button', { name: /Remove/ }).click()
    await page.getByText('has the weekly hours all through').waitFor()
    expectClean(opened)
  })

  it('walks the year by keys, with one stop for Tab', async () => {
    const opened = await owner()
    const { page } = opened
    await section(opened, 'blocks', 'Time off and special hours')
    expect(await page.locator('.months button[tabindex="0"]').count()).toBe(1)
    await page.locator('.months button[tabindex="0"]').focus()
    const before = await page.evaluate(() => document.activeElement?.id)
    await page.keyboard.press('ArrowUp')
    const after = await page.evaluate(() => document.activeElement?.id)
    expect(Date.parse(before?.slice(4) ?? '') - Date.parse(after?.slice(4) ?? '')).toBe(7 * 86_400_000)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.id)).toBe(after)
    expectClean(opened)
  })

  it('shows a new key once', async () => {
    const opened = await owner()
    const { page } = opened
    await section(opened, 'keys', 'API keys')
    await page.getByLabel('What it is for').fill('The till')
    await page.getByRole('button', { name: 'Issue a key' }).click()
    const dialog = page.getByRole('dialog', { name: 'The new key' })
    const key = await dialog.getByLabel('Key').inputValue()
    expect(key.length).toBeGreaterThan(20)
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'I have kept it' }).click()
    expect(await page.content()).not.toContain(key)
    expect((await fetch(`${server.url}/api/v1/whoami`, { headers: { Authorization: `Bearer ${key}` } })).status).toBe(200)
    await page.getByRole('row', { name: /The till/ }).getByRole('button', { name: /Revoke/ }).click()
    await page.getByRole('button', { name: 'Revoke the key' }).click()
    await page.getByRole('row', { name: /The till/ }).getByText('Revoked').waitFor()
    expect((await fetch(`${server.url}/api/v1/whoami`, { headers: { Authorization: `Bearer ${key}` } })).status).toBe(401)
    expectClean(opened)
  })

  it('shows staff the hours and not the rest', async () => {
    const opened = await open({ key: server.vars.STAFF_KEY ?? '' })
    await opened.page.goto(`${server.url}/app/settings/keys`)
    await opened.page.getByText('Choose what to look at.').waitFor()
    const links = await opened.page.getByRole('navigation', { name: 'Settings' }).getByRole('link').allTextContents()
    expect(links).toEqual([
      'Opening hours',
      'Time off, special hours',
      'Downloads and imports',
      'You, your sessions and passkeys',
    ])
    expectClean(opened)
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
