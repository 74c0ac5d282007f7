// The public booking page. Its visitors have JavaScript off here, except where a test says otherwise: axe needs it.
import { createServer, type Server as HTTPServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, expectClean, inspect, pictures, serve, type Server, useBrowser } from './harness'

const policy = 'You can move or cancel free of charge until 24 hours before.'
const settings = {
  on: true,
  address: 'practice',
  colour: '#1d4e89',
  sites: [] as string[],
  greeting: 'Welcome! We are on the second floor.',
  policy,
  questions: [
    { id: 'reason', text: 'What brings you here?', kind: 'long', required: true },
    { id: 'first', text: 'Is it your first visit?', kind: 'yesno', required: true },
    { id: 'side', text: 'Which side hurts?', kind: 'choice', choices: ['Left', 'Right'] },
    { id: 'doctor', text: 'Who sent you?', kind: 'short' },
  ],
}

/** What a phone sends that has a form filled in by a person: not at once. */
const formTime = 2100
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('the booking page', () => {
  let server: Server
  let visitors = 0
  const { open } = useBrowser()

  /** Changes the settings of the page. */
  async function configure(changed: Partial<typeof settings> = {}): Promise<void> {
    const address = `${server.url}/api/v1/accounts/${server.vars.ACCOUNT}/page`
    const headers = { Authorization: `Bearer ${server.vars.KEY}`, 'Content-Type': 'application/json' }
    const etag = (await fetch(address, { headers })).headers.get('ETag') ?? ''
    const body = JSON.stringify({ ...settings, ...changed })
    const reply = await fetch(address, { method: 'PUT', headers: { ...headers, 'If-Match': etag }, body })
    expect(reply.status, await reply.text()).toBe(200)
  }

  /** Opens a page as a visitor with an address of their own, so that the tests do not share one limit. */
  const visit = (options: Parameters<typeof open>[0] = {}) => {
    visitors++
    return open({
      javaScriptEnabled: false,
      locale: 'en-GB',
      extraHTTPHeaders: { 'X-Forwarded-For': `192.0.2.${visitors}` },
      ...options,
    })
  }

  /** Goes from the account's page to the times, with anybody. */
  async function toTimes(page: Page, query = ''): Promise<void> {
    await page.goto(`${server.url}/book/practice${query}`)
    await page.locator('.cards a').first().click()
    if ((await page.locator('.slots').count()) === 0) await page.locator('.cards a').first().click()
    await page.locator('.slots').first().waitFor()
  }

  async function holdLast(page: Page): Promise<void> {
    await page.locator('.slots label').last().click()
    await page.getByRole('button', { name: 'Hold this time' }).click()
    await page.getByRole('heading', { name: 'Your details' }).waitFor()
  }

  async function fill(page: Page): Promise<void> {
    await page.getByLabel('Name').fill('Zoé O’Brien نور')
    await page.getByLabel('Email').fill('zoe@example.com')
    await page.getByLabel('What brings you here?').fill('My back')
    await page.getByRole('radio', { name: 'Yes' }).check()
    await page.getByLabel('Which side hurts?').selectOption('Left')
  }

  beforeAll(async () => {
    server = await serve('--demo')
    await configure()
  })
  afterAll(async () => {
    await server.stop()
  })

  it('books, moves and cancels without JavaScript', async () => {
    const opened = await visit()
    const { page } = opened
    await toTimes(page)
    await page.getByRole('link', { name: 'Later', exact: true }).click() // before the cut-off for moving
    await holdLast(page)
    expect(await page.getByText(/Held for you until \d\d:\d\d/).count()).toBe(1)
    expect(await page.getByText('Time left').isVisible()).toBe(false)
    await fill(page)
    await page.getByRole('button', { name: 'I need more time' }).click()
    expect(await page.getByRole('status').textContent()).toContain('10 more minutes')
    expect(await page.getByLabel('Name').inputValue()).toBe('Zoé O’Brien نور')
    expect(await page.getByLabel('Which side hurts?').inputValue()).toBe('Left')
    await wait(formTime)
    await page.getByRole('button', { name: 'Book now' }).click()
    await page.getByRole('heading', { name: 'Your appointment is booked' }).waitFor()
    const booked = page.url()

    const calendar = await page.getByRole('link', { name: 'Add to my calendar' }).getAttribute('href')
    const file = await page.request.get(server.url + calendar)
    expect(file.headers()['content-type']).toContain('text/calendar')
    expect(await file.text()).toContain('BEGIN:VEVENT')

    await page.goBack() // the form is there with what was typed, and sending it again is the same appointment
    expect(await page.getByLabel('Name').inputValue()).toBe('Zoé O’Brien نور')
    await page.getByRole('button', { name: 'Book now' }).click()
    await page.getByRole('heading', { name: 'Your appointment is booked' }).waitFor()
    expect(page.url()).toBe(booked)

    await page.getByRole('link', { name: 'See, move or cancel' }).click()
    expect(await page.getByText(policy).count()).toBe(1)
    await page.getByRole('link', { name: 'Choose another time' }).click()
    await page.locator('.times a').first().click()
    await page.getByRole('button', { name: 'Yes, move it' }).click()
    expect(await page.getByRole('status').textContent()).toContain('was moved')
    await page.getByRole('link', { name: 'Cancel appointment' }).click()
    expect(await page.getByText(policy).count()).toBe(1)
    await page.getByRole('button', { name: 'Yes, cancel' }).click()
    expect(await page.getByRole('status').textContent()).toContain('was cancelled')
    expectClean(opened)
  })

  it('offers three other times when a time is taken', async () => {
    const opened = await visit({ javaScriptEnabled: true })
    const { page } = opened
    await toTimes(page)
    const rival = await visit()
    await toTimes(rival.page)
    await rival.page.locator('.slots label').first().click()
    await rival.page.getByRole('button', { name: 'Hold this time' }).click()
    await rival.page.getByRole('heading', { name: 'Your details' }).waitFor()
    const other = await visit()
    await toTimes(other.page)
    await other.page.locator('.slots label').first().click()
    await other.page.getByRole('button', { name: 'Hold this time' }).click()
    await other.page.getByRole('heading', { name: 'Your details' }).waitFor()
    await page.locator('.slots label').first().click() // both persons are held at this time by now
    await page.getByRole('button', { name: 'Hold this time' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.locator('.nearest button').count()).toBe(3)
    await inspect(page, 'booking-taken', () => page.getByRole('alert').waitFor())
    await page.locator('.nearest button').first().click()
    await page.getByRole('heading', { name: 'Your details' }).waitFor()
    expectClean(opened, /409/)
  })

  it('says what is wrong next to the field, and loses nothing', async () => {
    const opened = await visit({ javaScriptEnabled: true })
    const { page } = opened
    await toTimes(page)
    await holdLast(page)
    await inspect(page, 'booking-details', () => page.getByRole('heading', { name: 'Your details' }).waitFor())
    await fill(page)
    await page.getByLabel('Phone').fill('12')
    await wait(formTime)
    await page.getByRole('button', { name: 'Book now' }).click()
    const phone = page.getByLabel('Phone')
    expect(await phone.getAttribute('aria-invalid')).toBe('true')
    expect(await page.getByText('This is not a phone number.').count()).toBe(1)
    expect(await page.getByLabel('What brings you here?').inputValue()).toBe('My back')
    await inspect(page, 'booking-wrong', () => page.getByRole('alert').waitFor())
    await phone.fill('')
    await page.getByRole('button', { name: 'Book now' }).click()
    await page.getByRole('heading', { name: 'Your appointment is booked' }).waitFor()
    await inspect(page, 'booking-booked', () => page.getByRole('heading', { level: 1 }).waitFor())
    expectClean(opened, /422/)
  })

  it.each(['en', 'de', 'es', 'fr', 'pt'])('is accessible in %s, in both themes and at every size', async (lang) => {
    const opened = await visit({ javaScriptEnabled: true })
    const { page } = opened
    const settle = () => page.getByRole('heading', { level: 1 }).waitFor()
    await page.goto(`${server.url}/book/practice?lang=${lang}`)
    expect(await page.locator('html').getAttribute('lang')).toBe(lang)
    await inspect(page, `booking-services-${lang}`, settle)
    await toTimes(page, `?lang=${lang}`)
    await page.locator('.slots label').first().click()
    await inspect(page, `booking-times-${lang}`, settle)
    expectClean(opened)
  })

  it('fits a script from right to left', async () => {
    const opened = await visit({ javaScriptEnabled: true })
    const { page } = opened
    await toTimes(page)
    for (const size of [{ width: 390, height: 844 }, { width: 320, height: 640 }]) {
      await page.setViewportSize(size)
      await page.evaluate(() => { document.documentElement.dir = 'rtl' })
      await expectAccessible(page)
      await page.screenshot({ path: join(pictures, `booking-rtl-${size.width}.png`) })
    }
    await page.evaluate(() => { document.documentElement.dir = 'ltr' })
    await holdLast(page)
    await page.evaluate(() => { document.documentElement.dir = 'rtl' })
    await page.getByLabel('Name').fill('نور الهدى')
    await expectAccessible(page)
    await page.screenshot({ path: join(pictures, 'booking-rtl-details.png'), fullPage: true })
    expectClean(opened)
  })

  it('counts down where there is a script, by the clock of the server', async () => {
    const opened = await visit({ javaScriptEnabled: true })
    const { page } = opened
    await page.clock.install({ time: new Date('1999-01-01T00:00:00Z') }) // a clock set wrong
    await toTimes(page)
    await holdLast(page)
    const left = page.locator('[data-left]')
    expect(await left.textContent()).toMatch(/^(10:00|9:5\d)$/)
    await page.clock.runFor(61_000)
    expect(await left.textContent()).toMatch(/^(8:59|8:5\d)$/)
    expectClean(opened)
  })

  it('lets the visitor choose a time zone', async () => {
    const opened = await visit({ javaScriptEnabled: true })
    const { page } = opened
    await toTimes(page)
    await page.getByRole('link', { name: 'Use another time zone' }).click()
    await inspect(page, 'booking-zones', () => page.getByRole('heading', { level: 1 }).waitFor())
    await page.getByLabel('Time zone').selectOption('Asia/Tokyo')
    await page.getByRole('button', { name: 'Show times' }).click()
    await page.getByText('All times are in Tokyo (GMT+9) time.').waitFor()
    await holdLast(page)
    expect(await page.getByText('Tokyo (GMT+9)').count()).toBe(1)
    expectClean(opened)
  })

  it('can be walked by the keyboard', async () => {
    const opened = await visit()
    const { page } = opened
    await toTimes(page)
    await page.locator('.slots input').first().focus()
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('.slots input').nth(1).isChecked()).toBe(true)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Your details' }).waitFor()
    expectClean(opened)
  })

  it('is shown in a frame by the sites that the account allows, and by no other', async () => {
    const host: HTTPServer = createServer((_, reply) => {
      reply.setHeader('Content-Type', 'text/html')
      reply.end(`<!doctype html><html lang="en"><title>Host</title><main><h1>Host</h1>
        <script src="${server.url}/book/embed.js" data-page="practice" data-title="Book with us"></script></main>`)
    })
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    const { port } = host.address() as AddressInfo
    try {
      await configure({ sites: [`http://localhost:${port}`] })
      const opened = await visit({ javaScriptEnabled: true })
      const { page } = opened
      await page.goto(`http://localhost:${port}/`)
      const frame = page.frameLocator('iframe[title="Book with us"]')
      await frame.getByRole('heading', { name: 'Book an appointment' }).waitFor()
      await page.waitForFunction(() => document.querySelector('iframe')?.height !== '640')
      await frame.locator('.cards a').first().click()
      await frame.locator('.cards a').first().click()
      await frame.locator('.slots label').last().click()
      await frame.getByRole('button', { name: 'Hold this time' }).click()
      await frame.getByRole('heading', { name: 'Your details' }).waitFor()
      expectClean(opened, /favicon/)

      const stranger = await visit({ javaScriptEnabled: true })
      await stranger.page.goto(`http://127.0.0.1:${port}/`)
      await expect.poll(() => stranger.troubles.join()).toContain('frame-ancestors')
    } finally {
      host.close()
      await configure()
    }
  })

  it('renders fast', async () => {
    const opened = await visit({ javaScriptEnabled: true })
    const { page } = opened
    const times: number[] = []
    for (let i = 0; i < 9; i++) {
      await page.goto(`${server.url}/book/practice`)
      times.push(
        await page.evaluate(
          () => new Promise<number>((resolve) => {
            new PerformanceObserver((list) => {
              for (const entry of list.getEntriesByName('first-contentful-paint')) resolve(entry.startTime)
            }).observe({ type: 'paint', buffered: true })
          }),
        ),
      )
    }
    const median = times.sort((a, b) => a - b)[4] ?? Infinity
    console.log(`booking page: first contentful paint ${median.toFixed(0)} ms (median of ${times.length})`)
    expect(median).toBeLessThan(400) // 120 on a machine that does nothing else
  })

  it('is not there when it is switched off', async () => {
    await configure({ on: false })
    const opened = await visit({ javaScriptEnabled: true })
    await opened.page.goto(`${server.url}/book/practice`)
    await opened.page.getByRole('heading', { name: 'There is no booking page here' }).waitFor()
    await inspect(opened.page, 'booking-off', () => opened.page.getByRole('heading', { level: 1 }).waitFor())
    expectClean(opened, /404/)
    await configure()
  })
})
