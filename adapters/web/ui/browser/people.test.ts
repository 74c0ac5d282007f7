import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, expectClean, inspect, serve, type Server, useBrowser } from './harness'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Returns the newest link in the emails of a server, which are files. */
function linkOf(server: Server, to: string): string {
  const folder = join(server.data, 'mail')
  const mails = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('=\r\n', ''))
  const found = mails.filter((mail) => mail.includes(to)).map((mail) => /http:\S+\/s\/[A-Z2-7]{26}/.exec(mail)?.[0])
  const link = found.at(-1)
  if (!link) throw new Error(`no email to ${to} has a link`)
  return link
}

describe('signing in', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  it('uses a link once, and only by its button', async () => {
    const link = /^ +billing +(\S+)$/m.exec(server.output())?.[1] ?? ''
    const opened = await open({ javaScriptEnabled: false })
    await opened.page.goto(link)
    await opened.page.goto(link)
    await opened.page.getByRole('button', { name: 'Sign in' }).click()
    await opened.page.waitForURL(/\/app\//)
    const cookies = await opened.context.cookies()
    expect(cookies.map(({ name, secure, httpOnly, sameSite }) => ({ name, secure, httpOnly, sameSite }))).toEqual([
      { name: '__Host-clickbook', secure: true, httpOnly: true, sameSite: 'Lax' },
    ])
    await opened.page.goto(link)
    await opened.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    expectClean(opened, /404/)
  })

  it('shows the pages of links and of signing in so that everybody can read them', async () => {
    const link = /^ +staff +(\S+)$/m.exec(server.output())?.[1] ?? ''
    const opened = await open()
    await opened.page.goto(link)
    await inspect(opened.page, 'link', async () => {
      await opened.page.getByRole('button', { name: 'Sign in' }).waitFor()
    })
    await opened.page.goto(server.url + '/app/sign-in')
    await inspect(opened.page, 'sign-in', async () => {
      await opened.page.getByRole('button', { name: 'Email me a link' }).waitFor()
    })
    expectClean(opened, /401/)
  })

  it('invites somebody, who joins, loses the session while typing, and goes on', async () => {
    const owner = await open({ server, role: 'owner' })
    await owner.page.goto(server.url + '/app/people')
    await inspect(owner.page, 'people', async () => {
      await owner.page.getByText('robin@example.com').waitFor()
    })
    await owner.page.getByRole('button', { name: 'Invite somebody' }).click()
    await owner.page.getByLabel('Email address').fill('nina@example.com')
    await expectAccessible(owner.page)
    await owner.page.getByRole('button', { name: 'Send the invitation' }).click()
    await owner.page.getByText('The invitation to nina@example.com is on its way.').waitFor()
    await owner.page.getByText('invited', { exact: true }).waitFor()

    const nina = await open()
    await nina.page.goto(linkOf(server, 'nina@example.com'))
    await nina.page.getByLabel('Your name').fill('Nina Ortiz')
    await nina.page.getByRole('button', { name: 'Join' }).click()
    await nina.page.waitForURL(/\/app\/me\?welcome=yes/)
    await inspect(nina.page, 'me', async () => {
      await nina.page.getByText('this browser').waitFor()
    })

    await owner.page.goto(server.url + '/app/people')
    await owner.page.getByRole('button', { name: 'Change Nina Ortiz' }).click()
    await owner.page.getByLabel('Role').selectOption('owner')
    await owner.page.getByRole('button', { name: 'Save' }).click()
    await owner.page.getByText('Nina Ortiz is now owner, and has to sign in again.').waitFor()

    // Nina's page is still open, and finds out when she does something.
    await nina.page.getByRole('button', { name: 'Sign out', exact: true }).click()
    const dialog = nina.page.getByRole('dialog', { name: 'Sign in again' })
    await dialog.getByLabel('Email address').fill('nina@example.com')
    await expectAccessible(nina.page)
    await dialog.getByRole('button', { name: 'Email me a link' }).click()
    await dialog.getByRole('button', { name: 'I have opened the link' }).waitFor()
    await expect.poll(() => linkOf(server, 'Sign in to')).toBeTruthy()
    const tab = await nina.context.newPage()
    await tab.goto(linkOf(server, 'Sign in to'))
    await tab.getByRole('button', { name: 'Sign in' }).click()
    await tab.waitForURL(/\/app\//)
    await dialog.getByRole('button', { name: 'I have opened the link' }).click()
    await dialog.waitFor({ state: 'detached' })

    await nina.page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await nina.page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expectClean(owner)
    expectClean(nina, /401/)
  })

  it('adds a passkey, signs in with it, and removes it', async () => {
    // A passkey needs a name: on this machine it is localhost.
    const at = server.url.replace('127.0.0.1', 'localhost')
    const opened = await open()
    const { context, page } = opened
    await context.addCookies([
      {
        name: '__Host-clickbook', value: await server.signIn('admin'), url: at.replace('http:', 'https:'), secure: true,
        httpOnly: true, sameSite: 'Lax',
      },
    ])
    const protocol = await context.newCDPSession(page)
    await protocol.send('WebAuthn.enable')
    await protocol.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await page.goto(at + '/app/me')
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByLabel('What do you call this device?').fill('Lab key')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('The passkey is added.').waitFor()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('navigation', { name: 'More' }).waitFor()
    await page.goto(at + '/app/me')
    await page.getByText('with a passkey').waitFor()
    await page.getByRole('button', { name: 'Remove Lab key' }).click()
    await page.getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('You have no passkey.').waitFor()
    expectClean(opened, /401/)
  })
})
