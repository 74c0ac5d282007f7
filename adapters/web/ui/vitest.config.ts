import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// Two kinds of tests: `unit` tests functions, and `browser` drives Chromium against the real server. The browser tests
// run one file at a time, since each starts a server and a browser.
export default defineConfig({
  test: {
    projects: [
      { plugins: [svelte()], test: { name: 'unit', include: ['src/**/*.test.ts'] } },
      {
        test: {
          name: 'browser',
          include: ['browser/**/*.test.ts'],
          fileParallelism: false,
          retry: process.env.CI ? 1 : 0, // a browser on a busy machine may miss a moment once, not twice
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
