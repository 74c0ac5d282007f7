// Takes the pictures of the README from a demo: the day, the delivery report, the console while an outage is
// played, and the booking page on a phone. Look at them before you commit them.
//
//     CLICKBOOK_BINARY=./clickbook npm run pictures
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, served } from './served.mjs'

const to = join(import.meta.dirname, '../../../../docs/pictures')
mkdirSync(to, { recursive: true })
const { url, wait, stop } = await served('--demo', '--demo-life=false')
await wait(/START=(\S+)/)
const account = await wait(/ACCOUNT=(\S+)/)
const browser = await launch()

async function take(name, path, key, size = { width: 1180, height: 740 }, settle = async () => {}) {
  const context = await browser.newContext({
    viewport: size, reducedMotion: 'reduce', ...(key ? { extraHTTPHeaders: { Authorization: `Bearer ${key}` } } : {}),
  })
  const page = await context.newPage()
  await page.goto(url + path)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await settle(page)
  await page.waitForTimeout(1000)
  await page.screenshot({ path: join(to, name + '.png') })
  await context.close()
}

const owner = await wait(/^\s+KEY=(\S+)/m)
const admin = await wait(/ADMIN_KEY=(\S+)/)
await take('day', '/app/day', owner)
await take('delivery', '/app/delivery', owner)
await take('console', `/app/console?account=${account}`, admin, { width: 1180, height: 880 }, async (page) => {
  await page.getByRole('button', { name: 'Play the outage' }).click()
  await page.locator('li.done').filter({ hasText: 'Owners are told' }).waitFor({ timeout: 180_000 })
})
const booking = new URL(await wait(/(http\S+\/book\/\S+)/)).pathname
await take('booking', booking, undefined, { width: 390, height: 740 }, async (page) => {
  await page.getByRole('link', { name: /Treatment/ }).click()
  await page.getByRole('link', { name: /anybody|anyone|any/i }).first().click()
  await page.getByRole('link', { name: /free/ }).nth(1).click()
})
await browser.close()
await stop()
