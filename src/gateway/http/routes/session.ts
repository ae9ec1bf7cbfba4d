import { createRoute, type z } from '@hono/zod-openapi'
import type { IlsPatron } from '../../../adapters/ils/ils.ts'
import { refused } from '../../../kernel/problem.ts'
import { rememberPatron } from '../../store/patrons.ts'
import { endSession, type SessionKind, sessionLife, startSession } from '../../store/sessions.ts'
import { type StaffUser, setPassword, userByLogin } from '../../store/users.ts'
import { type MeJson, me, readerLogin } from '../api/reader.ts'
import { type StaffMeJson, staffLogin, staffMe } from '../api/staff.ts'
import { giveCookie, tokenOf } from '../auth.ts'
import { checkCard, counted } from '../card-check.ts'
import { type Ctx, type Deps, type Reader, type Routes, reader, staff } from '../deps.ts'
import { body, json, refusals } from './shape.ts'

export interface SessionDeps extends Deps {
  /** What the reader's own page shows; `fresh` is what the ILS said a moment ago. */
  readonly describeReader: (reader: Reader, fresh?: IlsPatron) => Promise<MeJson>
}

const readerIn = createRoute({
  method: 'post',
  path: '/api/session/reader',
  tags: ['session'],
  summary: 'Log in with card and PIN, as the library system knows them',
  request: body(readerLogin),
  responses: { 200: json(me, 'logged in; the session is in a cookie'), ...refusals },
})
const staffIn = createRoute({
  method: 'post',
  path: '/api/session/staff',
  tags: ['session'],
  summary: 'Log in as staff',
  request: body(staffLogin),
  responses: { 200: json(staffMe, 'logged in; the session is in a cookie'), ...refusals },
})
const out = (kind: SessionKind) =>
  createRoute({
    method: 'delete',
    path: `/api/session/${kind}`,
    tags: ['session'],
    summary: 'Log out',
    responses: { 204: { description: 'logged out' }, ...refusals },
  })
const whoIsReader = createRoute({
  method: 'get',
  path: '/api/me',
  tags: ['reader'],
  summary: 'The reader who is logged in',
  responses: { 200: json(me, 'the reader'), ...refusals },
})
const whoIsStaff = createRoute({
  method: 'get',
  path: '/api/staff/me',
  tags: ['staff'],
  summary: 'The librarian who is logged in',
  responses: { 200: json(staffMe, 'the librarian'), ...refusals },
})

/** Logging in and out, and who is logged in. */
export const sessionRoutes =
  (deps: SessionDeps): Routes =>
  app => {
    app.openapi(readerIn, async c => {
      const { who, fresh } = await logReaderIn(c, deps, c.req.valid('json'))
      return c.json(await deps.describeReader(who, fresh), 200)
    })
    app.openapi(staffIn, async c => {
      const user = await logStaffIn(c, deps, c.req.valid('json'))
      return c.json(describeStaff(user), 200)
    })
    for (const kind of ['reader', 'staff'] as const)
      app.openapi(out(kind), async c => {
        await endOld(c, deps, kind)
        giveCookie(c, deps, kind, '', 0)
        return c.body(null, 204)
      })
    app.openapi(whoIsReader, async c => c.json(await deps.describeReader(reader(c)), 200))
    app.openapi(whoIsStaff, c => {
      const { login, name, role, libraryId, branches } = staff(c)
      return c.json({ user: login, name, role, libraryId, branches: [...branches] }, 200)
    })
  }

const describeStaff = ({ login, name, role, libraryId, branches }: StaffUser): StaffMeJson => ({
  user: login,
  name,
  role,
  libraryId,
  branches: [...branches],
})

const wrongPassword = refused('wrong-password', {
  zh: '用户名或密码不对。',
  en: 'Name or password is wrong.',
})

const logReaderIn = async (
  c: Ctx,
  deps: SessionDeps,
  { libraryId, card: typed, pin }: z.output<typeof readerLogin>,
): Promise<{ who: Reader; fresh: IlsPatron }> => {
  const card = typed.trim()
  const fresh = await checkCard(c, deps, { libraryId: deps.libraries.get(libraryId).id, card, pin })
  const { name, phone } = fresh
  const now = deps.clock.now()
  const old = tokenOf(c, 'reader')
  const { patron, token } = await deps.store.tx(async tx => {
    const patron = await rememberPatron(tx, { libraryId, card, name, phone }, deps.personal, deps.ids, now)
    if (old) await endSession(tx, old)
    const subject = { libraryId, kind: 'reader', subjectId: patron.id } as const
    return { patron, token: await startSession(tx, subject, deps.ids, now) }
  })
  giveCookie(c, deps, 'reader', token, sessionLife('reader'))
  return { who: { role: 'reader', libraryId, patronId: patron.id }, fresh }
}

const logStaffIn = async (
  c: Ctx,
  deps: SessionDeps,
  { user: login, password }: z.output<typeof staffLogin>,
): Promise<StaffUser> => {
  const found = await counted(c, deps, 'staff-login', login.toLowerCase(), async () => {
    const known = await userByLogin(deps.store.db, login)
    const { ok, stale } = await deps.passwords.check(password, known?.passwordHash)
    if (!ok || !known || known.user.disabledAt !== null) return { wrong: wrongPassword }
    return { right: { user: known.user, stale } }
  })
  const { user } = found
  const hash = found.stale ? await deps.passwords.hash(password) : undefined
  const old = tokenOf(c, 'staff')
  const token = await deps.store.tx(async tx => {
    if (hash !== undefined) await setPassword(tx, user, hash)
    if (old) await endSession(tx, old)
    const subject = { libraryId: user.libraryId, kind: 'staff', subjectId: user.id } as const
    return startSession(tx, subject, deps.ids, deps.clock.now())
  })
  giveCookie(c, deps, 'staff', token, sessionLife('staff'))
  return user
}

const endOld = async (c: Ctx, deps: Deps, kind: SessionKind): Promise<void> => {
  const token = tokenOf(c, kind)
  if (token) await endSession(deps.store.db, token)
}
