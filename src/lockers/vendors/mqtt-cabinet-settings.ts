import { z } from 'zod'
import type { BrokerUser } from '../transport/mqtt-broker.ts'
import { brokerAddress, canBeKnown } from '../transport/mqtt-settings.ts'
import { mostCompartments, topicsOf } from './mqtt-cabinet-messages.ts'

const cabinet = z.strictObject({
  /** Its number on this line, as the layout of the locker names it. */
  board: z.number().int().min(1).max(9999),
  /** Its name on the broker: part of its topics, and its user and client id there. */
  id: z.string().regex(/^[\w.-]{1,64}$/),
  channels: z.number().int().min(1).max(mostCompartments),
  /** Only where the broker runs in this program. */
  password: z.string().min(12).max(128).optional(),
  /** Given to the cabinet when it is put up: it does nothing without a signature under this key. */
  commandKey: z.string().min(32).max(128).optional(),
})

export const mqttCabinetSettings = z
  .strictObject({
    broker: brokerAddress,
    prefix: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .default('shuqiao'),
    cabinets: z.array(cabinet).min(1).max(3000),
    heartbeatSeconds: z.number().int().min(5).max(600).default(30),
    /** A state the cabinet pushed is taken for a reading while it was heard from within so long; 0: always asked. */
    mirrorSeconds: z.number().int().min(0).max(600).default(0),
  })
  .refine(({ cabinets }) => new Set(cabinets.map(one => one.board)).size === cabinets.length, {
    error: 'two cabinets have one board number',
  })
  .refine(({ cabinets }) => new Set(cabinets.map(one => one.id)).size === cabinets.length, {
    error: 'two cabinets have one id',
  })
  .refine(({ broker, cabinets }) => cabinets.every(one => canBeKnown(broker, one.password)), {
    error: 'each cabinet needs a password, or the broker inside a ca of their certificates',
  })

export type MqttCabinetSettings = z.output<typeof mqttCabinetSettings>

/** On the embedded broker each cabinet reads its commands and writes the rest of its topics. */
export const usersOf = (chosen: MqttCabinetSettings): readonly BrokerUser[] =>
  chosen.cabinets.map(one => {
    const { command, ...own } = topicsOf(chosen.prefix, one.id)
    return {
      id: one.id,
      ...(one.password === undefined ? {} : { password: one.password }),
      mayPublish: new Set(Object.values(own)),
      maySubscribe: new Set([command]),
    }
  })
