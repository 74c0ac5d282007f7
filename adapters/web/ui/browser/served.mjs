// Starts a server from CLICKBOOK_BINARY in a new directory, for the scripts that measure and take pictures.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

export async function served(...flags) {
  const binary = process.env.CLICKBOOK_BINARY
  if (!binary) throw new Error('set CLICKBOOK_BINARY to a program that was built with the staff app')
  const scratch = mkdtempSync(join(tmpdir(), 'clickbook-scripts-'))
  const server = spawn(binary, ['serve', '--data', join(scratch, 'data'), '--listen', '127.0.0.1:0', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (printed += chunk))

  /** Returns the first group of a pattern as soon as the server has printed it. */
  const wait = async (pattern) => {
    for (;;) {
      const found = pattern.exec(printed)?.[1]
      if (found) return found
      if (server.exitCode !== null) throw new Error(printed)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const stop = async () => {
    server.kill('SIGTERM')
    await new Promise((resolve) => server.on('exit', resolve))
    rmSync(scratch, { recursive: true, force: true })
  }
  return { wait, stop, url: await wait(/serves .* at (http:\/\/\S+)/) }
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  })
