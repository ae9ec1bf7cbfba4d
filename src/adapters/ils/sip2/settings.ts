import { z } from 'zod'
import { dialects, type Profile, profileSchema } from './dialects.ts'

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time such as 23:30')

/** Some switches of a profile. Not the schema's own `partial`: that would fill in defaults over the dialect's. */
const ownSwitches = z
  .custom<Partial<Profile>>(value => typeof value === 'object' && value !== null && !Array.isArray(value))
  .superRefine((own, context) => {
    const checked = profileSchema.safeParse(own)
    for (const { path, message } of checked.error?.issues ?? [])
      context.addIssue({ code: 'custom', path: [...path], message })
  })

/** What a library must tell us to reach its library system by SIP2. */
export const sip2Settings = z.strictObject({
  /** Names this library system in health pages, transcripts and logs: `ils:suzhou`. */
  name: z.string().min(1),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  /** Set (even to `{}`) where the library system, or a tunnel before it, speaks TLS. */
  tls: z
    .strictObject({
      /** PEM of the authority that signed its certificate, where it is not a public one. */
      ca: z.string().optional(),
      serverName: z.string().optional(),
    })
    .optional(),
  /** CN, CO and CP of 93, or the user and password of the telnet prompts. */
  login: z
    .strictObject({ user: z.string(), password: z.string(), location: z.string().optional() })
    .optional(),
  /** AC; empty where the library gave none. */
  terminalPassword: z.string().default(''),
  /** AO; left out: what the library system says in 98. */
  institution: z.string().optional(),
  /** AP of returns without a location of their own. */
  location: z.string().default(''),
  /** Three digits of the protocol's table; 019 is Chinese. */
  language: z
    .string()
    .regex(/^[0-9A-Za-z]{3}$/)
    .default('019'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('CNY'),
  dialect: z
    .string()
    .refine(name => dialects.some(entry => entry.name === name), {
      error: `one of ${dialects.map(entry => entry.name).join(', ')}`,
    })
    .default('default'),
  /** Switches that differ from the dialect's. */
  profile: ownSwitches.default({}),
  /** Hours of every day, in the library's time zone, when its system is not there. May run past midnight. */
  closedHours: z.array(z.strictObject({ from: timeOfDay, to: timeOfDay })).default([]),
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
