/**
 * Messages between the gateway and a cabinet of our own profile, pure in both directions. JSON in UTF-8, `v` 1.
 * Whatever must hold is in the payload; the properties of MQTT 5 (response topic, correlation data, message expiry)
 * repeat it where they are spoken, so that a cabinet behind a broker of 3.1.1 behaves the same.
 * `now` is the sender's clock when it sends; `boot` names the time since a cabinet was switched on, `session` one of
 * its connections, `log` its store of events.
 */
import { z } from 'zod'
import { jsonReader } from '../transport/json-message.ts'

/** Topics of one cabinet. Only `status` and `doors` are retained. */
export const topicsOf = (prefix: string, cabinet: string) => {
  const at = (leaf: string): string => `${prefix}/${cabinet}/${leaf}`
  return {
    command: at('command'),
    answer: at('answer'),
    event: at('event'),
    status: at('status'),
    doors: at('doors'),
    beat: at('beat'),
  } as const
}
export type CabinetTopics = ReturnType<typeof topicsOf>

/** Bytes of the largest message that is read at all. */
export const largestMessage = 16_384
export const mostCompartments = 200
export const mostCodes = 500

const word = z.string().min(1).max(64)
const instant = z.int().min(0).max(8_640_000_000_000_000)
const compartment = z.int().min(1).max(mostCompartments)
const one = z.literal(1)
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
const common = {
  v: one,
  id: word,
  boot: word.optional(),
  now: instant,
  exp: instant,
  /** As `mqtt-cabinet-signing.ts` says; a cabinet with a key does nothing without it. */
  sig: z.string().max(64).optional(),
}

/** `exp` is in the cabinet's own time; with another `boot`, or after `exp`, it does nothing. */
const command = z.discriminatedUnion('op', [
  z.object({ ...common, op: z.literal('open'), compartment }),
  z.object({ ...common, op: z.literal('read') }),
  z.object({
    ...common,
    op: z.literal('put-code'),
    code: word,
    compartment,
    hash: z.string().min(16).max(128),
    until: instant,
  }),
  z.object({ ...common, op: z.literal('remove-code'), code: word }),
  z.object({ ...common, op: z.literal('codes') }),
  /** Events up to `seq` are taken in and may be forgotten; `again`: tell from `seq` + 1. Not answered. */
  z.object({ ...common, op: z.literal('kept'), log: word, seq: count, again: z.boolean().optional() }),
])
export type CabinetCommand = z.output<typeof command>

const doorState = z.enum(['open', 'closed', 'unknown'])
const doorList = z
  .array(z.object({ compartment, door: doorState, occupied: z.boolean().optional() }))
  .max(mostCompartments)
export type CabinetDoors = z.output<typeof doorList>

export const refusals = [
  'expired',
  'other-boot',
  'no-such-compartment',
  'resting',
  'full',
  'not-known',
  'not-signed',
] as const

const answer = z.discriminatedUnion('state', [
  z.object({ v: one, id: word, now: instant, state: z.literal('accepted') }),
  z.object({
    v: one,
    id: word,
    now: instant,
    state: z.literal('done'),
    door: doorState.optional(),
    doors: doorList.optional(),
    codes: z.array(word).max(mostCodes).optional(),
  }),
  z.object({
    v: one,
    id: word,
    now: instant,
    state: z.literal('refused'),
    code: z.enum(refusals),
    text: z.string().max(200).optional(),
  }),
])
export type CabinetAnswer = z.output<typeof answer>

const inOrder = {
  v: one,
  log: word,
  seq: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** The highest number known to be taken in, or dropped for want of room: `seq` follows it without gaps. */
  after: count,
  now: instant,
  at: instant,
  /** False while the clock has not been set since the cabinet was switched on. */
  timed: z.boolean(),
}
const event = z.discriminatedUnion('kind', [
  z.object({
    ...inOrder,
    kind: z.enum(['door-opened', 'door-closed']),
    compartment,
    occupied: z.boolean().optional(),
    code: word.optional(),
  }),
  z.object({ ...inOrder, kind: z.enum(['code-locked-out', 'tamper', 'power-lost', 'power-back']) }),
  z.object({ ...inOrder, kind: z.literal('events-lost'), count }),
])
export type CabinetEventMessage = z.output<typeof event>

const status = z.discriminatedUnion('state', [
  z.object({ v: one, state: z.literal('online'), session: word, boot: word, now: instant }),
  /** The last will: its time is that of nobody. */
  z.object({ v: one, state: z.literal('offline'), session: word }),
])
export type CabinetStatus = z.output<typeof status>

const doors = z.object({ v: one, boot: word, now: instant, doors: doorList })
export type CabinetDoorsMessage = z.output<typeof doors>

const beat = z.object({ v: one, session: word, boot: word, now: instant, uptime: count })
export type CabinetBeat = z.output<typeof beat>

const reader = jsonReader(largestMessage)

export const readCommand = reader(command)
export const readAnswer = reader(answer)
export const readEvent = reader(event)
export const readStatus = reader(status)
export const readDoors = reader(doors)
export const readBeat = reader(beat)

type Message =
  | CabinetCommand
  | CabinetAnswer
  | CabinetEventMessage
  | CabinetStatus
  | CabinetDoorsMessage
  | CabinetBeat

export const writeMessage = (message: Message): string => JSON.stringify(message)
