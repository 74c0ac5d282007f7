// What the browser tests share: a server of their own from the real binary, a browser, and checks that every page must
// pass.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))
export const root = join(here, '../../../..')

/** The folder of the screenshots, which git ignores. */
export const pictures = join(here, '../screenshots')

/** Returns the path of Chromium: CHROMIUM, or Debian's. */
function browserPath(): string {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(path)) throw new Error(`There is no browser at ${path}: install Debian's chromium, or set CHROMIUM.`)
  return path
}

/** Returns the binary to test: CLICKBOOK_BINARY, or one that is built now with the app in dist. */
function binary(): string {
  if (process.env.CLICKBOOK_BINARY) return process.env.CLICKBOOK_BINARY
  const path = join(root, 'dist', 'clickbook-browser')
  mkdirSync(dirname(path), { recursive: true })
  execFileSync('go', ['build', '-o', path, './cmd/clickbook'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  return path
}

/** Server is a running `clickbook serve`. */
export interface Server {
  url: string
  /** What it printed as NAME=VALUE: ADMIN_KEY, and with --demo ACCOUNT, KEY, STAFF_KEY and more. */
  vars: Record<string, string>
  /** Everything that it printed. */
  output: () => string
  data: string
  /** Signs in by the link that the demo printed for a role, once, and returns the cookie for any number of contexts. */
  signIn: (role: Role) => Promise<string>
  stop: () => Promise<void>
}

/** The roles for which a demo prints a sign-in link. */
export type Role = 'owner' | 'staff' | 'billing' | 'admin'

const ready = /serves .* at (http:\/\/\S+)/

/** Starts a server in a new directory. With `--demo` it has the accounts of the demo, in which nothing happens by itself. */
export async function serve(...flags: string[]): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), 'clickbook-browser-'))
  const child: ChildProcess = spawn(binary(), ['serve', '--data', data, '--listen', '127.0.0.1:0', ...still(flags)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      printed += chunk.toString()
      const found = ready.exec(printed)
      if (found?.[1] && isComplete(printed, flags)) resolve(found[1])
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.on('exit', () => reject(new Error('the server ended:\n' + printed)))
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
  await reachable(url)
  const vars: Record<string, string> = {}
  for (const [, name, value] of printed.matchAll(/^\s+([A-Z_]+)=(\S+)$/gm)) if (name && value) vars[name] = value
  return { url, vars, output: () => printed, data, signIn: signer(() => printed), stop }
}

function still(flags: string[]): string[] {
  return flags.includes('--demo') && !flags.some((flag) => flag.startsWith('--demo-life')) ? [...flags, '--demo-life=false'] : flags
}

function signer(printed: () => string): Server['signIn'] {
  const signed: Partial<Record<Role, Promise<string>>> = {}
  return (role) =>
    (signed[role] ??= (async () => {
      const link = new RegExp(`^ +${role} +(http\\S+/s/\\S+)$`, 'm').exec(printed())?.[1]
      if (!link) throw new Error(`no sign-in link for ${role} was printed`)
      const reply = await fetch(link, { method: 'POST', redirect: 'manual' })
      const cookie = /^__Host-clickbook=([^;]+)/.exec(reply.headers.get('set-cookie') ?? '')?.[1]
      if (!cookie) throw new Error(`the link for ${role} returned ${reply.status} and no session`)
      return cookie
    })())
}

/** A demo prints its variables last. */
function isComplete(printed: string, flags: string[]): boolean {
  return !flags.includes('--demo') || /^\s+START=\S+$/m.test(printed)
}

async function reachable(url: string): Promise<void> {
  for (;;) {
    try {
      if ((await fetch(url + '/api/v1/version')).ok) return
    } catch {
      // It does not listen yet; the timeout of the hook ends this.
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export const themes = ['light', 'dark'] as const
/** The widths that every screen must fit: a desktop, a phone, and a page zoomed to 400 % (WCAG 1.4.10). */
export const sizes = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
  reflow: { width: 320, height: 640 },
} as const

/** Opened is a page with what went wrong on it. */
export interface Opened {
  page: Page
  context: BrowserContext
  /** Console errors, violations of the policy, failed scripts. Every test ends with `expectClean`. */
  troubles: string[]
}

/** Who uses the page: the holder of a key, or somebody of the demo who is signed in. */
export interface Who {
  key?: string
  server?: Server
  role?: Role
}

/** Runs in every page first: its clock is forty days ahead, because no screen may rely on the clock of the browser. */
function setWrongClock(): void {
  const RightDate = Date
  const ahead = 40 * 86_400_000
  globalThis.Date = new Proxy(RightDate, {
    construct: (_, given: []) => (given.length ? new RightDate(...given) : new RightDate(RightDate.now() + ahead)),
    get: (_, name) => (name === 'now' ? () => RightDate.now() + ahead : Reflect.get(RightDate, name)),
  })
}

/** Returns a browser for the tests of a file. */
export function useBrowser(): {
  open: (options?: BrowserContextOptions & Who) => Promise<Opened>
} {
  let browser: Browser
  const contexts: BrowserContext[] = []
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: browserPath(),
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync',
      ],
    })
  })
  afterAll(async () => {
    for (const context of contexts) await context.close()
    await browser.close()
  })
  return {
    async open({ key, server, role, ...options } = {}) {
      const context = await browser.newContext({
        viewport: sizes.desktop,
        reducedMotion: 'reduce',
        ...(key ? { extraHTTPHeaders: { Authorization: `Bearer ${key}` } } : {}),
        ...options,
      })
      contexts.push(context)
      if (server && role) {
        const value = await server.signIn(role)
        const url = server.url.replace('http:', 'https:') // the protocol sets such a cookie for no other
        await context.addCookies([{ name: '__Host-clickbook', value, url, secure: true, httpOnly: true, sameSite: 'Lax' }])
      }
      await context.addInitScript(setWrongClock)
      context.setDefaultTimeout(30_000)
      const page = await context.newPage()
      const troubles: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') troubles.push(`console: ${message.text()} (${message.location().url})`)
      })
      page.on('pageerror', (error) => troubles.push(`script: ${error.message}`))
      return { page, context, troubles }
    },
  }
}

/** Fails if anything went wrong on the page. `but` matches what the test provokes, such as a refused request. */
export function expectClean(opened: Opened, but?: RegExp): void {
  expect(opened.troubles.filter((trouble) => !but?.test(trouble))).toEqual([])
}

const axe = readFileSync(join(here, '../node_modules/axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

/** Fails if axe-core finds a violation of WCAG 2.2 AA or of its best practices, or if the page scrolls sideways. */
export async function expectAccessible(page: Page): Promise<void> {
  // The protocol evaluates outside the page's policy, so Trusted Types stay on.
  await page.evaluate(axe)
  const violations = await page.evaluate(async () => {
    const runner = (globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }).axe
    return (await runner.run()).violations
  })
  expect(
    violations.map((found) => `${found.id}: ${found.help}: ${found.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`),
  ).toEqual([])
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(wide, 'the page scrolls sideways').toBeLessThanOrEqual(0)
}

/** Looks at a screen in each theme and size: axe, sideways scrolling, and a screenshot of each. */
export async function inspect(page: Page, name: string, settle: () => Promise<void>): Promise<void> {
  mkdirSync(pictures, { recursive: true })
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport)
      await settle()
      await expectAccessible(page)
      await page.screenshot({ path: join(pictures, `${name}-${theme}-${size}.png`) })
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.setViewportSize(sizes.desktop)
}
