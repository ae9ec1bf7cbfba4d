import { expect, it } from 'vitest'
import { findKey, issueKey, listKeys, revokeKey } from '../../src/gateway/store/keys.ts'
import { attemptSucceeded, countAttempt, perAccount, perAddress } from '../../src/gateway/store/limits.ts'
import { patronByCard, patronById, rememberPatron } from '../../src/gateway/store/patrons.ts'
import {
  endSessionsOf,
  resumeSession,
  startSession,
  sweepSessions,
} from '../../src/gateway/store/sessions.ts'
import { addUser, disableUser, listUsers, setPassword, userByLogin } from '../../src/gateway/store/users.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const minute = 60_000
const hour = 60 * minute

eachStore('sessions', fresh => {
  const start = (t: TestStore, kind: 'reader' | 'staff') =>
    t.store.tx(tx => startSession(tx, { libraryId: 'suzhou', kind, subjectId: 'p' }, t.ids, t.clock.now()))
  const use = (t: TestStore, token: string) => resumeSession(t.store, token, t.ids, t.clock.now())

  it('know their person by a token that the database does not hold', async () => {
    const t = await fresh()
    const token = await start(t, 'reader')
    expect(await use(t, token)).toMatchObject({ session: { kind: 'reader', subjectId: 'p' } })
    expect(await use(t, `${token}x`)).toBeUndefined()
    const rows = await t.store.db.selectFrom('session').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(token)
  })

  it('change their token after an hour of a librarian, and the old one ends a minute later', async () => {
    const t = await fresh()
    const token = await start(t, 'staff')
    t.clock.jump(t.clock.now() + hour)
    const changed = await use(t, token)
    expect(changed?.newToken).toBeDefined()
    expect(await use(t, token)).toEqual({ session: changed!.session })
    t.clock.jump(t.clock.now() + minute)
    expect(await use(t, token)).toBeUndefined()
    expect(await use(t, changed!.newToken!)).toMatchObject({ session: { subjectId: 'p' } })
  })

  it('give one new token when two requests come at the hour', async () => {
    const t = await fresh()
    const token = await start(t, 'staff')
    t.clock.jump(t.clock.now() + hour)
    const both = await Promise.all([use(t, token), use(t, token)])
    expect(both.filter(b => b?.newToken)).toHaveLength(1)
    expect(both.every(b => b?.session.subjectId === 'p')).toBe(true)
  })

  it('end without use, at their longest life, and when their person is sent away', async () => {
    const t = await fresh()
    const idle = await start(t, 'staff')
    t.clock.jump(t.clock.now() + 2 * hour)
    expect(await use(t, idle)).toBeUndefined()
    let token = await start(t, 'staff')
    for (let i = 0; i < 11; i++) {
      t.clock.jump(t.clock.now() + hour)
      token = (await use(t, token))?.newToken ?? token
    }
    expect(await use(t, token)).toBeDefined()
    t.clock.jump(t.clock.now() + hour)
    expect(await use(t, token)).toBeUndefined()
    await sweepSessions(t.store.db, t.clock.now())
    expect((await t.store.db.selectFrom('session').selectAll().execute()).length).toBeLessThan(3)
    const last = await start(t, 'staff')
    await endSessionsOf(t.store.db, { libraryId: 'suzhou', kind: 'staff', subjectId: 'p' })
    expect(await use(t, last)).toBeUndefined()
  })
})

eachStore('access keys', fresh => {
  it('open until they are revoked or expire, and only as their kind', async () => {
    const t = await fresh()
    const key = {
      libraryId: 'suzhou',
      kind: 'device',
      name: '观前街柜',
      subject: 'l1',
      scopes: [],
      expiresAt: 500,
    } as const
    const { id, secret } = await t.store.tx(tx => issueKey(tx, key, t.ids, 0))
    const { db } = t.store
    expect(await findKey(db, 'device', secret, 499)).toMatchObject({ id, subject: 'l1' })
    expect(await findKey(db, 'device', secret, 500)).toBeUndefined()
    expect(await findKey(db, 'partner', secret, 0)).toBeUndefined()
    expect(JSON.stringify(await db.selectFrom('access_key').selectAll().execute())).not.toContain(secret)
    expect(await t.store.tx(tx => revokeKey(tx, 'suzhou', id, 1))).toBe(true)
    expect(await t.store.tx(tx => revokeKey(tx, 'suzhou', id, 2))).toBe(false)
    expect(await findKey(db, 'device', secret, 3)).toBeUndefined()
    expect(await listKeys(db, 'device')).toMatchObject([{ id, revokedAt: 1 }])
  })
})

