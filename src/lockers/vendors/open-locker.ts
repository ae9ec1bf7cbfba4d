import { z } from 'zod'
import { type Millis, pause } from '../../kernel/clock.ts'
import { createIds, type Ids } from '../../kernel/ids.ts'
import { type Answer, no, type Problem, yes } from '../../kernel/problem.ts'
import type { DoorReading, LockerDriver, Sleeps, TellsEvents, TellsHealth } from '../locker.ts'
import { defineLocker, type Wire } from '../make.ts'
import { openBrokerLine } from '../transport/broker-line.ts'
import type { BrokerUser } from '../transport/mqtt-broker.ts'
import { placeOf } from '../transport/mqtt-place.ts'
import { brokerAddress, canBeKnown } from '../transport/mqtt-settings.ts'
import { cutOff, lineBusy, lineDown, noAnswer } from '../transport/problems.ts'
import { createTeller } from '../transport/tell.ts'
import { createWaiting } from '../transport/waiting.ts'
import { cabinetOffline, cabinetRefused, configRefused, doorsUnknown, noSuchDoor } from './mqtt-words.ts'
import { openLockerArrivals } from './open-locker-arrivals.ts'
import {
  configData,
  configHash,
  type OpenLockerCommand,
  type OpenLockerResponse,
  openLockerHardware,
  stamp,
  topicsOf,
  writeMessage,
} from './open-locker-messages.ts'
import { createOpenCabinet, type OpenCabinet } from './open-locker-side.ts'

const cabinet = z
  .strictObject({
    /** Its number on this line, as the layout of the locker names it. */
    board: z.number().int().min(1).max(9999),
    /** Its uuid: part of its topics, and its user and client id on an embedded broker. */
    id: z.string().regex(/^[\w-]{1,64}$/),
    /** Compartments are counted from 1. */
    channels: z.number().int().min(1).max(400),
    password: z.string().min(12).max(128).optional(),
    /** Given: sent to the cabinet as `apply_config` whenever it has another. */
    hardware: openLockerHardware.optional(),
  })
  .refine(
    ({ hardware, channels }) => !hardware || hardware.compartments.every(one => one.number <= channels),
    { error: 'hardware names a compartment beyond channels', path: ['hardware'] },
  )

const settings = z
  .strictObject({
    broker: brokerAddress,
    cabinets: z.array(cabinet).min(1).max(1000),
    heartbeatSeconds: z.number().int().min(5).max(600).default(15),
    /** On the broker inside: cabinets without a password register with a token, as this user of all of them. */
    registration: z
      .strictObject({
        username: z
          .string()
          .regex(/^[\w.-]{1,64}$/)
          .default('provisioning'),
        password: z.string().min(12).max(128),
      })
      .optional(),
  })
  .refine(({ cabinets }) => new Set(cabinets.map(one => one.board)).size === cabinets.length, {
    error: 'two cabinets have one board number',
  })
  .refine(({ cabinets }) => new Set(cabinets.map(one => one.id)).size === cabinets.length, {
    error: 'two cabinets have one id',
  })
  .refine(
    ({ broker, cabinets, registration }) =>
      registration !== undefined || cabinets.every(one => canBeKnown(broker, one.password)),
    {
      error: 'each cabinet needs a password, or the broker inside a ca of their certificates',
    },
  )
  .refine(({ broker, registration }) => !registration || ('listen' in broker && !broker.listen.ca), {
    error: 'cabinets register on the broker inside alone, and where they show no certificates',
    path: ['registration'],
  })
  .refine(({ cabinets, registration }) => cabinets.every(one => one.id !== registration?.username), {
    error: 'a cabinet has the name of the user of registrations',
    path: ['registration', 'username'],
  })

export type OpenLockerSettings = z.output<typeof settings>

/** Cabinets that keep the public Open-Locker contract, on MQTT 3.1.1. */
export const openLocker = defineLocker({
  name: 'open-locker',
  title: { zh: 'Open-Locker 书柜（MQTT 3.1.1）', en: 'Open-Locker cabinet (MQTT 3.1.1)' },
  settings,
  create: (chosen, wire) => createOpenLockers(chosen, wire),
})

export interface OpenLockers extends LockerDriver, TellsEvents, TellsHealth, Sleeps {
  up(): boolean
  listening(): Promise<number | undefined>
}

/** A cabinet tries an opening for some seconds; its answer comes last. */
const patience: Millis = 10_000
const pulseRest: Millis = 1000
const mostAsked = 16
/** A cabinet that took no hardware settings is asked again so much later. */
const configAgain: Millis = 60_000

type Act = OpenLockerCommand extends infer C
  ? C extends OpenLockerCommand
    ? Pick<C, 'action' | 'data'>
    : never
  : never

