/** Setting a line of lock boards up beside the running gateway, by a person who stands before the cabinet. */
import { z } from '@hono/zod-openapi'
import { words } from './common.ts'

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
const size = z.enum(['small', 'medium', 'large'])
const place = z.int().min(1).max(40)
const port = z.int().min(1).max(65535)
const host = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9._:-]{1,253}$/)
const channel = z.object({ board: z.int().min(0).max(255), channel: z.int().min(1).max(255) })
const named = z.object({ label: z.string().trim().min(1).max(16), size, row: place, column: place })
const door = channel.extend(named.shape)
const heard = z.enum(['board', 'silent', 'unreadable', 'foreign'])
const trouble = z.object({ say: words, their: z.string().optional() })
const plain = z.union([z.string().max(200), z.number(), z.boolean()])
const settings = z
  .record(z.string().max(40), plain)
  .refine(all => Object.keys(all).length <= 20, { error: 'too many settings' })

const field = z.object({
  key: z.string(),
  kind: z.enum(['number', 'yes-no', 'choice', 'text']),
  describe: z.string(),
  required: z.boolean(),
  usual: plain.optional(),
  values: z.array(z.string()).optional(),
  from: z.number().optional(),
  to: z.number().optional(),
})
export type SetupFieldJson = z.infer<typeof field>

const current = z.object({
  id: z.string(),
  /** Begun by who asks; others may only look, and end it. */
  mine: z.boolean(),
  by: z.string(),
  line: z.object({ id: z.string().nullable(), driver: z.string(), where: z.string() }),
  /** Cabinets that serve nobody while this lasts. */
  lockers: z.array(z.object({ id: z.string(), name: words })),
  /** What the settings say of the doors of the line. */
  layout: z.array(door),
  /** Why it ended; null while it is under way. */
  over: words.nullable(),
  step: z.enum(['connecting', 'looking', 'found', 'doors']),
  /** Rises with everything done; goes back with each act, so that nothing is done twice. */
  turn: z.int(),
  progress: z
    .object({
      done: z.int(),
      of: z.int(),
      address: z.int(),
      /** The board has answered, and is asked whether it has so many channels. */
      counting: z.int().nullable(),
    })
    .nullable(),
  problem: trouble.nullable(),
  /** The adapter repeats what it is sent. */
  echo: z.boolean(),
  boards: z.array(
    z.object({ address: z.int(), channels: z.int(), room: z.int(), heard, inSettings: z.boolean() }),
  ),
  /** Whose frames were heard, where no board was found. */
  sounds: z.array(words),
  /** How the contacts of each board may be wired, the likeliest first, and how many shut doors each way reads as open. */
  wirings: z.array(
    z.object({
      board: z.int(),
      /** An opening has shown that its readings are right. */
      sure: z.boolean(),
      candidates: z.array(z.object({ wiring: z.record(z.string(), z.string()), open: z.int() })),
    }),
  ),
  idle: z.array(channel),
  channels: z.array(channel),
  holding: z.array(channel),
  doors: z.array(door),
  none: z.array(channel),
  at: z
    .object({
      door: channel,
      told: z.enum(['yes', 'no', 'unsure']),
      seen: z.array(channel),
      problem: trouble.nullable(),
      waits: z.enum(['which', 'shut']),
      likely: door,
    })
    .nullable(),
  stillOpen: z.array(channel),
  taught: z.enum(['agrees', 'rewired', 'no-contact']).nullable(),
  silent: z.array(z.object({ board: z.int(), say: words })),
})
export type SetupJson = z.infer<typeof current>