eachStore('limits on attempts', fresh => {
  const account = perAccount('test')

  it('lock an account for longer and longer, and forgive it when its owner succeeds', async () => {
    const { store } = await fresh()
    let now = 0
    for (let i = 0; i < 5; i++)
      expect(await countAttempt(store, account, 'a', now)).toEqual({ allowed: true })
    expect(await countAttempt(store, account, 'a', now)).toMatchObject({ allowed: false, until: minute })
    now = minute
    expect(await countAttempt(store, account, 'a', now)).toEqual({ allowed: true })
    expect(await countAttempt(store, account, 'a', now)).toMatchObject({ until: now + 2 * minute })
    expect(await countAttempt(store, account, 'b', now)).toEqual({ allowed: true })
    await attemptSucceeded(store, account, 'a', now)
    expect(await countAttempt(store, account, 'a', now)).toEqual({ allowed: true })
  })

  it('let no more through when all tries come at once', async () => {
    const { store } = await fresh()
    const tries = await Promise.all(Array.from({ length: 15 }, () => countAttempt(store, account, 'a', 0)))
    expect(tries.filter(t => t.allowed)).toHaveLength(5)
  })

  it('take only its own try back from an address when one of many succeeds', async () => {
    const { store } = await fresh()
    const address = { ...perAddress('net'), free: 3 }
    for (let i = 0; i < 2; i++) await countAttempt(store, address, '10.0.0.1', 0)
    await countAttempt(store, address, '10.0.0.1', 0)
    await attemptSucceeded(store, address, '10.0.0.1', 0)
    expect(await countAttempt(store, address, '10.0.0.1', 0)).toEqual({ allowed: true })
    expect(await countAttempt(store, address, '10.0.0.1', 0)).toMatchObject({ allowed: false })
  })

  it('forget after a day, and are not fooled for ever by a clock that was years ahead', async () => {
    const { store } = await fresh()
    const ahead = 10 * 365 * 24 * hour
    for (let i = 0; i < 5; i++) await countAttempt(store, account, 'a', ahead)
    expect(await countAttempt(store, account, 'a', 0)).toEqual({ allowed: true })
    for (let i = 0; i < 5; i++) await countAttempt(store, account, 'b', 0)
    expect(await countAttempt(store, account, 'b', 24 * hour)).toEqual({ allowed: true })
    expect(await countAttempt(store, account, 'b', 24 * hour)).toEqual({ allowed: true })
  })
})

eachStore('staff users', fresh => {
  const user = {
    libraryId: 'suzhou',
    id: 'u1',
    login: 'Lin',
    name: '林岚',
    role: 'librarian',
    branches: ['b1'],
    createdAt: 1,
  } as const

  it('are found by their log-in name in any case, and no name is given twice', async () => {
    const { store } = await fresh()
    await store.tx(tx => addUser(tx, user, 'hash'))
    expect(await userByLogin(store.db, 'LIN')).toMatchObject({ user: { id: 'u1' }, passwordHash: 'hash' })
    const again = store.tx(tx => addUser(tx, { ...user, id: 'u2', libraryId: 'hefei', login: 'lin' }, 'hash'))
    await expect(again).rejects.toMatchObject({ problem: { code: 'login-taken' } })
    expect(await listUsers(store.db, 'hefei')).toEqual([])
  })

  it('can change their password and be sent away', async () => {
    const { store } = await fresh()
    await store.tx(tx => addUser(tx, user, 'hash'))
    const [kept] = await listUsers(store.db)
    await store.tx(tx => setPassword(tx, kept!, 'hash2'))
    await store.tx(tx => disableUser(tx, kept!, 7))
    expect(await userByLogin(store.db, 'lin')).toEqual({
      user: { ...user, login: 'lin', disabledAt: 7 },
      passwordHash: 'hash2',
    })
  })
})

eachStore('patrons', fresh => {
  const told = { libraryId: 'suzhou', card: '21205000000001', name: '李小明' }

  it('are made once for a card and stored sealed', async () => {
    const t = await fresh()
    const remember = (more = {}) =>
      t.store.tx(tx => rememberPatron(tx, { ...told, ...more }, t.personal, t.ids, t.clock.now()))
    const [a, b] = await Promise.all([remember(), remember()])
    expect(a.id).toBe(b.id)
    const later = await remember({ name: '李晓明', phone: '13800000000' })
    expect([later.id, later.card(), later.name(), later.phone()]).toEqual([
      a.id,
      told.card,
      '李晓明',
      '13800000000',
    ])
    expect((await remember()).phone()).toBe('13800000000')
    const stored = JSON.stringify(await t.store.db.selectFrom('patron').selectAll().execute())
    for (const secret of [told.card, '李', '138']) expect(stored).not.toContain(secret)
    expect(await patronByCard(t.store.db, 'hefei', told.card, t.personal)).toBeUndefined()
    expect((await patronById(t.store.db, 'suzhou', a.id, t.personal))?.card()).toBe(told.card)
  })
})
