// Every screen is walked by keys: Tab reaches the content, what has the focus is seen, and nothing holds the focus.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { screens } from '../src/screens'
import { expectClean, serve, type Server, useBrowser } from './harness'

const most = 60 // tabs a screen

interface Stop {
  name: string
  inContent: boolean
  /** How often Tab has stayed here: a date field has several stops. */
  stayed: number
  wrong: string
}

/** Presses Tab, and tells what has the focus then. */
async function tab(page: Page): Promise<Stop | undefined> {
  await page.keyboard.press('Tab')
  return page.evaluate(() => {
    const at = document.activeElement
    const memory = globalThis as unknown as { before?: Element | null; stayed?: number }
    const same = at === memory.before
    memory.before = at
    memory.stayed = same ? (memory.stayed ?? 0) + 1 : 0
    if (!at || at === document.body) return undefined
    const box = at.getBoundingClientRect()
    const style = getComputedStyle(at)
    const wrong: string[] = []
    if (box.width < 1 || box.height < 1) wrong.push('has no box')
    if (box.right <= 0 || box.left >= innerWidth || box.bottom <= 0 || box.top >= innerHeight) wrong.push('is out of sight')
    // The second and later stops of a date field are its parts, and its button has a ring of its own that no script can see.
    const part = same && at.matches('input[type=date], input[type=time], input[type=datetime-local]')
    if (!part && !at.matches(':focus-visible')) wrong.push('is not :focus-visible')
    if (!part && (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 1)) wrong.push('has no outline')
    const name = `${at.tagName.toLowerCase()} “${(at.textContent || at.getAttribute('aria-label') || at.id).trim().slice(0, 40)}”`
    return { name, inContent: document.getElementById('content')?.contains(at) ?? false, stayed: memory.stayed, wrong: wrong.join(', ') }
  })
}

describe('the keyboard', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  for (const role of ['owner', 'admin'] as const) {
    it(`walks every screen of the ${role}`, async () => {
      const opened = await open({ key: server.vars[role === 'owner' ? 'KEY' : 'ADMIN_KEY'] ?? '' })
      const { page } = opened
      if (role === 'admin') {
        await page.goto(server.url + '/app/accounts')
        await page.getByRole('main').getByRole('button').first().click()
        await page.waitForURL(/\/app\/day/)
      }
      const problems: string[] = []
      // A message has no address without its number, and is left out.
      for (const { path } of screens.filter((screen) => screen.roles.includes(role) && screen.path !== 'message')) {
        await page.goto(`${server.url}/app/${path}`)
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await page.waitForFunction(() => !document.body.innerText.includes('Loading…'))
        if (!page.url().includes(`/app/${path}`)) problems.push(`${path}: leads to ${page.url()}`)
        let reached = false
        for (let n = 0; n < most; n++) {
          const stop = await tab(page)
          if (!stop) break // past the last one
          reached ||= stop.inContent
          if (stop.stayed > 7) problems.push(`${path}: ${stop.name} holds the focus`)
          if (stop.wrong) problems.push(`${path}: ${stop.name} ${stop.wrong}`)
        }
        if (!reached) problems.push(`${path}: Tab does not reach the content`)
      }
      expect(problems).toEqual([])
      expectClean(opened)
    }, 120_000)
  }

  it('starts at the top of a new screen, and leaves the focus alone on the first', async () => {
    const opened = await open({ key: server.vars.KEY ?? '' })
    const { page } = opened
    await page.goto(server.url + '/app/day')
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true)
    for (const name of ['Week', 'Credits']) {
      await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name }).focus()
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => document.activeElement?.id === 'content')
    }
    const stop = await tab(page)
    expect(stop?.inContent, 'the next Tab goes into the screen').toBe(true)
    expectClean(opened)
  })
})
