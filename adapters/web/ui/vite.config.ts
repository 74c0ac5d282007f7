import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// `npm run dev` serves the app with reloads, and passes the API on to a running server. CLICKBOOK_URL says where it
// is; CLICKBOOK_KEY signs in with an API key.
const server = process.env.CLICKBOOK_URL ?? 'http://127.0.0.1:8080'
const key = process.env.CLICKBOOK_KEY
const forward = { target: server, headers: key ? { Authorization: `Bearer ${key}` } : {} }

export default defineConfig({
  base: '/app/',
  plugins: [svelte()],
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0, target: 'es2022', manifest: true },
  server: { proxy: { '/api': forward, '/book': forward, '/m': forward } },
})
