import { z } from 'zod'
import { dialectOf, dialects } from './dialects.ts'
import { weekdays } from './hours.ts'
import { ownSwitches } from './profile.ts'
import { tlsSettings } from './tls.ts'

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 23:30')
const date = z.iso.date()
const dateOrTime = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):[0-5]\d)?$/,
    'a date, or a date and time such as 2026-12-31T20:00',
  )
  .refine(text => date.safeParse(text.slice(0, 10)).success, 'no such date')

/** What a library must tell us to reach its library system by SIP2. */
export const sip2Settings = z.strictObject({
  name: z.string().min(1).describe('names it in health pages, transcripts and logs: `ils:suzhou`'),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  tls: tlsSettings
    .optional()
    .describe('set (even to {}) where the library system, or a tunnel before it, speaks TLS'),
  login: z
    .strictObject({ user: z.string(), password: z.string(), location: z.string().optional() })
    .optional()
    .describe('CN, CO and CP of 93, or the user and password of the telnet prompts'),
  terminalPassword: z.string().default('').describe('AC; empty where the library gave none'),
  institution: z.string().optional().describe('AO; left out: what the library system says in 98'),
  location: z.string().default('').describe('AP of returns without a location of their own'),
  language: z
    .string()
    .regex(/^[0-9A-Za-z]{3}$/)
    .default('019')
    .describe('three digits of the protocol’s table; 019 is Chinese'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('CNY')
    .describe('of payments, ISO 4217'),
  dialect: z
    .string()
    .refine(name => dialectOf(name) !== undefined, {
      error: `one of ${dialects.map(entry => entry.name).join(', ')}`,
    })
    .default('default')
    .describe(`the manner of the library system: ${dialects.map(entry => entry.name).join(', ')}`),
  profile: ownSwitches.default({}).describe('switches that differ from the dialect’s'),
  /** Hours of every day, in the library's time zone, when its system is not there. May run past midnight. */
  closedHours: z.array(z.strictObject({ from: timeOfDay, to: timeOfDay })).default([]),
  /** Further planned closings, in the library's time zone: what waits for their end counts no failures. */
  closing: z
    .strictObject({
      /** On some days of the week, those on which they begin. May run past midnight. */
      weekly: z
        .array(
          z.strictObject({
            days: z.array(z.enum(weekdays)).min(1),
            from: timeOfDay,
            to: z.union([timeOfDay, z.literal('24:00')]),
          }),
        )
        .default([]),
      /** Once: from and to, each a date (whole days, the last included) or a date with a time. */
      dates: z.array(z.strictObject({ from: dateOrTime, to: dateOrTime })).default([]),
      /** Dates on which the closings of every day and week do not begin. */
      except: z.array(date).default([]),
    })
    .default({ weekly: [], dates: [], except: [] }),
  /** Requests that may wait for a connection before further ones are refused. */
  queue: z.int().min(1).max(10_000).default(200),
  /** Seconds within which a request is answered, one way or the other. */
  deadlineSeconds: z
    .strictObject({
      person: z.number().min(0.1).max(600).default(20),
      work: z.number().min(0.1).max(600).default(90),
    })
    .default({ person: 20, work: 90 }),
})
export type Sip2Settings = z.infer<typeof sip2Settings>
/** The same before defaults are filled in: what stands in a configuration file. */
export type Sip2SettingsInput = z.input<typeof sip2Settings>
