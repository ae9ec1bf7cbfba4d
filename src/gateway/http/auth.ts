import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { matchedRoutes } from 'hono/route'
import { type Problem, ProblemError } from '../../kernel/problem.ts'
import { findKey } from '../store/keys.ts'
import { resumeSession, type SessionKind } from '../store/sessions.ts'
import { userById } from '../store/users.ts'
import type { Ctx, Deps, HttpEnv, Staff, Who } from './deps.ts'
import { forbidden, notFound, signedOut } from './problem.ts'
import { type RouteRow, routeTable } from './routes.ts'

/** A reader and a librarian may be logged in with one browser side by side. */
const cookieNames: Record<SessionKind, string> = {
  reader: 'shuqiao_session',
  staff: 'shuqiao_staff',
}

/** `/api/orders/:id` -> `/api/orders/{id}`. */
const asOpenApi = (path: string): string => path.replace(/:([A-Za-z]+)(\{[^}]*\})?/g, '{$1}')

const rows = new Map(routeTable.map(row => [`${row.method} ${row.path}`, row]))

/** The row of a route as hono knows it. */
export const rowOf = (method: string, path: string): RouteRow | undefined =>
  rows.get(`${method === 'HEAD' ? 'GET' : method} ${asOpenApi(path)}`)

/** The row of the route that will answer this request. */
export const matchedRow = (c: Ctx): RouteRow | undefined => {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  const route = matchedRoutes(c).find(r => r.method === method)
  return route && rowOf(method, route.path)
}

/** Lets in whom the route's row names, and nobody else. Comes before every route. */
export const guard =
  (deps: Deps): MiddlewareHandler<HttpEnv> =>
  async (c, next) => {
    const row = matchedRow(c)
    if (!row) throw new ProblemError(notFound)
    const who = await identify(c, row, deps)
    if (needsProof(c.req.method, who) && c.req.header('X-Shuqiao') === undefined)
      throw new ProblemError(forbidden)
    c.set('who', who)
    await next()
  }

/** Whoever comes with cookies must show that the page is ours: other sites cannot set a header. */
const needsProof = (method: string, who: Who): boolean =>
  !['GET', 'HEAD'].includes(method) && !['device', 'partner', 'hook', 'local'].includes(who.role)

const identify = async (c: Ctx, row: RouteRow, deps: Deps): Promise<Who> => {
  const may = (role: Who['role']): boolean => row.roles.includes(role)
  if (may('public')) return { role: 'public' }
  if (may('hook')) return { role: 'hook' }
  if (may('local') && (isLocal(c, deps) || bearsToken(c, deps))) return { role: 'local' }
  let seen: Problem = signedOut
  for (const find of credentials(c)) {
    const who = await find(c, deps)
    if (!who) continue
    const scoped = who.role !== 'partner' || row.scope === undefined || who.scopes.includes(row.scope)
    if (may(who.role) && scoped) return who
    seen = forbidden
  }
  throw new ProblemError(seen)
}

type Find = (c: Ctx, deps: Deps) => Promise<Who | undefined>

/** Keys before cookies; of the two cookies, the one that `?as=` asks for first. */
const credentials = (c: Ctx): readonly Find[] => {
  if (c.req.header('Authorization') !== undefined) return [keyHolder]
  return c.req.query('as') === 'staff' ? [staffMember, readerOf] : [readerOf, staffMember]
}

const keyHolder: Find = async (c, deps) => {
  const [scheme, secret] = (c.req.header('Authorization') ?? '').split(' ')
  const kind = ({ Device: 'device', Bearer: 'partner' } as const)[scheme ?? '']
  if (!kind || !secret) return undefined
  const key = await findKey(deps.store.db, kind, secret, deps.clock.now())
  if (!key) return undefined
  const { libraryId, id: keyId, scopes } = key
  if (kind === 'partner') return { role: 'partner', libraryId, keyId, scopes }
  return key.subject === null ? undefined : { role: 'device', libraryId, keyId, lockerId: key.subject }
}

