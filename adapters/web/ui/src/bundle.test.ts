import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

interface Chunk {
  file: string
  imports?: string[]
  isEntry?: boolean
  isDynamicEntry?: boolean
}

const dist = join(import.meta.dirname, '../dist')
const most = 60 * 1024 // bytes, compressed

/** Returns the script of a chunk and those that it needs at once. */
function needed(manifest: Record<string, Chunk>, name: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[name]
  if (!chunk || found.has(chunk.file)) return found
  found.add(chunk.file)
  for (const other of chunk.imports ?? []) needed(manifest, other, found)
  return found
}

it('loads less than 60 kB of script for any screen', () => {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>
  const size = (files: Set<string>): number =>
    [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0)
  const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry)
  expect(entry).toBeDefined()
  const start = needed(manifest, entry ?? '')
  const screens = Object.keys(manifest).filter((name) => manifest[name]?.isDynamicEntry && name.includes('/screens/'))
  expect(screens.length).toBeGreaterThan(3)
  const sizes = screens.map((name) => ({ name, bytes: size(needed(manifest, name, new Set(start))) }))
  expect(sizes.filter((one) => one.bytes > most)).toEqual([])
})
