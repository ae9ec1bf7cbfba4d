import type { Ils, IlsPatron } from '../../src/adapters/ils/ils.ts'
import { createApp } from '../../src/gateway/http/app.ts'
import type { App, Deps, Reader, Routes } from '../../src/gateway/http/deps.ts'
import { createMetrics } from '../../src/gateway/http/metrics.ts'
import type { SessionDeps } from '../../src/gateway/http/routes/session.ts'
import { createStream } from '../../src/gateway/http/stream.ts'
import { createLibraries, type Library } from '../../src/gateway/libraries.ts'
import { defaultPolicy } from '../../src/gateway/orders/policy.ts'
import { issueKey } from '../../src/gateway/store/keys.ts'
import { createPasswords } from '../../src/gateway/store/passwords.ts'
import { rememberPatron } from '../../src/gateway/store/patrons.ts'
import { startSession } from '../../src/gateway/store/sessions.ts'
import { addUser, type StaffRole } from '../../src/gateway/store/users.ts'
import { noHolidays } from '../../src/kernel/holidays.ts'
import { seededRandom } from '../../src/kernel/ids.ts'
import type { Log } from '../../src/kernel/log.ts'
import { type Answer, no, unreachable, yes } from '../../src/kernel/problem.ts'
import { WorkingTime } from '../../src/kernel/working-time.ts'
import { sqliteStore, type TestStore } from './store.ts'

const zone = 'Asia/Shanghai'
const open = { weekly: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map(d => [d, [['09:00', '21:00']]])) }
const hours = new WorkingTime({ zone, holidays: noHolidays, ...open })
const hoursText = { zh: '每天 09:00–21:00', en: 'daily 09:00–21:00' }

const library = (id: string): Library => ({
  id,
  name: { zh: id, en: id },
  phone: '0512-1234567',
  zone,
  divisionCode: '320508',
  region: { province: '江苏省', city: '苏州市', district: '姑苏区' },
  policyPack: 'jincheng',
  tariff: 'suzhou',
  policy: defaultPolicy,
  hours,
  branches: [
    {
      id: `${id}-main`,
      libraryId: id,
      name: { zh: '总馆', en: 'Main' },
      hours,
      hoursText,
      address: '观前街 1 号',
      locations: ['A1'],
      shelving: 'open',
    },
  ],
  lockers: [],
})

/** A card holder of the test library: PIN 1234. */
export const wang: IlsPatron = {
  card: '2120500001',
  name: '王芳',
  valid: true,
  pinValid: true,
  blocks: [],
  counts: { charged: 1 },
  limits: { charged: 10 },
  owed: 0,
  items: [],
  itemsAre: 'barcode',
  messages: [],
}

export interface TestApp extends TestStore {
  readonly app: App
  readonly deps: SessionDeps
  readonly logged: readonly string[]
  /** What the ILS does at the next log-in. */
  ilsIs(state: 'up' | 'down'): void
  /** A request with the header that our own pages send. */
  send(
    method: string,
    path: string,
    options?: { json?: unknown; headers?: Record<string, string> },
  ): Promise<Response>
  /** Headers of somebody of this role at library `sucheng`. */
  as(
    role: 'reader' | 'device' | 'partner' | StaffRole,
    scopes?: readonly string[],
  ): Promise<Record<string, string>>
}

const ilsOf = (isDown: () => boolean): Ils =>
  ({
    name: 'test',
    patron: async ({ card, pin }: { card: string; pin?: string }): Promise<Answer<IlsPatron>> => {
      if (isDown()) return no(unreachable('ils-down', { zh: '图书馆系统没有应答', en: 'no answer' }))
      return yes({ ...wang, card, valid: card === wang.card, pinValid: card === wang.card && pin === '1234' })
    },
  }) as Partial<Ils> as Ils

/** The app over a fresh store in memory, with the modules given. */
export const testApp = async (
  modules: (deps: SessionDeps) => readonly Routes[],
  more: Partial<Deps> = {},
): Promise<TestApp> => {
  const store = await sqliteStore()
  const { clock, ids, personal } = store
  const logged: string[] = []
  const note = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`)
  }
  const log: Log = { info: note, warn: note, error: note }
  let down = false
  const base: Deps = {
    store: store.store,
    clock,
    ids,
    personal,
    log,
    passwords: createPasswords(seededRandom('salt'), { memory: 64, passes: 1, parallelism: 1 }),
    libraries: createLibraries([library('sucheng'), library('wujiang')]),
    ils: () => ilsOf(() => down),
    stream: createStream(ids),
    metrics: createMetrics(store.store),
    trustedProxies: 0,
    started: () => ({ worker: true }),
    demo: false,
    ...more,
  }
  const deps: SessionDeps = { ...base, describeReader: async who => describeReader(who) }
  const app = createApp(deps, modules(deps))
  return {
    ...store,
    app,
    deps,
    logged,
    ilsIs: state => {
      down = state === 'down'
    },
    send: async (method, path, { json, headers = {} } = {}) =>
      app.request(path, {
        method,
        headers: {
          'X-Shuqiao': '1',
          ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: typeof json === 'string' ? json : JSON.stringify(json) }),
      }),
    as: (role, scopes = []) =>
      store.store.tx(async tx => {
        const libraryId = 'sucheng'
        const now = clock.now()
        if (role === 'device' || role === 'partner') {
          const key = { libraryId, kind: role, name: role, subject: 'l1', scopes, expiresAt: null } as const
          const { secret } = await issueKey(tx, key, ids, now)
          return { Authorization: `${role === 'device' ? 'Device' : 'Bearer'} ${secret}` }
        }
        if (role === 'reader') {
          const patron = await rememberPatron(
            tx,
            { libraryId, card: wang.card, name: wang.name },
            personal,
            ids,
            now,
          )
          const token = await startSession(tx, { libraryId, kind: 'reader', subjectId: patron.id }, ids, now)
          return { Cookie: `shuqiao_session=${token}` }
        }
        const user = {
          libraryId,
          id: ids.next(),
          login: `${role}-${ids.digits(6)}`,
          name: '林岚',
          role,
          branches: [],
          createdAt: now,
        }
        await addUser(tx, user, 'none')
        const token = await startSession(tx, { libraryId, kind: 'staff', subjectId: user.id }, ids, now)
        return { Cookie: `shuqiao_staff=${token}` }
      }),
  }
}

const describeReader = ({ patronId, libraryId }: Reader) => ({
  patronId,
  libraryId,
  name: wang.name,
  card: wang.card,
  joined: false,
  tier: null,
  frozenUntil: null,
  loans: { onLoan: 0, max: 10 },
  owed: 0,
  blocks: [],
  addresses: [],
  largeType: false,
  withinReach: false,
})
