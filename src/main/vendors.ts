import { z } from 'zod'
import type { Courier } from '../adapters/couriers/courier.ts'
import { createOwnVan } from '../adapters/couriers/own-van.ts'
import { createSf } from '../adapters/couriers/sf/sf.ts'
import type { CreditProvider } from '../adapters/credit/credit.ts'
import { createZhima } from '../adapters/credit/zhima/zhima.ts'
import type { Http, HttpPeer } from '../adapters/http.ts'
import type { Ils } from '../adapters/ils/ils.ts'
import { createManualIls, type ManualTasks } from '../adapters/ils/manual.ts'
import { sip2Settings } from '../adapters/ils/sip2/settings.ts'
import { createSip2Ils } from '../adapters/ils/sip2/sip2.ts'
import { type DriverSchemas, splitDriver } from '../config/load.ts'
import type { DriverKind, DriverSettings } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Ids, RandomBytes } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { orThrow } from '../kernel/problem.ts'
import { Registry } from '../kernel/registry.ts'
import type { Transcript } from '../kernel/transcript.ts'
import { boardFacts } from '../lockers/commission/facts.ts'
import { lendable } from '../lockers/lent-driver.ts'
import type { LockerDriver, Registrations } from '../lockers/locker.ts'
import type { LockerMake } from '../lockers/make.ts'
import type { Caller } from '../lockers/transport/calls.ts'
import { aa55Crc8 } from '../lockers/vendors/aa55-crc8.ts'
import { f5Scu } from '../lockers/vendors/f5-scu.ts'
import { kerongCu } from '../lockers/vendors/kerong-cu.ts'
import { kerongCu48 } from '../lockers/vendors/kerong-cu48.ts'
import { modbusRtu, modbusTcp } from '../lockers/vendors/modbus.ts'
import { mqttCabinet } from '../lockers/vendors/mqtt-cabinet.ts'
import { openLocker } from '../lockers/vendors/open-locker.ts'
import { vendorCloud } from '../lockers/vendors/vendor-cloud.ts'
import { winnsen } from '../lockers/vendors/winnsen.ts'
import { wkly } from '../lockers/vendors/wkly.ts'
import { xorBoard } from '../lockers/vendors/xor-board.ts'
import { ytAscii } from '../lockers/vendors/yt-ascii.ts'

/** What drivers are made with, besides their settings. */
export interface Workshop {
  /** Clock of the wires: the real one, whatever clock the orders run by. */
  readonly clock: Clock
  readonly random: RandomBytes
  readonly ids: Ids
  readonly log: Log
  readonly transcript: Transcript
  readonly http: Http
  /** Cabinets of a line that register themselves; left out where nobody runs the line for long. */
  readonly registrations?: (line: string) => Registrations
  /** Tasks for the staff of a library without a link. */
  readonly manualTasks: (libraryId: string) => ManualTasks
}

/** A driver as the settings file knows it. `settings` come as they stand there, without `driver`. */
interface Make<T> {
  readonly name: string
  readonly schema: z.ZodType
  create(settings: Readonly<Record<string, unknown>>, name: string, shop: Workshop): T
}

const make = <T, S extends z.ZodType>(definition: {
  readonly name: string
  readonly schema: S
  create(settings: z.output<S>, name: string, shop: Workshop): T
}): Make<T> => ({
  ...definition,
  create: (settings, name, shop) => definition.create(definition.schema.parse(settings), name, shop),
})

const ilsMakes = new Registry<Make<Ils>>('ILS driver', [
  make({
    name: 'sip2',
    schema: sip2Settings.partial({ name: true }),
    create: (settings, libraryId, shop) =>
      createSip2Ils({ ...settings, name: settings.name ?? `ils:${libraryId}` }, shop),
  }),
  make({
    name: 'manual',
    schema: z.strictObject({}),
    create: (_, libraryId, { clock, manualTasks }) =>
      createManualIls({ name: `ils:${libraryId}`, clock, tasks: manualTasks(libraryId) }),
  }),
])

const lockerMakes = new Registry<LockerMake>('locker driver', [
  xorBoard,
  wkly,
  kerongCu,
  kerongCu48,
  f5Scu,
  winnsen,
  aa55Crc8,
  ytAscii,
  modbusRtu,
  modbusTcp,
  mqttCabinet,
  openLocker,
  vendorCloud,
])

