import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clinic, type Clinic } from './clinic'
import { expectAccessible, expectClean, inspect, serve, type Server, sizes, useBrowser } from './harness'

describe('the week and the month', () => {
  let server: Server
  let at: Clinic
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
    at = await clinic(server)
  })
  afterAll(() => server.stop())

  it('gives each person a fixed lane, one tab stop, and names the selection', async () => {
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.goto(`${server.url}/app/week/${at.day}`)
    await inspect(page, 'week', () => page.locator('[data-card]').first().waitFor())
    expect(await page.locator('[data-card][tabindex="0"]').count()).toBe(1)
    await page.locator('[data-card][tabindex="0"]').focus()
    const first = await page.evaluate(() => (document.activeElement as HTMLElement).dataset.card)
    await page.keyboard.press('ArrowRight')
    const second = await page.evaluate(() => (document.activeElement as HTMLElement).dataset.card)
    expect(second).not.toBe(first)
    await page.locator('.selection').getByText(/, with /).waitFor()
    // A group is one card with its number.
    expect(await page.locator('[data-card]', { hasText: /^3,/ }).count()).toBe(1)
    await page.locator('[data-card]', { hasText: /^[A-Z]/ }).first().focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/appointment=/)
    const chosen = new URL(page.url()).searchParams.get('appointment')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset.card)).toBe(chosen)
    expectClean(opened)
  })

  it('shows the calendar as it was, says so, and lets nobody change it', async () => {
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.goto(`${server.url}/app/day/${at.day}`)
    await page.locator('[data-visit]').first().waitFor()
    await page.getByText('As of…').click()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByText('Nothing can be changed here').waitFor()
    await expect.poll(() => page.locator('[data-visit]').count()).toBe(0) // everything was booked since
    expect(await page.getByRole('button', { name: 'New appointment' }).count()).toBe(0)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.locator('[data-visit]').first().waitFor()
    expectClean(opened)
  })

  it('swipes by day on a phone while the times stay', async () => {
    const opened = await open({ key: at.key, hasTouch: true, isMobile: true, viewport: sizes.phone })
    const { page } = opened
    await page.goto(`${server.url}/app/week/${at.day}`)
    await page.locator('[data-card]').first().waitFor()
    const times = page.locator('.times').first()
    const before = await times.boundingBox()
    await page.locator('.frame').evaluate((frame) => frame.scrollBy({ left: 300, behavior: 'instant' }))
    const after = await times.boundingBox()
    expect(after?.x).toBe(before?.x)
    expectClean(opened)
  })

  it('shows how full the days of a month are, and opens a day', async () => {
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.goto(`${server.url}/app/month/${at.day}`)
    await inspect(page, 'month', () => page.locator('[data-day]').first().waitFor())
    expect(await page.locator('[data-day]').count()).toBe(42)
    expect(await page.locator('[data-day][tabindex="0"]').count()).toBe(1)
    await page.locator('[data-day][tabindex="0"]').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    const chosen = await page.evaluate(() => (document.activeElement as HTMLElement).dataset.day)
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(`/app/day/${chosen}`))
    expectClean(opened)
  })
})
