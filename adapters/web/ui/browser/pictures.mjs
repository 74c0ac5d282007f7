// Takes the pictures of the README from a demo: the day, the delivery report, the console while an outage is
// played, and the booking page on a phone. Look at them before you commit them.
//
//     CLICKBOOK_BINARY=./clickbook npm run pictures
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const binary = process.env.CLICKBOOK_BINARY
if (!binary) throw new Error('set CLICKBOOK_BINARY to a program that was built with the staff app')
const to = join(import.meta.dirname, '../../../../docs/pictures')
mkdirSync(to, { recursive: true })
const data = mkdtempSync(join(tmpdir(), 'clickbook-pictures-'))
const server = spawn(binary, ['serve', '--demo', '--demo-life=false', '--data', join(data, 'demo'), '--listen', '127.0.0.1:0'], {
  stdio: ['ignore', 'pipe', 'pipe'],
})
let printed = ''
for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (printed += chunk))
const wait = async (pattern) => {
  for (;;) {
    const found = pattern.exec(printed)?.[1]
    if (found) return found
    if (server.exitCode !== null) throw new Error(printed)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
await wait(/START=(\S+)/)
const url = await wait(/serves .* at (http:\/\/\S+)/)
const account = await wait(/ACCOUNT=(\S+)/)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
})

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
const booking = printed.match(/http\S+\/book\/\S+/)?.[0].slice(url.length) ?? `/book/${account}`
await take('booking', booking, undefined, { width: 390, height: 740 }, async (page) => {
  await page.getByRole('link', { name: /Treatment/ }).click()
  await page.getByRole('link', { name: /anybody|anyone|any/i }).first().click()
  await page.getByRole('link', { name: /free/ }).nth(1).click()
})
await browser.close()
server.kill('SIGTERM')
await new Promise((resolve) => server.on('exit', resolve))
rmSync(data, { recursive: true, force: true })
