// Measures the first render of the day with 200 appointments and of the week with 1,000, at full speed and with the
// CPU slowed 4 times: from the start of the navigation until every card is there, plus two frames. It prints medians.
//
//     CLICKBOOK_BINARY=./clickbook npm run measure
import { launch, served } from './served.mjs'

const { url, wait, stop } = await served()
const admin = await wait(/ADMIN_KEY=(\S+)/)

async function post(path, body, key) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${text}`)
  return JSON.parse(text)
}

const account = (await post('/accounts', { name: 'Measured', zone: 'Europe/Berlin', locale: 'en-GB', country: 'DE' }, admin)).id
const key = (await post(`/accounts/${account}/keys`, { role: 'owner', label: 'measure' }, admin)).key
const at = `/accounts/${account}`
const people = []
for (let index = 0; index < 10; index++) {
  const made = await post(`${at}/resources`, { name: `Person ${String.fromCharCode(65 + index)}`, kind: 'staff' }, key)
  const hours = { zone: 'Europe/Berlin', hours: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' }] }
  await fetch(`${url}/api/v1${at}/resources/${made.id}/hours`, {
    method: 'PUT', body: JSON.stringify(hours),
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', 'If-Match': `"${made.revision}"` },
  })
  people.push(made.id)
}
const service = (await post(`${at}/services`, {
  name: 'Follow-up', duration_min: 30, requirements: [{ any_of: people.map((resource) => ({ resource })) }],
}, key)).id
const client = (await post(`${at}/clients`, { name: 'Priya Fontana' }, key)).id
const monday = new Date(Date.now() + 14 * 86_400_000)
monday.setUTCDate(monday.getUTCDate() + ((8 - monday.getUTCDay()) % 7))
const dates = Array.from({ length: 5 }, (_, day) => new Date(monday.getTime() + day * 86_400_000).toISOString().slice(0, 10))
for (const date of dates)
  for (let slot = 0; slot < 20; slot++)
    await Promise.all(people.map((resource) => {
      const local = `${date}T${String(8 + Math.floor(slot / 2)).padStart(2, '0')}:${slot % 2 ? '30' : '00'}`
      return post(`${at}/appointments`, { client, service, local, resource, notify: false, confirm: ['client_elsewhere'] }, key)
    }))

const browser = await launch()
for (const [name, path, selector, count] of [
  ['day, 200', `day/${dates[0]}`, '[data-visit]', 200], ['week, 1,000', `week/${dates[0]}`, '[data-card]', 1000],
])
  for (const rate of [1, 4]) {
    const found = []
    for (let run = 0; run < 7; run++) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 }, extraHTTPHeaders: { Authorization: `Bearer ${key}` },
      })
      const page = await context.newPage()
      const session = await context.newCDPSession(page)
      await session.send('Emulation.setCPUThrottlingRate', { rate })
      await page.addInitScript(([selector, count]) => {
        const look = () => {
          if (document.querySelectorAll(selector).length < count) return requestAnimationFrame(look)
          requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('shown')))
        }
        requestAnimationFrame(look)
      }, [selector, count])
      await page.goto(`${url}/app/${path}`)
      await page.waitForFunction(() => performance.getEntriesByName('shown').length > 0)
      found.push(await page.evaluate(() => performance.getEntriesByName('shown')[0].startTime))
      await context.close()
    }
    found.sort((a, b) => a - b)
    console.log(`${name} appointments, CPU ${rate}x: median ${Math.round(found[3])} ms, ${Math.round(found[0])} to ${Math.round(found[6])} ms`)
  }
await browser.close()
await stop()
