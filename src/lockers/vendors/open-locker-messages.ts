/**
 * Messages of the public Open-Locker contract (AsyncAPI), MQTT 3.1.1, pure in both directions. `message_id` marks a
 * packet, `transaction_id` an act: the same transaction is never acted upon twice.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { jsonReader } from '../transport/json-message.ts'

export const topicsOf = (locker: string) => {
  const at = (leaf: string): string => `locker/${locker}/${leaf}`
  return {
    command: at('command'),
    response: at('response'),
    event: at('event'),
    heartbeat: at('state/heartbeat'),
    /** The only one that is retained. */
    compartments: at('state/compartments'),
    connection: at('state/connection'),
  } as const
}
export type OpenLockerTopics = ReturnType<typeof topicsOf>

/** Where a cabinet without credentials asks for them with a token, and hears the answer. */
export const registerTopic = (token: string): string => `locker/register/${token}`
export const provisioningTopic = (clientId: string): string => `locker/provisioning/reply/${clientId}`
/** The token in a topic to register on; undefined when it is none. */
export const tokenIn = (topic: string): string | undefined =>
  /^locker\/register\/([\w-]{16,128})$/.exec(topic)?.[1]

export const largestMessage = 32_768
export const mostCompartments = 400

const word = z.string().min(1).max(128)
const instant = z.iso.datetime({ offset: true })
const number = z.int().min(1).max(10_000)

export const adapterTypes = ['waveshare_modbus', 'rs485_lock_board'] as const
export const feedbackTypes = ['door_closing', 'door_opening'] as const
export const channelCounts = [8, 12, 18, 24, 36, 50] as const

/** What hangs where behind a cabinet's controller. */
export const openLockerHardware = z.strictObject({
  adapterType: z.enum(adapterTypes),
  channelCount: z.literal(channelCounts),
  feedbackType: z.enum(feedbackTypes),
  compartments: z
    .array(
      z.strictObject({
        number,
        slaveId: z.number().int().min(1).max(247),
        address: z.number().int().min(0).max(255),
      }),
    )
    .min(1)
    .max(mostCompartments),
})
export type OpenLockerHardware = z.output<typeof openLockerHardware>

const inOrder = (hardware: OpenLockerHardware) =>
  [...hardware.compartments]
    .sort((a, b) => a.number - b.number)
    .map(({ number: compartment_number, slaveId, address }) => ({ compartment_number, slaveId, address }))

/** SHA-256 over compact JSON with this order of keys, compartments rising; the heartbeat does not belong to it. */
export const configHash = (hardware: OpenLockerHardware): string =>
  createHash('sha256')
    .update(
      JSON.stringify({
        adapter_type: hardware.adapterType,
        channel_count: hardware.channelCount,
        feedback_type: hardware.feedbackType,
        compartments: inOrder(hardware),
      }),
    )
    .digest('hex')

const ofAct = { message_id: word, transaction_id: word, timestamp: instant }
const command = z.discriminatedUnion('action', [
  z.object({
    ...ofAct,
    action: z.literal('open_compartment'),
    data: z.object({ compartment_number: number }),
  }),
  z.object({
    ...ofAct,
    action: z.literal('apply_config'),
    data: z.object({
      config_hash: z.string().regex(/^[0-9a-f]{64}$/),
      heartbeat_interval_seconds: z.int().min(1).max(3600),
      adapter_type: z.enum(adapterTypes),
      channel_count: z.literal(channelCounts),
      feedback_type: z.enum(feedbackTypes),
      compartments: z
        .array(z.object({ compartment_number: number, slaveId: z.int(), address: z.int() }))
        .max(mostCompartments),
    }),
  }),
])
export type OpenLockerCommand = z.output<typeof command>

const response = z
  .object({
    ...ofAct,
    action: z.enum(['open_compartment', 'apply_config']),
    result: z.enum(['success', 'error']),
    message: z.string().max(500).nullish(),
    /** Later versions may know more of them. */
    error_code: z.string().max(64).nullish(),
    applied_config_hash: z.string().max(64).nullish(),
  })
  .refine(({ result, error_code }) => result === 'success' || error_code, { error: 'error without a code' })
export type OpenLockerResponse = z.output<typeof response>

const event = z.object({ message_id: word, event: z.string().min(1).max(64), timestamp: instant })
export type OpenLockerEvent = z.output<typeof event>

const heartbeat = z.object({ message_id: word, timestamp: instant, uptime_seconds: z.number().min(0) })
export type OpenLockerHeartbeat = z.output<typeof heartbeat>

const snapshot = z.object({
  message_id: word,
  timestamp: instant,
  compartments: z
    .array(z.object({ compartment_number: number, door_state: z.enum(['open', 'closed', 'unknown']) }))
    .max(mostCompartments),
})
export type OpenLockerSnapshot = z.output<typeof snapshot>

const connection = z.object({ status: z.literal('offline'), reason: z.string().max(64) })
export type OpenLockerConnection = z.output<typeof connection>

/** What registers: one message for one token. */
const registration = z.object({ message_id: word, client_id: z.string().min(1).max(128), timestamp: instant })
export type OpenLockerRegistration = z.output<typeof registration>

const provisioned = z.discriminatedUnion('status', [
  z.object({
    message_id: word,
    timestamp: instant,
    status: z.literal('success'),
    data: z.object({ mqtt_user: z.string().max(128), mqtt_password: z.string().max(256) }),
  }),
  z.object({
    message_id: word,
    timestamp: instant,
    status: z.literal('error'),
    message: z.string().min(1).max(500),
  }),
])
export type OpenLockerProvisioned = z.output<typeof provisioned>

const reader = jsonReader(largestMessage)

export const readCommand = reader(command)
export const readResponse = reader(response)
export const readEvent = reader(event)
export const readHeartbeat = reader(heartbeat)
export const readSnapshot = reader(snapshot)
export const readConnection = reader(connection)
export const readRegistration = reader(registration)
export const readProvisioned = reader(provisioned)

/** What `apply_config` carries for this hardware. */
export const configData = (hardware: OpenLockerHardware, heartbeatSeconds: number) => ({
  config_hash: configHash(hardware),
  heartbeat_interval_seconds: heartbeatSeconds,
  adapter_type: hardware.adapterType,
  channel_count: hardware.channelCount,
  feedback_type: hardware.feedbackType,
  compartments: inOrder(hardware),
})

type Message =
  | OpenLockerCommand
  | OpenLockerResponse
  | OpenLockerEvent
  | OpenLockerHeartbeat
  | OpenLockerSnapshot
  | OpenLockerConnection
  | OpenLockerRegistration
  | OpenLockerProvisioned

export const writeMessage = (message: Message): string => JSON.stringify(message)

/** As the contract writes times: UTC, ISO 8601. */
export const stamp = (at: number): string => new Date(at).toISOString()