/** GET /api/staff/locker-setup: what can be set up, and what is being set up. */
export const lockerSetup = z
  .object({
    makes: z.array(
      z.object({
        driver: z.string(),
        title: words,
        addresses: z.object({ from: z.int(), to: z.int() }),
        form: z.object({ line: z.array(field), everyBoard: z.array(field) }),
      }),
    ),
    lines: z.array(
      z.object({
        id: z.string(),
        driver: z.string(),
        where: z.string(),
        boards: z.array(z.int()),
        lockers: z.array(z.object({ id: z.string(), name: words })),
      }),
    ),
    /** Where lines that are not in the settings may lead. */
    networks: z.array(z.string()),
    current: current.nullable(),
  })
  .openapi('LockerSetup')
export type LockerSetupJson = z.infer<typeof lockerSetup>

const newLine = z.object({
  driver: z.string().max(40),
  address: z.union([
    z.strictObject({ dial: z.strictObject({ host, port }) }),
    z.strictObject({
      listen: z.strictObject({
        host: z.union([z.ipv4(), z.ipv6()]).default('0.0.0.0'),
        port: z.int().min(1024).max(65535),
        from: z.union([z.ipv4(), z.ipv6()]),
      }),
    }),
  ]),
  more: settings.default({}),
  everyBoard: settings.default({}),
})

const addresses = z
  .array(z.int().min(0).max(255))
  .min(1)
  .max(64)
  .transform(all => [...new Set(all)])

/** POST /api/staff/locker-setup */
export const startSetup = z.object({
  line: z.union([z.strictObject({ id: z.string().max(64) }), newLine]),
  addresses,
  reason: z.string().trim().min(3).max(200),
  /** Takes over what an earlier set-up of the same line has learned. */
  goOn: z.boolean().default(false),
})
export type StartSetupJson = z.input<typeof startSetup>

/** POST /api/staff/locker-setup/{id}/act */
export const setupAct = z.object({
  turn: z.int().min(0),
  act: z.discriminatedUnion('act', [
    z.object({ act: z.literal('look'), addresses }),
    z.object({ act: z.literal('stop-looking') }),
    z.object({
      act: z.literal('shut'),
      boards: z
        .array(z.object({ address: z.int().min(0).max(255), channels: z.int().min(1).max(255) }))
        .min(1)
        .max(64)
        .optional(),
    }),
    z.object({
      act: z.literal('wiring'),
      board: z.int().min(0).max(255),
      wiring: z.record(z.string().max(40), z.string().max(40)),
    }),
    channel.extend({ act: z.literal('open') }),
    z.object({ act: z.literal('which'), door: named }),
    z.object({ act: z.literal('none') }),
    z.object({ act: z.literal('check') }),
    z.object({ act: z.literal('change'), door }),
    channel.extend({ act: z.literal('forget') }),
    z.object({ act: z.literal('back-to-boards') }),
  ]),
})
export type SetupActJson = z.input<typeof setupAct>['act']

/** POST /api/staff/locker-setup/{id}/settings */
export const setupNames = z.object({
  line: id,
  /** Of the cabinet whose doors no cabinet of the settings has; its name may still be written later. */
  locker: id,
  name: z.object({ zh: z.string().trim().min(1).max(80), en: z.string().trim().min(1).max(120) }).optional(),
  place: z.string().trim().max(200).default(''),
  lat: z.number().min(-90).max(90).optional(),
  lng: z.number().min(-180).max(180).optional(),
})
export type SetupNamesJson = z.input<typeof setupNames>
export const setupSettings = z
  .object({
    yaml: z.string(),
    /** What the settings file would refuse, with its place in the text. Empty: it takes everything. */
    faults: z.array(z.object({ line: z.int(), column: z.int(), path: z.string(), message: z.string() })),
  })
  .openapi('SetupSettings')
export type SetupSettingsJson = z.infer<typeof setupSettings>

/** GET /api/staff/lockers/{id}/labels: what the codes on its doors hold. */
export const doorLabels = z
  .object({ items: z.array(z.object({ id: z.string(), label: z.string(), url: z.string() })) })
  .openapi('DoorLabels')
export type DoorLabelsJson = z.infer<typeof doorLabels>
