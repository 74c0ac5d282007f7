import { all, api, ask, askWith } from '../../api/client'
import type { components } from '../../api/schema'
import { session } from '../../lib/session.svelte'

type Settings = components['schemas']['AccountSettings']

export const inAccount = () => ({ account: session.id })

export const readAccount = () => askWith(api.GET('/accounts/{account}', { params: { path: inAccount() } }))

/** Reads the settings of the account with empty values where it has none, so that fields can be bound to them. */
export async function readSettings(): Promise<{ data: Settings; etag: string }> {
  const { data, etag } = await readAccount()
  const { email = '', phone = '', notices = {}, agenda = {}, alerts = {}, ...rest } = data.settings
  return { data: { ...rest, email, phone, notices, agenda, alerts }, etag }
}

export async function writeSettings(settings: Settings, etag: string) {
  const done = await ask(
    api.PUT('/accounts/{account}/settings', {
      params: { path: inAccount(), header: { 'If-Match': etag } },
      body: settings,
    }),
  )
  void session.open(session.id) // the frame shows the name
  return done
}

export const readResources = () =>
  all((cursor) =>
    ask(
      api.GET('/accounts/{account}/resources', {
        params: { path: inAccount(), query: { limit: 200, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  )

export const readServices = () =>
  all((cursor) =>
    ask(
      api.GET('/accounts/{account}/services', {
        params: { path: inAccount(), query: { limit: 200, ...(cursor ? { cursor } : {}) } },
      }),
    ),
  )

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

/** Returns the name of a country by its code. */
export function country(code: string): string {
  try {
    return code === '001' ? 'Numbers without a country' : (regions.of(code.toUpperCase()) ?? code)
  } catch {
    return code
  }
}