export const createOpenLockers = (
  chosen: OpenLockerSettings,
  wire: Wire,
  ids: Ids = createIds(wire.clock),
): OpenLockers => {
  const { clock } = wire
  const teller = createTeller(clock)
  const waiting = createWaiting<OpenLockerResponse>(clock)
  const cabinets = new Map<number, OpenCabinet>()

  const ask = async (to: OpenCabinet, act: Act): Promise<Answer<OpenLockerResponse>> => {
    const acts = act.action === 'open_compartment'
    if (!link.up()) return no(lineDown)
    if (to.asking >= mostAsked) return no(lineBusy)
    to.asking += 1
    const transaction_id = ids.next()
    const key = `${to.board}/${transaction_id}`
    const answered = waiting.for(key, patience)
    const said = { message_id: ids.next(), transaction_id, timestamp: stamp(clock.now()), ...act }
    const about = `${act.action}${acts ? ` ${act.data.compartment_number}` : ''} ${transaction_id}`
    await link.say({ topic: to.topics.command, payload: writeMessage(said), qos: 1, about, expiry: patience })
    const answer = await answered
    to.asking -= 1
    if (answer === 'late') return no(noAnswer(acts))
    return answer === 'down' ? no(cutOff(acts)) : yes(answer)
  }

  /** Once for each of its lives, and again after a while when it did not take them. */
  const configure = async (to: OpenCabinet): Promise<void> => {
    if (!to.hardware || to.configuring || to.appliedHash === configHash(to.hardware)) return
    if (clock.now() - to.configuredAt < configAgain) return
    to.configuring = true
    to.configuredAt = clock.now()
    const data = configData(to.hardware, chosen.heartbeatSeconds)
    const answer = await ask(to, { action: 'apply_config', data })
    to.configuring = false
    if (!answer.ok) return
    const { result, applied_config_hash, error_code } = answer.value
    to.configFault = result === 'error' ? (error_code ?? 'UNKNOWN_ERROR') : undefined
    if (result === 'success') to.appliedHash = applied_config_hash ?? data.config_hash
    if (to.appliedHash !== data.config_hash && result === 'success') to.configFault = 'HASH_DIFFERS'
  }

  const open: LockerDriver['open'] = async door => {
    const to = cabinets.get(door.board)
    if (!to || !Number.isInteger(door.channel) || door.channel < 1 || door.channel > to.channels)
      return no(noSuchDoor(door))
    if (!link.up()) return no(lineDown)
    // A command to a cabinet that is away would wait on the broker and open its door in front of nobody.
    if (to.presence.there() !== true) return no(cabinetOffline)
    if (to.configFault !== undefined) return no(configRefused(to.configFault))
    const rest = (to.pulsedAt.get(door.channel) ?? Number.NEGATIVE_INFINITY) + pulseRest - clock.now()
    if (rest > 0) await pause(clock, rest)
    to.pulsedAt.set(door.channel, clock.now())
    const answer = await ask(to, {
      action: 'open_compartment',
      data: { compartment_number: door.channel },
    })
    // The pulse came somewhere between.
    to.pulsedAt.set(door.channel, clock.now())
    if (answer.ok && answer.value.result === 'success') return yes({ opened: true })
    if (answer.ok && answer.value.error_code === 'DOOR_JAMMED') return yes({ opened: false })
    const problem = answer.ok ? refusalOf(answer.value, door.board, door.channel) : answer.problem
    // Where the line was cut, what is known of the door is from before.
    const known = problem.maybeDone && problem.code !== lineDown.code && to.presence.there()
    const seen = known ? to.doors()?.get(door.channel) : undefined
    return seen === 'open' || seen === 'closed' ? yes({ opened: seen === 'open' }) : no(problem)
  }

  /** The contract has no question for doors: its cabinets tell every change, and their heartbeat that they live. */
  const read: LockerDriver['read'] = async board => {
    const from = cabinets.get(board)
    if (!from) return no(noSuchDoor({ board, channel: 0 }))
    if (!link.up()) return no(lineDown)
    if (from.presence.there() !== true) return no(cabinetOffline)
    const doors = from.doors()
    if (!doors) return no(doorsUnknown)
    return yes(
      Array.from({ length: from.channels }, (_, i): DoorReading => {
        return { board, channel: i + 1, door: doors.get(i + 1) ?? 'unknown' }
      }),
    )
  }

  for (const one of chosen.cabinets) {
    const it = createOpenCabinet(one, {
      line: wire.name,
      clock,
      beat: chosen.heartbeatSeconds * 1000,
      teller,
      alive: cabinet => void configure(cabinet),
      answered: (from, said) => {
        if (said.applied_config_hash) from.appliedHash = said.applied_config_hash
        waiting.answer(`${from.board}/${said.transaction_id}`, said)
      },
    })
    cabinets.set(one.board, it)
  }

  const commands = new Set([...cabinets.values()].map(one => one.topics.command))
  const address = 'url' in chosen.broker ? { ...chosen.broker, protocol: '3.1.1' as const } : chosen.broker
  const { registration } = chosen
  const arrivals =
    registration && wire.registrations
      ? openLockerArrivals({
          ...registration,
          cabinets: new Set(chosen.cabinets.filter(one => one.password === undefined).map(one => one.id)),
          registrations: wire.registrations,
          clock,
          ids,
        })
      : undefined
  const place = placeOf(address, usersOf(chosen), commands, clock, arrivals)
  const { link, line } = openBrokerLine({
    wire,
    place,
    cabinets,
    beat: chosen.heartbeatSeconds * 1000,
    teller,
    waiting,
    up: () => {},
    down: () => {
      for (const one of cabinets.values()) one.forget()
    },
  })

  return {
    ...line,
    name: openLocker.name,
    open,
    read,
  }
}

const refusalOf = (said: OpenLockerResponse, board: number, channel: number): Problem => {
  const code = said.error_code ?? 'UNKNOWN_ERROR'
  if (code === 'COMPARTMENT_NOT_FOUND') return noSuchDoor({ board, channel })
  const problem = cabinetRefused(code, said.message ?? undefined)
  if (code === 'INVALID_COMMAND' || code === 'INVALID_CONFIG') return problem
  // Its bus failed it: the pulse may have been given, and the next one may work.
  return { ...problem, kind: 'unreachable', retry: 'later', maybeDone: true }
}

const usersOf = (chosen: OpenLockerSettings): readonly BrokerUser[] =>
  chosen.cabinets.map(one => {
    const { command, ...own } = topicsOf(one.id)
    return {
      id: one.id,
      anyClientId: true,
      ...(one.password === undefined ? {} : { password: one.password }),
      mayPublish: new Set(Object.values(own)),
      maySubscribe: new Set([command]),
    }
  })
