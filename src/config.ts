import { z } from 'zod'
import { catalogueSettings } from './config/catalogue.ts'
import { always, calendar, hours } from './config/hours.ts'
import { kiosks } from './config/kiosks.ts'
import { orderPolicy } from './config/policy.ts'
import { isNetwork, privateNetworks } from './kernel/networks.ts'

/**
 * The settings file: one YAML file with everything that differs from place to place. Texts may hold `${NAME}` of
 * the environment or be `file:<path>`, so that no secret stands in it. `docs/config.schema.json` is made of this.
 */

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be a short word of a-z, 0-9 and hyphens')
  .describe('never changes once it is in use')
const words = z.strictObject({ zh: z.string().min(1).max(80), en: z.string().min(1).max(120) })
const port = z.int().min(0).max(65535)
const lat = z.number().min(-90).max(90).optional()
const lng = z.number().min(-180).max(180).optional()

/** `driver` names a module; the other settings are that module's own and are checked by it. */
const driven = <S extends z.core.$ZodLooseShape>(kind: DriverKind, ours: S) =>
  z.looseObject({ ...ours, driver: z.string().min(1) }).meta({ driverKind: kind })

export const driverKinds = ['ils', 'lockerBus', 'courier', 'credit'] as const
/** What drivers there are of. */
export type DriverKind = (typeof driverKinds)[number]
/** Settings of a driver as they stand in the file; the driver's schema has accepted them. */
export interface DriverSettings {
  readonly driver: string
  readonly [setting: string]: unknown
}

const branch = z.strictObject({
  id,
  name: words,
  address: z.string().max(200),
  hours: hours.optional().describe("the library's hours when left out"),
  lat,
  lng,
  locations: z
    .array(z.string().min(1).max(64))
    .default([])
    .describe('location codes of the ILS at this branch'),
  shelving: z.enum(['open', 'closed']).default('open').describe('open shelves or closed stacks, by default'),
})

const compartment = z.strictObject({
  id: z.string().min(1).max(32),
  label: z.string().min(1).max(16).optional().describe('what the door says; its id when left out'),
  size: z.enum(['small', 'medium', 'large']),
  row: z.int().min(1).max(40),
  column: z.int().min(1).max(40),
  board: z.int().min(0).max(255).describe('as the vendor counts'),
  channel: z.int().min(0).max(255).describe('as the vendor counts'),
  accessible: z.boolean().default(true).describe('can be reached from a wheelchair'),
})

const locker = z.strictObject({
  id,
  name: words,
  place: z.string().max(200),
  hours: hours.default(always).describe('of the building it stands in; always open when left out'),
  lat,
  lng,
  bus: id.describe('one of lockerBuses'),
  keptForReturns: z
    .int()
    .min(0)
    .max(500)
    .default(0)
    .describe('so many compartments are left free by deliveries, for books that readers bring back'),
  compartments: z.array(compartment).min(1).max(500),
})

const library = z.strictObject({
  id,
  name: words,
  phone: z.string().min(3).max(40),
  timeZone: z.string().refine(isZone, 'must be a time zone like Asia/Shanghai').default('Asia/Shanghai'),
  divisionCode: z
    .string()
    .regex(/^\d{6}$/, 'must be the six digits of the administrative division')
    .describe('行政区划代码'),
  region: z
    .strictObject({
      province: z.string().min(1).max(30),
      city: z.string().min(1).max(30),
      district: z.string().min(1).max(30),
    })
    .describe('names of the same division, as they stand in postal addresses: for parcels and tariff zones'),
  hours: hours.describe('opening hours, for branches without their own'),
  calendar: calendar.prefault({}),
  policyPack: z.string().min(1).max(64).default('jincheng').describe('rules of credit and tiers'),
  tariff: z.string().min(1).max(64).default('suzhou').describe('prices of delivery'),
  subsidy: z
    .strictObject({
      name: words,
      perDay: z.int().min(1).max(100_000_000).describe('fen that all readers together may be given in a day'),
      perReader: z
        .strictObject({ period: z.enum(['day', 'month', 'year']), amount: z.int().min(1) })
        .optional()
        .describe('the most one reader gets, in fen'),
    })
    .optional()
    .describe('pays for deliveries until the day’s money is gone'),
  partnerCards: z
    .record(id, z.string().min(1).max(64))
    .default({})
    .describe('card of each borrowing library in this library’s own system'),
  ils: driven('ils', {}).describe('the library system; `manual` where there is no link'),
  branches: z.array(branch).min(1).max(500),
  lockers: z.array(locker).max(500).default([]),
  policy: orderPolicy.prefault({}),
  catalogue: catalogueSettings.prefault({}).describe('how MARC records are read'),
})

const consortium = z.strictObject({
  name: words.optional(),
  suppliers: z.array(id).min(1).describe('libraries that lend to each other, the first is asked first'),
})

export const configSchema = z.strictObject({
  data: z.string().min(1).optional().describe('folder of the database and keys; SHUQIAO_DATA overrules it'),
  host: z.string().min(1).max(253).default('127.0.0.1').describe('address the gateway listens on'),
  port: port.optional().describe('PORT overrules it; 8080 when neither is given'),
  database: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must begin with sqlite: or postgres://')
    .optional()
    .describe('a SQLite file in the data folder when left out'),
  publicUrl: z
    .url()
    .optional()
    .describe('address that readers use: for links and QR codes, and for secure cookies'),
  personalKeys: z
    .string()
    .min(1)
    .optional()
    .describe(
      'key ring for personal data (lookup:<base64url>,k1:<base64url>); a file in the data folder when left out',
    ),
  trustedProxies: z
    .int()
    .min(0)
    .max(5)
    .default(0)
    .describe('proxies before the gateway whose X-Forwarded-For is believed'),
  metricsToken: z
    .string()
    .min(20)
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'must be letters, digits and signs without blanks')
    .optional()
    .describe('a monitor on another machine, or behind a proxy, shows it to read /metrics: `Bearer <token>`'),
  libraries: z.array(library).min(1).max(200),
  lockerBuses: z
    .array(driven('lockerBus', { id }))
    .default([])
    .describe('lines to locker boards, brokers and clouds'),
  lockerSetup: z
    .strictObject({
      networks: z
        .array(z.string().refine(isNetwork, 'must be an address or a network such as 192.168.0.0/16'))
        .max(64)
        .default([...privateNetworks])
        .describe('where lines that are not in this file yet may lead; private networks when left out'),
    })
    .prefault({})
    .describe('setting up cabinets on the staff page'),
  credit: z.record(id, driven('credit', {})).default({}).describe('credit providers by name'),
  couriers: z.array(driven('courier', { name: id })).default([]),
  consortium: consortium.optional(),
  kiosks: kiosks.optional().describe('self-check kiosks, gates, sorters and cabinets that speak SIP2 to us'),
})

/** The settings as the program uses them: defaults filled in. */
export type Config = z.output<typeof configSchema>
export type LibraryConfig = Config['libraries'][number]
export type BranchConfig = LibraryConfig['branches'][number]
export type LockerConfig = LibraryConfig['lockers'][number]
export type KiosksConfig = NonNullable<Config['kiosks']>
export type LockerBusConfig = Config['lockerBuses'][number]

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
