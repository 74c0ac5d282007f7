// The router keeps the address and the screen in step. Addresses are /app/PLACE/REST?QUERY.

const base = '/app/'

class Router {
  path = $state<string[]>([])
  query = $state.raw(new URLSearchParams())

  constructor() {
    this.#read()
    addEventListener('popstate', () => this.#read())
  }

  /** Goes to an address such as `day/2026-12-01`. `replace` leaves no entry in the history. */
  go(path: string, query: Record<string, string | undefined> = {}, replace = false): void {
    history[replace ? 'replaceState' : 'pushState'](null, '', href(path, query))
    this.#read()
  }

  /** Changes the query and keeps the path. A value of undefined removes the parameter. */
  set(query: Record<string, string | undefined>, replace = true): void {
    const now: Record<string, string | undefined> = Object.fromEntries(this.query)
    this.go(this.path.map(encodeURIComponent).join('/'), { ...now, ...query }, replace)
  }

  /** Handles clicks on links to other screens, which need no new page. */
  follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
    if (!link.pathname.startsWith(base)) return
    event.preventDefault()
    history.pushState(null, '', link.href)
    this.#read()
  }

  #read(): void {
    const rest = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : ''
    this.path = rest.split('/').filter(Boolean).map(decode)
    this.query = new URLSearchParams(location.search)
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Returns the address of a screen, for links. */
export function href(path: string, query: Record<string, string | undefined> = {}): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') given.set(name, value)
  const text = given.toString()
  return base + path + (text ? '?' + text : '')
}

export const router = new Router()