const sessionOf = async (c: Ctx, deps: Deps, kind: SessionKind) => {
  const token = getCookie(c, cookieNames[kind])
  if (!token || token.length > 100) return undefined
  const resumed = await resumeSession(deps.store, token, deps.ids, deps.clock.now())
  if (resumed?.session.kind !== kind) return undefined
  if (resumed.newToken)
    giveCookie(c, deps, kind, resumed.newToken, resumed.session.expiresAt - deps.clock.now())
  return resumed.session
}

const readerOf: Find = async (c, deps) => {
  const session = await sessionOf(c, deps, 'reader')
  return session && { role: 'reader', libraryId: session.libraryId, patronId: session.subjectId }
}

const staffMember: Find = async (c, deps) => {
  const session = await sessionOf(c, deps, 'staff')
  const user = session && (await userById(deps.store.db, session.libraryId, session.subjectId))
  if (!user || user.disabledAt !== null) return undefined
  const { libraryId, id: userId, login, name, role, branches } = user
  return { role, libraryId, userId, login, name, branches }
}

/** The member of staff whose session comes with a request that everybody may make. */
export const signedInStaff = async (c: Ctx, deps: Deps): Promise<Staff | undefined> => {
  const who = await staffMember(c, deps)
  return who && 'userId' in who ? who : undefined
}

/** Sets the session cookie for `life` milliseconds. */
export const giveCookie = (c: Ctx, deps: Deps, kind: SessionKind, token: string, life: number): void => {
  setCookie(c, cookieNames[kind], token, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure: deps.publicUrl?.startsWith('https:') ?? false,
    maxAge: Math.floor(life / 1000),
  })
}

export const tokenOf = (c: Ctx, kind: SessionKind): string | undefined => getCookie(c, cookieNames[kind])

/** What proxies add, whatever their make: with any of it the asker is somebody else than the sender. */
const proxyHeader =
  /^(x-forwarded($|-)|forwarded$|via$|x-real-ip$|(x|true)-client-ip$|x-(original|cluster|envoy)-|cf-|fastly-)/

/** From this machine, to this machine, through nobody: a proxy beside us comes from here too. */
const isLocal = (c: Ctx, { trustedProxies }: Pick<Deps, 'trustedProxies'>): boolean => {
  if (trustedProxies > 0 || !/^(127\.|::1$|::ffff:127\.)/.test(peerOf(c))) return false
  const host = (c.req.header('Host') ?? '').replace(/:\d+$/, '')
  const here = host === '' || host === 'localhost' || host === '[::1]' || /^127\.[\d.]+$/.test(host)
  return here && !Object.keys(c.req.header()).some(name => proxyHeader.test(name.toLowerCase()))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The token of the settings, for a monitor on another machine or behind a proxy. */
const bearsToken = (c: Ctx, { metricsToken }: Pick<Deps, 'metricsToken'>): boolean => {
  const [scheme, secret] = (c.req.header('Authorization') ?? '').split(' ')
  if (metricsToken === undefined || scheme !== 'Bearer' || !secret) return false
  return timingSafeEqual(digest(secret), digest(metricsToken))
}

/** The address at the other end of the socket; '' where there is no socket (a request made in a test). */
const peerOf = (c: Ctx): string => {
  const env = c.env as { incoming?: unknown } | undefined
  return env?.incoming ? (getConnInfo(c).remote.address ?? '') : ''
}

/** The asker's network address, believing as many proxies as there are. */
export const addressOf = (c: Ctx, trustedProxies: number): string => {
  const peer = peerOf(c)
  if (trustedProxies === 0) return peer
  const hops = (c.req.header('X-Forwarded-For') ?? '').split(',').map(hop => hop.trim())
  const told = hops.at(-trustedProxies)
  return told && isIP(told) ? told : peer
}
