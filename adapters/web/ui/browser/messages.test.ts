import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, inspect, serve, type Server, useBrowser } from './harness'
import { openTexting, type Texting } from './texting'

describe('messages', () => {
  let server: Server
  let practice: Texting
  let broke: Texting
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
    const people = [{ name: 'Samir Moreau', phone: '+12125550101' }, { name: 'Vera Vogel', phone: '+12125550102' }]
    ;[practice, broke] = await Promise.all([
      openTexting(server, 'With credits', people, 100, ['sent', 'delivered', 'undelivered', 'failed']),
      openTexting(server, 'Without credits', [{ name: 'Ines Caron', phone: '+12125550103', email: 'ines@example.com' }], 0),
    ])
  })
  afterAll(async () => {
    await server.stop()
  })

  it('lists and filters them, with the filters in the address', async () => {
    const opened = await open({ key: practice.staff })
    const { page } = opened
    await page.goto(server.url + '/app/messages?show=all')
    await page.getByRole('heading', { level: 1, name: '2 messages' }).waitFor()
    await page.getByRole('link', { name: 'Samir Moreau' }).waitFor()
    await inspect(page, 'messages', async () => {
      await page.getByRole('link', { name: 'Samir Moreau' }).waitFor()
    })
    await page.getByLabel('Sent as').selectOption('email')
    await page.getByRole('heading', { level: 1, name: 'No messages' }).waitFor()
    expect(page.url()).toContain('channel=email')
    await page.getByText('No message matches').waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('heading', { level: 1, name: '2 messages' }).waitFor()
    await page.getByLabel('Name or number of a client').fill('vera')
    await page.getByRole('heading', { level: 1, name: '1 message', exact: true }).waitFor()
    await page.getByLabel('Name or number of a client').fill('555 0101')
    await page.getByRole('link', { name: 'Samir Moreau' }).waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('heading', { level: 1, name: '2 messages' }).waitFor()
    await page.getByLabel('From').fill('2031-01-01')
    await page.getByRole('heading', { level: 1, name: 'No messages' }).waitFor()
    expectClean(opened)
  })

  it('shows first what needs a person', async () => {
    const opened = await open({ key: broke.staff })
    const { page } = opened
    await page.goto(server.url + '/app/messages')
    await page.getByRole('heading', { level: 1, name: '1 message needs a person' }).waitFor()
    await page.getByRole('link', { name: 'Ines Caron' }).click()
    await page.getByText('Not sent: there were no credits', { exact: true }).waitFor()
    // The staff see what happened, and not the ledger.
    expect(await page.getByText('too few credits').count()).toBe(0)
    expectClean(opened)
  })

  it('shows the history of a text that did not go, with its cause and the email instead', async () => {
    const opened = await open({ key: broke.owner, permissions: ['clipboard-read', 'clipboard-write'] })
    const { page } = opened
    await page.goto(server.url + '/app/messages?show=all&channel=sms')
    await page.getByRole('link', { name: 'Ines Caron' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Not sent: there were no credits left, an email went instead' }).waitFor()
    await page.getByText('An email instead').waitFor()
    await page.getByText('The mail server accepted the email').waitFor()
    await page.getByText('Not sent: there were too few credits').waitFor()
    const rows = page.locator('ol > li')
    // The email was queued because the text was not sent: the link goes to that row.
    const suppressed = await rows.filter({ hasText: /^.*Not sent: there were no credits/ }).getAttribute('id')
    await rows.filter({ hasText: 'queued as an email' }).getByRole('link', { name: /^#\d+$/ }).click()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe(suppressed)
    await page.getByRole('button', { name: 'Copy as text' }).click()
    await page.getByText('The history is copied.').waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toContain('Not sent: there were no credits left')
    expect(copied).toMatch(/queued as an email.*because of #\d/)
    await inspect(page, 'message', async () => {
      await page.getByText('An email instead').waitFor()
    })
    expectClean(opened)
  })

  it('lets an admin audit a message of any account', async () => {
    const opened = await open({ key: server.vars.ADMIN_KEY ?? '' })
    const { page } = opened
    await page.goto(server.url + '/app/messages?show=all')
    await page.getByRole('link', { name: 'Ines Caron' }).first().waitFor()
    await page.getByRole('link', { name: 'Samir Moreau' }).click()
    await page.getByRole('heading', { level: 1, name: /Sent by|Delivered by|Not delivered|Failed/ }).waitFor()
    await page.getByText(/Handed to the provider: attempt 1/).waitFor()
    await page.getByText('+12125550101').waitFor()
    await page.getByText(/0\.5 credits (charged|set aside)/).first().waitFor()
    expectClean(opened)
  })

  it('refuses an address of another account in one sentence, and billing sees no messages', async () => {
    const [foreign] = await broke.messages()
    const opened = await open({ key: practice.owner })
    await opened.page.goto(`${server.url}/app/message/${foreign?.id}`)
    await opened.page.getByRole('alert').waitFor()
    expect(await opened.page.getByText('Ines Caron').count()).toBe(0)
    await opened.page.goto(`${server.url}/app/message/${foreign?.id}?account=${broke.id}`)
    const refusal = await opened.page.getByRole('alert').innerText()
    expect(refusal).toMatch(/^[^.]+\.?$/)
    expect(await opened.page.getByText('Ines Caron').count()).toBe(0)
    expectClean(opened, /40[34]/)

    const billing = await open({ key: practice.billing })
    await billing.page.goto(server.url + '/app/messages')
    await billing.page.waitForURL((url) => !url.pathname.includes('messages'))
    expect(await billing.page.getByText('Samir Moreau').count()).toBe(0)
    for (const path of ['messages', 'call-sheet', 'clients']) {
      const status = await billing.page.evaluate(
        async (address) => (await fetch(address)).status, `/api/v1/accounts/${practice.id}/${path}`,
      )
      expect(status, path).toBe(403)
    }
    expectClean(billing, /403/)
  })
})
