import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, inspect, type Opened, serve, type Server, useBrowser } from './harness'

describe('settings about other programs and the booking page', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo', '--demo-life=false')
  })
  afterAll(async () => {
    await server.stop()
  })

  const section = async (path: string, title: string): Promise<Opened> => {
    const opened = await open({ server, role: 'owner' })
    await opened.page.goto(`${server.url}/app/settings/${path}`)
    await opened.page.getByRole('heading', { level: 2, name: title }).waitFor()
    return opened
  }

  it('calls a webhook of a real program, shows its secret once and what became of the call', async () => {
    const called: string[] = []
    const program = createServer((request, response) => {
      called.push(String(request.headers['webhook-signature']))
      response.writeHead(204).end()
    })
    await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(program.address() as AddressInfo).port}/hook`
    const opened = await section('webhooks', 'Webhooks')
    const { page } = opened
    await page.getByLabel('Address to call').fill(address)
    await page.getByLabel(/clients are registered/).check()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    expect(await page.getByLabel('Secret', { exact: true }).inputValue()).toMatch(/^whsec_/)
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('button', { name: `Test ${address}` }).click()
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Look again' }).click()
        return page.getByText('accepted').count()
      }, { timeout: 30_000, interval: 500 })
      .toBe(1)
    expect(called[0]).toMatch(/^v1,/)
    await inspect(page, 'settings-webhooks', () => page.getByText('Called about appointments, clients.').waitFor())
    await page.getByRole('button', { name: `Turn off ${address}` }).click()
    await page.getByRole('button', { name: `Turn on ${address}` }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: `Turn on ${address}` }).waitFor()
    expect(await page.getByText('whsec_').count()).toBe(0)
    await page.getByRole('button', { name: `Remove ${address}` }).click()
    await page.getByRole('button', { name: 'Remove the webhook' }).click()
    await page.getByText('There is no webhook.').waitFor()
    expectClean(opened)
    program.close()
  })

  it('keeps the address that was typed when the server refuses it', async () => {
    const opened = await section('webhooks', 'Webhooks')
    await opened.page.getByLabel('Address to call').fill('ftp://example.com/')
    await opened.page.getByRole('button', { name: 'Add', exact: true }).click()
    await opened.page.getByText(/write the address of a webhook/).waitFor()
    expect(await opened.page.getByLabel('Address to call').inputValue()).toBe('ftp://example.com/')
    expectClean(opened, /422/)
  })

  it('turns a calendar feed on, which another program can read, and off again', async () => {
    const opened = await section('feeds', 'Calendar feeds')
    const { page } = opened
    await page.getByRole('button', { name: /^Turn on/ }).first().click()
    const address = page.getByLabel(/^Address/).first()
    const url = await address.inputValue()
    const reply = await fetch(url)
    expect(await reply.text()).toContain('BEGIN:VCALENDAR')
    await inspect(page, 'settings-feeds', () => address.waitFor())
    await page.getByRole('button', { name: /^Turn off/ }).first().click()
    await page.getByText('its address is dead').waitFor()
    expect((await fetch(url)).status).toBe(404)
    expectClean(opened)
  })

  it('saves the booking page, and visitors see it', async () => {
    const opened = await section('page', 'Booking page')
    const { page } = opened
    const service = page.getByLabel('Treatment', { exact: true })
    await service.click()
    await page.getByText('The page needs a service.').waitFor()
    expect(await service.isChecked()).toBe(true)
    await page.getByLabel('At the top of the page').fill('Welcome at the harbour.')
    await page.getByRole('button', { name: 'Add a question' }).click()
    await page.getByLabel('Question', { exact: true }).last().fill('Which knee?')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor()
    await page.reload()
    await expect.poll(() => page.getByLabel('Question', { exact: true }).last().inputValue()).toBe('Which knee?')
    await inspect(page, 'settings-page', () => page.getByLabel('At the top of the page').waitFor())
    const link = await page.getByRole('link', { name: /\/book\// }).getAttribute('href')
    expect(await (await fetch(link ?? '')).text()).toContain('Welcome at the harbour.')
    await page.getByLabel('Logo').setInputFiles({ name: 'huge.png', mimeType: 'image/png', buffer: Buffer.alloc(600 * 1024) })
    await page.getByText('larger than 512 kB').waitFor()
    await page.getByLabel('Logo').setInputFiles({ name: 'bad.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') })
    await expect.poll(() => page.getByRole('alert').count()).toBeGreaterThan(0)
    expect(await page.getByRole('img', { name: 'The logo' }).count()).toBe(0)
    expectClean(opened, /422|400|413/)
  })
})
