import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { clinic, type Clinic } from './clinic'
import { expectAccessible, expectClean, inspect, serve, type Server, sizes, useBrowser } from './harness'

interface Shown {
  id: string
  local: string
  status: string
  revision: number
  resources: { id: string; name: string }[]
}

describe('the day', () => {
  let server: Server
  let at: Clinic
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
    at = await clinic(server)
  })
  afterAll(() => server.stop())

  const show = (id: string) => at.call<Shown>('GET', `/appointments/${id}`)
  const card = (page: Page, id: string) => page.locator(`[data-visit="${id}"]`)
  const day = (page: Page, query = '') => page.goto(`${server.url}/app/day/${at.day}${query}`)
  /** Books for a client of its own at a time that the clinic leaves free. */
  async function visit(name: string, time: string, person = 0): Promise<string> {
    const { id } = await at.call<{ id: string }>('POST', '/clients', { name })
    return at.book(id, at.services.long, `${at.day}T${time}`, at.people[person]?.id)
  }

  it('shows people in columns, with closed hours, and groups side by side', async () => {
    const opened = await open({ key: at.key })
    const { page } = opened
    await day(page)
    await inspect(page, 'day', () => page.locator('[data-visit]').first().waitFor())
    await page.locator('[data-visit]').nth(5).waitFor()
    const boxes = await page.locator(`[data-column="${at.people[3]?.id}"]`).evaluateAll((cards) =>
      cards.map((one) => one.getBoundingClientRect()).map(({ left, right }) => ({ left, right })),
    )
    expect(boxes).toHaveLength(3)
    boxes.sort((a, b) => a.left - b.left)
    expect(boxes.every((box, index) => index === 0 || box.left >= (boxes[index - 1]?.right ?? 0))).toBe(true)
    expectClean(opened)
  })

  it('is one tab stop that the arrows walk; M moves, refuses a clash, and Escape cancels', async () => {
    const id = await visit('Keyboard Mover', '16:00')
    await visit('In The Way', '16:45')
    const opened = await open({ key: at.key })
    const { page } = opened
    await day(page)
    await card(page, id).waitFor()
    expect(await page.locator('[data-visit][tabindex="0"]').count()).toBe(1)
    await card(page, id).focus()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowDown')
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.visit)).toBe(id)

    const status = page.getByRole('status').first()
    await page.keyboard.press('m')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => status.textContent()).toContain('Taken by In The Way')
    await page.keyboard.press('Enter')
    await expect.poll(() => status.textContent()).toContain('Choose another time')
    await page.keyboard.press('Escape')
    expect((await show(id)).local).toContain('T16:00')

    await page.keyboard.press('m')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.getByText('is moved to 15:45').waitFor()
    expect((await show(id)).local).toContain('T15:45')
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset.visit)).toBe(id)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Undone.').waitFor()
    expect((await show(id)).local).toContain('T16:00')
    expectClean(opened)
  })

  it('moves a card with the mouse to another person, and says why when it cannot', async () => {
    const id = await visit('Mouse Mover', '11:15')
    const opened = await open({ key: at.key })
    const { page } = opened
    await day(page)
    await drag(page, id, at.people[1]?.id ?? '')
    await page.getByText('is moved to 11:15, Tomás Oliveira').waitFor()
    expect((await show(id)).resources.map((one) => one.name)).toEqual(['Tomás Oliveira'])

    // Into the closed hours: the rules forbid it, and a reason makes it possible.
    await page.locator(`[data-visit="${id}"][data-column="${at.people[1]?.id}"][aria-busy="false"]`).waitFor()
    await drag(page, id, at.people[1]?.id ?? '', 60)
    const dialog = page.getByRole('dialog', { name: 'Not moved' })
    await dialog.waitFor()
    await expectAccessible(page)
    expect((await show(id)).local).toContain('T11:15')
    await dialog.getByLabel('Reason').fill('asked for the lunch break')
    await dialog.getByRole('button', { name: 'Move all the same' }).click()
    await page.getByText('is moved to 12:15').waitFor()
    expect((await show(id)).local).toContain('T12:15')
    expectClean(opened, /409|422/)
  })

  async function drag(page: Page, id: string, column: string, byMinutes = 0): Promise<void> {
    await card(page, id).waitFor()
    await card(page, id).scrollIntoViewIfNeeded()
    const from = await card(page, id).boundingBox()
    const to = await page.locator(`[data-list="${column}"]`).boundingBox()
    if (!from || !to) throw new Error('the card or the column is not shown')
    const perMinute = from.height / 45
    await page.mouse.move(from.x + 20, from.y + 8)
    await page.mouse.down()
    await page.mouse.move(from.x + 30, from.y + 12, { steps: 3 })
    await page.mouse.move(to.x + to.width / 2, from.y + 8 + byMinutes * perMinute, { steps: 8 })
    await page.mouse.up()
  }

  it('moves with a finger that holds first; a quick swipe does not', async () => {
    const id = await visit('Touch Mover', '16:00', 1)
    const opened = await open({ key: at.key, hasTouch: true, isMobile: true, viewport: sizes.phone })
    const { page } = opened
    await day(page)
    await page.getByRole('button', { name: 'Tomás Oliveira' }).click()
    await card(page, id).scrollIntoViewIfNeeded()
    const session = await opened.context.newCDPSession(page)
    const touch = async (holdFor: number) => {
      const box = await card(page, id).boundingBox()
      if (!box) throw new Error('the card is not shown')
      const x = box.x + 40
      const y = box.y + 10
      await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] })
      await page.waitForTimeout(holdFor)
      for (let step = 1; step <= 6; step++)
        await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y: y - (step * 30 * box.height) / 45 / 6 }] })
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    }
    await touch(0)
    await page.waitForTimeout(300)
    expect((await show(id)).local).toContain('T16:00')
    await card(page, id).scrollIntoViewIfNeeded()
    await touch(500)
    await page.getByText('is moved to 15:30').waitFor()
    expect((await show(id)).local).toContain('T15:30')
    expectClean(opened)
  })

  it('books at the phone: an unknown client, a taken time, nothing typed is lost', async () => {
    const opened = await open({ key: at.key })
    const { page } = opened
    await day(page)
    await page.getByRole('button', { name: 'New appointment' }).click()
    const dialog = page.getByRole('dialog', { name: 'New appointment' })
    await dialog.getByRole('searchbox').fill('Nadia Newcomer')
    await dialog.getByRole('button', { name: /New client/ }).click()
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Nadia Newcomer')
    await dialog.getByLabel('Phone').fill('+16045550121')
    await dialog.getByLabel('Service').selectOption({ label: 'Manual therapy, 45 min' })
    await dialog.getByLabel('With').selectOption({ label: 'Yuki Tanabe' })
    await dialog.getByRole('button', { name: '11:15', exact: true }).click()
    await expectAccessible(page)
    // The number is that of somebody else: the page asks first.
    await dialog.getByRole('button', { name: 'Book', exact: true }).click()
    await dialog.getByRole('button', { name: /^Yes,/ }).waitFor()
    // Meanwhile another receptionist takes the time.
    await visit('Quicker', '11:15', 2)
    await dialog.getByRole('button', { name: 'No, a new client' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'is taken by Quicker' }).waitFor()
    await dialog.getByText('Nadia Newcomer').waitFor()
    expect(await dialog.getByLabel('Time').inputValue()).toBe('11:15')
    await dialog.getByRole('button', { name: '14:15', exact: true }).click()
    await dialog.getByRole('button', { name: 'Book', exact: true }).click()
    await page.getByText('is booked at 14:15').waitFor()
    const found = await at.call<{ items: { name: string }[] }>('GET', '/clients?q=Nadia')
    expect(found.items).toHaveLength(1)
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent ?? ''))
      .toContain('Nadia Newcomer')
    expectClean(opened, /409|422/)
  })

  it('opens an appointment, moves it in the dialog, cancels it and takes that back', async () => {
    const id = await visit('Panel Person', '14:15', 1)
    const opened = await open({ key: at.key })
    const { page } = opened
    await day(page, `?appointment=${id}`)
    const panel = page.getByRole('dialog', { name: 'Panel Person' })
    await panel.getByRole('button', { name: 'Move…' }).waitFor()
    await inspect(page, 'appointment', () => panel.getByText('Messages').waitFor())
    await panel.getByRole('button', { name: 'Move…' }).click()
    await panel.getByLabel('With').selectOption({ label: 'Yuki Tanabe' })
    await panel.getByRole('button', { name: '08:45', exact: true }).waitFor({ state: 'detached' })
    await panel.getByRole('button', { name: '16:30', exact: true }).click()
    await expectAccessible(page)
    await panel.getByRole('button', { name: 'Move', exact: true }).click()
    await page.getByText('is moved to 16:30').waitFor()
    expect((await show(id)).local).toContain('T16:30')
    await panel.waitFor({ state: 'detached' })
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLElement).dataset.visit)).toBe(id)

    await page.keyboard.press('Enter')
    await panel.getByRole('button', { name: 'Client has confirmed' }).click()
    await panel.getByText('Booked, confirmed').waitFor()
    await panel.getByRole('button', { name: 'Cancel…' }).click()
    await panel.getByLabel('Reason').fill('flu')
    await panel.getByLabel('Tell the client').uncheck()
    await panel.getByRole('button', { name: 'Cancel the appointment' }).click()
    await page.getByText('is cancelled.').waitFor()
    expect((await show(id)).status).toBe('cancelled')
    await panel.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.getByText('Undone.').waitFor()
    expect((await show(id)).status).toBe('booked')
    await card(page, id).waitFor()
    expectClean(opened)
  })

  it('lets one of two receptionists move an appointment, and tells the other', async () => {
    const id = await visit('Wanted Twice', '14:15')
    const opened = await open({ key: at.key })
    const { page } = opened
    await page.route(
      `**/appointments/${id}/move`,
      async (route) => {
        // The other was faster: their move reaches the server while ours is on its way.
        await at.call('POST', `/appointments/${id}/move`, { local: `${at.day}T15:15`, by: 'staff' })
        await route.continue()
      },
      { times: 1 },
    )
    await day(page)
    await card(page, id).focus()
    await page.keyboard.press('m')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Not moved' }).waitFor()
    await page.getByRole('button', { name: 'Leave it' }).click()
    expect((await show(id)).local).toContain('T15:15')
    await expect.poll(() => card(page, id).textContent()).toContain('15:15')
    expectClean(opened, /412/)
  })

  it('puts the card back when the connection is lost, and moves it once with the same key', async () => {
    const id = await visit('Lost Line', '16:45', 1)
    const opened = await open({ key: at.key })
    const { page, context } = opened
    const keys: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/move')) keys.push(request.headers()['idempotency-key'] ?? '')
    })
    await day(page)
    await card(page, id).focus()
    await page.keyboard.press('m')
    await page.keyboard.press('ArrowUp')
    await context.setOffline(true)
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Not moved' })
    await dialog.getByText('Nobody knows yet').waitFor()
    await context.setOffline(false)
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('is moved to 16:30').waitFor()
    expect((await show(id)).local).toContain('T16:30')
    expect(keys.length).toBeGreaterThan(1)
    expect(new Set(keys).size).toBe(1)
    expectClean(opened, /ERR_INTERNET_DISCONNECTED|changes/)
  })

  it('takes the present from the server when the clock of the machine is wrong', async () => {
    const opened = await open({ key: at.key, timezoneId: 'Asia/Tokyo' })
    const { page } = opened
    await page.clock.install({ time: new Date('2019-03-03T03:03:00Z') })
    await page.goto(`${server.url}/app/day`)
    const { local } = await at.call<{ local: string }>('GET', '/summary')
    await page.clock.runFor(1000)
    expect(await page.getByLabel('Go to date').inputValue()).toBe(local.slice(0, 10))
    expectClean(opened)
  })
})
