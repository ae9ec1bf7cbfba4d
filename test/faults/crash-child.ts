/**
 * One life of a gateway that works orders against a library system over TCP, until it dies at a boundary or has brought
 * every line to where it belongs. What it knows is in the file; everything else it forgets.
 */
import { randomBytes } from 'node:crypto'
import { createSip2Ils } from '../../src/adapters/ils/sip2/sip2.ts'
import { createSupply } from '../../src/gateway/ill/supply.ts'
import { createLibraries } from '../../src/gateway/libraries.ts'
import type { Line, Order } from '../../src/gateway/orders/order.ts'
import { defaultPolicy } from '../../src/gateway/orders/policy.ts'
import { createOrders } from '../../src/gateway/orders/service.ts'
import { openStore } from '../../src/gateway/store/db.ts'
import { orderById } from '../../src/gateway/store/orders.ts'
import { pause, systemClock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { orThrow, yes } from '../../src/kernel/problem.ts'
import { WorkingTime } from '../../src/kernel/working-time.ts'

export interface Life {
  readonly url: string
  readonly port: number
  /** Orders 0..orders-1 are wanted by now; each has its own reader and its own book. */
  readonly orders: number
  /** The first time this boundary is passed is the last moment of this life. */
  readonly dieAt?: string
}

const life = JSON.parse(process.env.SHUQIAO_LIFE ?? '{}') as Life
const always = [['00:00', '24:00']] as const
const hours = new WorkingTime({
  zone: 'Asia/Shanghai',
  weekly: { 1: always, 2: always, 3: always, 4: always, 5: always, 6: always, 7: always },
  holidays: { covers: () => true, kind: () => 'plain' },
  onHoliday: 'as-usual',
})
const words = { zh: '馆', en: 'library' }
const place = { libraryId: 'home', name: words, hours, hoursText: words }
const libraries = createLibraries([
  {
    id: 'home',
    name: words,
    phone: '0512',
    zone: 'Asia/Shanghai',
    divisionCode: '320508',
    region: { province: '', city: '', district: '' },
    policyPack: '',
    tariff: '',
    policy: defaultPolicy,
    hours,
    branches: [{ ...place, id: 'gsq', address: '', locations: ['GSQ'], shelving: 'open' }],
    lockers: [],
  },
])
const clock = systemClock
const ids = createIds(clock)
const store = openStore(life.url, { exclusive: true, outlives: 'process' })
const ils = createSip2Ils(
  {
    name: 'home',
    host: '127.0.0.1',
    port: life.port,
    login: { user: 'gateway', password: 's3cret', location: 'GSQ' },
    profile: { holdCountMeaning: 'all', verifyChecksum: 'strict' },
  },
  { clock, random: length => randomBytes(length) },
)
const fee = { tariff: 0, tierDiscount: 0, concession: 0, subsidy: 0, due: 0, why: [] }
const orders = createOrders({
  store,
  clock,
  ids,
  alone: true,
  poll: 20,
  patience: { first: 20, longest: 200, giveUpAfter: 3_600_000 },
  recordOf: async () => undefined,
  boundary: name => {
    if (name === life.dieAt) process.kill(process.pid, 'SIGKILL')
  },
  ports: {
    libraries,
    ils: () => ils,
    supply: createSupply({
      store,
      clock,
      libraries,
      ils: () => ils,
      holdings: {
        copies: async id => ({
          title: id,
          author: null,
          clc: null,
          copies: [
            {
              supplierId: 'home',
              branchId: 'gsq',
              barcode: id,
              shelving: 'open',
              callNumber: null,
              location: null,
            },
          ],
        }),
      },
    }),
    lockers: {
      reserve: async () => yes({ compartmentId: '1' }),
      release: async () => {},
      deskFor: () => undefined,
      expire: async () => {},
    },
    couriers: {
      get: () => {
        throw new Error('no courier here')
      },
    },
    sender: () => {
      throw new Error('no courier here')
    },
    fees: {
      quote: async () => fee,
      decide: async () => fee,
      settle: async () => yes(undefined),
      refund: async () => yes(undefined),
      releaseQuota: async () => yes(undefined),
    },
    credit: { record: async () => yes(undefined) },
    readers: {
      card: async (_library, patronId) => patronId,
      standing: async () => ({ frozenUntil: null, maxItems: null }),
      maskedNames: async () => new Map(),
      address: async () => undefined,
    },
    institutionCard: () => undefined,
  },
})

/** Of every four orders one stays on loan, one is renewed and stays, one is cancelled, one is returned. */
const fateOf = (n: number): 'keep' | 'renew' | 'cancel' | 'return' =>
  (['return', 'keep', 'cancel', 'renew'] as const)[n % 4]!

const isHome = (line: Line, n: number): boolean => {
  if (line.status === 'closed') return true
  if (line.status !== 'on_loan' || line.pending.length > 0) return false
  return fateOf(n) === 'keep' || (fateOf(n) === 'renew' && line.renewals === 1)
}

const press = (line: Line, action: string): Promise<unknown> =>
  orders.staffAct({ lineId: line.id, libraryId: 'home', actor: 'staff:s' }, action, {})

const push = async (order: Order, line: Line, n: number): Promise<void> => {
  const on = {
    libraryId: 'home',
    orderId: order.id,
    lineId: line.id,
    patronId: order.patronId,
    actor: `reader:${order.patronId}`,
  }
  if (line.status === 'picking') await press(line, 'found')
  else if (line.status === 'charged') {
    if (fateOf(n) === 'cancel') await orders.cancel(on)
    else await press(line, 'at-branch')
  } else if (line.status === 'at_branch') await press(line, 'hand-over')
  else if (line.status === 'on_loan' && fateOf(n) === 'return') await press(line, 'receive')
  else if (line.status === 'on_loan' && fateOf(n) === 'renew' && line.pending.length === 0)
    await orders.renew(on)
}

const number = (n: number): string => String(n).padStart(3, '0')
const placed: Order[] = []
// The clock's own timers keep no process alive.
const alive = setInterval(() => {}, 60_000)
await orders.worker.start()
for (let n = 0; n < life.orders; n++) {
  const answer = await orders.place({
    libraryId: 'home',
    patronId: `R1${number(n)}`,
    recordIds: [`C${number(n)}`],
    delivery: { way: 'branch', branchId: 'gsq' },
    key: `order-${number(n)}-of-this-run`,
    actor: `reader:R1${number(n)}`,
  })
  placed.push(orThrow(answer).order)
}
for (;;) {
  let left = 0
  for (const [n, { id }] of placed.entries()) {
    const order = await orderById(store.db, 'home', id)
    const line = order?.lines[0]
    if (!order || !line) throw new Error('an order is gone')
    if (isHome(line, n)) continue
    left += 1
    await push(order, line, n)
  }
  if (left === 0) break
  await pause(clock, 15)
}
clearInterval(alive)
await orders.worker.stop()
await ils.close()
await store.close()
