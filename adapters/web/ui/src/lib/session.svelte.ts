import type { components } from '../api/schema'
import { api, ask } from '../api/client'
import { present } from './present.svelte'

export type Role = components['schemas']['Role']
export type Who = components['schemas']['Whoami']
export type Account = components['schemas']['Account']

const chosen = 'account' // of an admin, who belongs to no account

/** Session is who uses the page, and whose account is open. */
class Session {
  who = $state.raw<Who>()
  account = $state.raw<Account>()
  loaded = $state(false)

  /** Finds out who it is. Throws Refused with status 401 if nobody is signed in. */
  async start(): Promise<void> {
    this.who = await ask(api.GET('/whoami'))
    present.set(this.who.now)
    const wanted = this.who.account ?? new URLSearchParams(location.search).get(chosen) ?? sessionStorage.getItem(chosen)
    if (wanted) await this.open(wanted)
    this.loaded = true
  }

  /** Opens an account. Only an admin can open another than their own. */
  async open(id: string): Promise<void> {
    try {
      const [account] = await Promise.all([
        ask(api.GET('/accounts/{account}', { params: { path: { account: id } } })),
        present.follow(id).catch(() => undefined), // it asks again by itself
      ])
      this.account = account
      sessionStorage.setItem(chosen, id)
    } catch (error) {
      sessionStorage.removeItem(chosen)
      if (this.who?.account) throw error
    }
  }

  /** The id of the account that is open; "" if none is. */
  get id(): string {
    return this.account?.id ?? ''
  }

  get role(): Role | undefined {
    return this.who?.role
  }

  may(...roles: Role[]): boolean {
    return this.role !== undefined && roles.includes(this.role)
  }
}

export const session = new Session()
