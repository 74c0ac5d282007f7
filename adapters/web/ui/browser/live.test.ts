import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectClean, serve, type Server, useBrowser } from './harness'

describe('live changes', () => {
  let server: Server
  const { open } = useBrowser()
  beforeAll(async () => {
    server = await serve('--demo')
  })
  afterAll(async () => {
    await server.stop()
  })

  const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const reply = await fetch(`${server.url}/api/v1/accounts/${server.vars.ACCOUNT}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${server.vars.KEY}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': randomUUID(),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    expect(reply.ok, `${method} ${path}: ${reply.status}`).toBe(true)
    return (await reply.json()) as Record<string, unknown>
  }

  /** Books somebody new at the first free start of the demo's day, and returns the name. */
  const book = async (name: string): Promise<string> => {
    const client = await call('POST', '/clients', { name, phone: '+16045550177', country: 'CA' })
    const starts = (await call('GET', `/services/${server.vars.SERVICE}/starts?from=${server.vars.DAY}&to=${server.vars.NEXT}`))
      .items as { local: string; resources: string[] }[]
    const start = starts[0]
    if (!start) throw new Error('the day of the demo has no free start')
    await call('POST', '/appointments', {
      client: client.id,
      service: server.vars.SERVICE,
      local: start.local,
      resource: start.resources[0],
    })
    return name
  }

  it('shows what somebody else has booked, without a reload', async () => {
    const opened = await open({ server, role: 'staff' })
    await opened.page.goto(`${server.url}/app/day/${server.vars.DAY}`)
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    const name = await book('Nora Winter')
    await opened.page.getByText(name).first().waitFor()
    expectClean(opened)
  })

  it('says that the connection is lost, and heals with what happened meanwhile', async () => {
    const opened = await open({ server, role: 'staff' })
    await opened.page.goto(`${server.url}/app/day/${server.vars.DAY}`)
    await opened.page.getByRole('heading', { level: 1 }).waitFor()
    const notice = opened.page.getByRole('button', { name: /Not connected/ })
    await opened.context.setOffline(true)
    await notice.waitFor()
    const name = await book('Piet Sommer')
    expect(await opened.page.getByText(name).count()).toBe(0)
    await opened.context.setOffline(false)
    await opened.page.getByText(name).first().waitFor()
    await notice.waitFor({ state: 'detached' })
    expectClean(opened, /ERR_INTERNET_DISCONNECTED|ERR_NETWORK/)
  })
})
