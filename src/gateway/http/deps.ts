import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Ils } from '../../adapters/ils/ils.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Libraries } from '../libraries.ts'
import type { ServerStats } from '../sip2-server/stats.ts'
import type { Store } from '../store/db.ts'
import type { Passwords } from '../store/passwords.ts'
import type { Personal } from '../store/personal.ts'
import type { StaffRole } from '../store/users.ts'
import type { Metrics } from './metrics.ts'
import type { Stream } from './stream.ts'

/** What every route module is given; a module that needs more extends it. */
export interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly personal: Personal
  readonly passwords: Passwords
  readonly log: Log
  readonly libraries: Libraries
  /** Throws `refused/unknown-library`. */
  readonly ils: (libraryId: string) => Ils
  readonly stream: Stream
  readonly metrics: Metrics
  /** Cookies are marked Secure when it begins with https. */
  readonly publicUrl?: string | undefined
  readonly trustedProxies: number
  /** Opens what is open to this machine (`/metrics`) to a monitor that bears it. */
  readonly metricsToken?: string | undefined
  /** Roles of this process by name, and whether each has started. */
  readonly started: () => Readonly<Record<string, boolean>>
  /** Shown by the town page: this is the demo. */
  readonly demo: boolean
  /** Of the server for kiosks; undefined where there is none. */
  readonly kioskStats?: () => ServerStats | undefined
}

export type Who =
  | { readonly role: 'public' | 'hook' | 'local' }
  | { readonly role: 'reader'; readonly libraryId: string; readonly patronId: string }
  | {
      readonly role: StaffRole
      readonly libraryId: string
      readonly userId: string
      readonly login: string
      readonly name: string
      /** Empty: all branches of the library. */
      readonly branches: readonly string[]
    }
  | { readonly role: 'device'; readonly libraryId: string; readonly keyId: string; readonly lockerId: string }
  | {
      readonly role: 'partner'
      readonly libraryId: string
      readonly keyId: string
      readonly scopes: readonly string[]
    }
export type Reader = Extract<Who, { role: 'reader' }>
export type Staff = Extract<Who, { userId: string }>
export type Device = Extract<Who, { role: 'device' }>

// A type, since hono wants an index signature that interfaces lack.
export type HttpEnv = {
  Variables: { requestId: string; who: Who; address: string }
}
export type App = OpenAPIHono<HttpEnv>
export type Ctx = Context<HttpEnv>
/** Registers a module's routes; each of them has its row in `routes.ts`. */
export type Routes = (app: App) => void

const wrongPlace = (): Error => new Error('the route asks for somebody its row in routes.ts does not name')

/** The reader who asks. A bug when the route's row lets others in. */
export const reader = (c: Ctx): Reader => {
  const who = c.get('who')
  if (who.role === 'reader') return who
  throw wrongPlace()
}
export const staff = (c: Ctx): Staff => {
  const who = c.get('who')
  if ('userId' in who) return who
  throw wrongPlace()
}
export const device = (c: Ctx): Device => {
  const who = c.get('who')
  if (who.role === 'device') return who
  throw wrongPlace()
}

/** How events and the audit log name whoever asks. */
export const actorOf = (who: Who): string => {
  if ('userId' in who) return `staff:${who.userId}`
  if (who.role === 'reader') return `reader:${who.patronId}`
  if (who.role === 'device') return `locker:${who.lockerId}`
  return who.role === 'partner' ? `partner:${who.keyId}` : who.role
}