const courierMakes = new Registry<Make<Courier>>('courier driver', [
  make({
    name: 'sf',
    schema: z.strictObject({
      partnerId: z.string().min(1),
      checkWord: z.string().min(1),
      endpoint: z.url(),
      monthlyCard: z.string().optional(),
      payMethod: z.literal([1, 2, 3]).optional(),
      expressType: z.int().optional(),
      hookSecret: z
        .string()
        .regex(/^[\w-]{16,128}$/)
        .optional()
        .describe('last part of the address its pushes come to: /hooks/<this>'),
    }),
    create: ({ hookSecret: _, ...settings }, name, { http, clock, ids }) =>
      createSf(defined(settings), { peer: http.peer(`courier:${name}`), clock, ids }),
  }),
  make({
    name: 'own-van',
    schema: z.strictObject({
      prefix: z
        .string()
        .regex(/^[A-Z0-9]{1,8}$/)
        .optional(),
    }),
    create: settings => createOwnVan(defined(settings)),
  }),
])

const creditMakes = new Registry<Make<CreditProvider>>('credit provider', [
  make({
    name: 'zhima',
    schema: z.strictObject({
      gateway: z.url(),
      appId: z.string().min(1),
      serviceId: z.string().min(1),
      privateKey: z.string().startsWith('-----BEGIN'),
      alipayPublicKey: z.string().startsWith('-----BEGIN'),
      productCode: z.string().optional(),
      linkedMerchantId: z.string().optional(),
      subjectType: z.string().optional(),
    }),
    create: (settings, name, { http, clock }) =>
      createZhima(defined(settings), { peer: http.peer(`credit:${name}`), clock }),
  }),
])

/** Optional settings that are absent rather than undefined. */
const defined = <T extends object>(settings: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }

const schemasOf = (makes: readonly Make<unknown>[]): Readonly<Record<string, z.ZodType>> =>
  Object.fromEntries(makes.map(({ name, schema }) => [name, schema]))

/** Settings of every driver there is, for checking the file. */
export const driverSchemas: DriverSchemas = {
  ils: schemasOf(ilsMakes.all()),
  lockerBus: Object.fromEntries(lockerMakes.all().map(({ name, settings }) => [name, settings])),
  courier: schemasOf(courierMakes.all()),
  credit: schemasOf(creditMakes.all()),
}

const made = <T>(
  makes: Registry<Make<T>>,
  kind: DriverKind,
  entry: DriverSettings,
  name: string,
  shop: Workshop,
): T => {
  const { driver, settings } = splitDriver(kind, entry)
  return makes.get(driver).create(settings, name, shop)
}

export const makeIls = (libraryId: string, entry: DriverSettings, shop: Workshop): Ils =>
  made(ilsMakes, 'ils', entry, libraryId, shop)

export const makeCourier = (name: string, entry: DriverSettings, shop: Workshop): Courier =>
  made(courierMakes, 'courier', entry, name, shop)

export const makeCreditProvider = (name: string, entry: DriverSettings, shop: Workshop): CreditProvider =>
  made(creditMakes, 'credit', entry, name, shop)

export const lockerMakeNames: readonly string[] = lockerMakes.all().map(({ name }) => name)

/** Makes that are boards on a line: their lines can be set up, and lent for it. */
export const boardMakes = (): readonly LockerMake[] => lockerMakes.all().filter(one => boardFacts(one))

/** A make of locker boards by its name. Throws when there is none. */
export const lockerMakeOf = (name: string): LockerMake => lockerMakes.get(name)

/** The driver of one line of lockers, `asleep` where processes share it by a lease. Throws `misconfigured/locker-settings`. */
export const makeLockerLine = (
  id: string,
  entry: DriverSettings,
  shop: Workshop,
  asleep = false,
): LockerDriver => {
  const { driver, settings } = splitDriver('lockerBus', entry)
  const name = `locker-line:${id}`
  const { clock, transcript, http } = shop
  let peer: HttpPeer | undefined
  // Most lines never call anybody over HTTP.
  const calls: Caller = {
    send: call => {
      peer ??= http.peer(name)
      return peer.send(call)
    },
  }
  const registrations = shop.registrations?.(id)
  const wire = { name, clock, transcript, calls, asleep, ...(registrations ? { registrations } : {}) }
  const made = lockerMakes.get(driver)
  const create = (): LockerDriver => orThrow(made.create(settings, wire))
  return boardFacts(made) ? lendable(create, { asleep }) : create()
}
