import type { Component } from 'svelte'
import type { Role } from './lib/session.svelte'

/** Screen is one place of the app. `path` is the first part of its address after /app/. */
export interface Screen {
  path: string
  title: string
  roles: Role[]
  /** Where the frame links to it: the five places, the places behind a role, or nowhere. */
  place: 'main' | 'more' | 'none'
  /** Works without an open account. */
  installation?: boolean
  load: () => Promise<{ default: Component }>
}

export const screens: Screen[] = [
  { path: 'day', title: 'Day', roles: ['owner', 'staff', 'admin'], place: 'main', load: () => import('./screens/day/Day.svelte') },
  { path: 'week', title: 'Week', roles: ['owner', 'staff', 'admin'], place: 'main', load: () => import('./screens/week/Week.svelte') },
  { path: 'month', title: 'Month', roles: ['owner', 'staff', 'admin'], place: 'none', load: () => import('./screens/month/Month.svelte') },
  { path: 'clients', title: 'Clients', roles: ['owner', 'staff', 'admin'], place: 'more', load: () => import('./screens/clients/Clients.svelte') },
  { path: 'work', title: 'Work list', roles: ['owner', 'staff', 'admin'], place: 'more', load: () => import('./screens/work/Work.svelte') },
  { path: 'delivery', title: 'Delivery', roles: ['owner', 'staff', 'billing', 'admin'], place: 'main', installation: true, load: () => import('./screens/delivery/Delivery.svelte') },
  { path: 'messages', title: 'Messages', roles: ['owner', 'staff', 'admin'], place: 'main', installation: true, load: () => import('./screens/messages/Messages.svelte') },
  { path: 'credits', title: 'Credits', roles: ['owner', 'billing', 'admin'], place: 'main', load: () => import('./screens/credits/Credits.svelte') },
  { path: 'message', title: 'Message', roles: ['owner', 'staff', 'admin'], place: 'none', installation: true, load: () => import('./screens/message/Message.svelte') },
  { path: 'calls', title: 'Calls', roles: ['owner', 'staff', 'admin'], place: 'more', load: () => import('./screens/calls/Calls.svelte') },
  { path: 'console', title: 'Console', roles: ['admin'], place: 'more', installation: true, load: () => import('./screens/console/Console.svelte') },
  { path: 'settings', title: 'Settings', roles: ['owner', 'staff', 'admin'], place: 'more', load: () => import('./screens/settings/Settings.svelte') },
  { path: 'people', title: 'People', roles: ['owner', 'admin'], place: 'none', installation: true, load: () => import('./screens/people/People.svelte') },
  { path: 'me', title: 'You', roles: ['owner', 'staff', 'admin', 'billing'], place: 'more', installation: true, load: () => import('./screens/me/Me.svelte') },
  { path: 'accounts', title: 'Accounts', roles: ['admin'], place: 'more', installation: true, load: () => import('./screens/accounts/Accounts.svelte') },
]

/** The screens that a role may use. The server refuses the rest in any case. */
export function screensOf(role: Role | undefined): Screen[] {
  return screens.filter((screen) => role !== undefined && screen.roles.includes(role))
}
