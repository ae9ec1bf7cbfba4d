import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sessionRoutes } from '../../../src/gateway/http/routes/session.ts'
import { addUser, disableUser, userByLogin } from '../../../src/gateway/store/users.ts'
import { type TestApp, testApp, wang } from '../../harness/app.ts'

let t: TestApp
beforeEach(async () => {
  t = await testApp(deps => [sessionRoutes(deps)])
})
afterEach(() => t.close())

const logIn = (pin: string, card = wang.card) =>
  t.send('POST', '/api/session/reader', { json: { libraryId: 'sucheng', card, pin } })
const codeOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { type: string }).type.split(':').at(-1)!
const cookieOf = (answer: Response): string => answer.headers.get('Set-Cookie')!.split(';')[0]!

describe('a reader', () => {
  it('logs in with card and PIN, is known by the cookie, and logs out', async () => {
    const answer = await logIn('1234', ` ${wang.card} `)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Set-Cookie')).toMatch(
      /^shuqiao_session=.+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    const headers = { Cookie: cookieOf(answer) }
    expect(await (await t.send('GET', '/api/me', { headers })).json()).toMatchObject({ libraryId: 'sucheng' })
    const out = await t.send('DELETE', '/api/session/reader', { headers })
    expect([out.status, out.headers.get('Set-Cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')])
    expect((await t.send('GET', '/api/me', { headers })).status).toBe(401)
  })

  it('gets a new session at every log-in, and the one before ends', async () => {
    const first = { Cookie: cookieOf(await logIn('1234')) }
    const second = await t.send('POST', '/api/session/reader', {
      json: { libraryId: 'sucheng', card: wang.card, pin: '1234' },
      headers: first,
    })
    expect(cookieOf(second)).not.toBe(first.Cookie)
    expect((await t.send('GET', '/api/me', { headers: first })).status).toBe(401)
  })

  it('is not told whether card or PIN was wrong', async () => {
    const wrongs = [await logIn('9999'), await logIn('1234', 'nobody')]
    expect(wrongs.map(w => w.status)).toEqual([401, 401])
    expect(await Promise.all(wrongs.map(codeOf))).toEqual(['wrong-card-or-pin', 'wrong-card-or-pin'])
  })

  it('is locked out after five wrong PINs, also with the right one, and let in again later', async () => {
    for (let i = 0; i < 5; i++) await logIn('9999')
    const locked = await logIn('1234')
    expect([locked.status, locked.headers.get('Retry-After'), await codeOf(locked)]).toEqual([
      429,
      '5',
      'too-many-attempts',
    ])
    await t.clock.advance(60_000)
    expect((await logIn('1234')).status).toBe(200)
    expect((await logIn('9999')).status).toBe(401)
  })

  it('is not counted while the library system is silent', async () => {
    t.ilsIs('down')
    for (let i = 0; i < 8; i++) expect((await logIn('1234')).status).toBe(503)
    t.ilsIs('up')
    expect((await logIn('1234')).status).toBe(200)
  })

  it('of a library that does not exist is told so', async () => {
    const answer = await t.send('POST', '/api/session/reader', {
      json: { libraryId: 'x', card: '1', pin: '1' },
    })
    expect([answer.status, await codeOf(answer)]).toEqual([404, 'unknown-library'])
  })

  it('leaves no trace of card, PIN, name or token in the log', async () => {
    const token = cookieOf(await logIn('1234')).split('=')[1]!
    await logIn('7777')
    const log = t.logged.join('\n')
    for (const secret of [wang.card, wang.name, '7777', token]) expect(log).not.toContain(secret)
  })
})

describe('a librarian', () => {
  const password = 'correct horse 书桥'
  beforeEach(async () => {
    const hash = await t.deps.passwords.hash(password)
    const user = {
      libraryId: 'sucheng',
      id: 'u1',
      login: 'lin',
      name: '林岚',
      role: 'librarian',
      branches: [],
      createdAt: 0,
    } as const
    await t.store.tx(tx => addUser(tx, user, hash))
  })
  const logIn = (given: string) =>
    t.send('POST', '/api/session/staff', { json: { user: 'Lin', password: given } })

  it('logs in with name and password and is who the cookie says', async () => {
    const answer = await logIn(password)
    expect(await answer.json()).toEqual({
      user: 'lin',
      name: '林岚',
      role: 'librarian',
      libraryId: 'sucheng',
      branches: [],
    })
    const headers = { Cookie: cookieOf(answer) }
    expect((await t.send('GET', '/api/staff/me', { headers })).status).toBe(200)
    expect((await t.send('GET', '/api/me', { headers })).status).toBe(403)
  })

  it('is out at once when the account is disabled', async () => {
    const headers = { Cookie: cookieOf(await logIn(password)) }
    const known = await userByLogin(t.store.db, 'lin')
    await t.store.tx(tx => disableUser(tx, known!.user, t.clock.now()))
    expect((await t.send('GET', '/api/staff/me', { headers })).status).toBe(401)
    expect((await logIn(password)).status).toBe(401)
  })

  it('gets a stronger hash at log-in when the old one is out of date', async () => {
    const { createPasswords } = await import('../../../src/gateway/store/passwords.ts')
    const weak = await createPasswords(undefined, { memory: 32, passes: 1, parallelism: 1 }).hash(password)
    await t.store.db.updateTable('staff_user').set({ password_hash: weak }).execute()
    await logIn(password)
    expect((await userByLogin(t.store.db, 'lin'))!.passwordHash).toContain('m=64,')
    expect((await logIn(password)).status).toBe(200)
  })

  it('is locked out after five wrong passwords', async () => {
    for (let i = 0; i < 5; i++) expect((await logIn('wrong')).status).toBe(401)
    expect((await logIn(password)).status).toBe(429)
  })
})
