import { type Millis, pause } from '../../kernel/clock.ts'
import { createIds, type Ids } from '../../kernel/ids.ts'
import { type Answer, no, type Problem, yes } from '../../kernel/problem.ts'
import type {
  Door,
  DoorReading,
  HoldsCodes,
  LockerDriver,
  Sleeps,
  TellsHealth,
  TellsSurely,
} from '../locker.ts'
import { defineLocker, type Wire } from '../make.ts'
import { openBrokerLine } from '../transport/broker-line.ts'
import { placeOf } from '../transport/mqtt-place.ts'
import { cutOff, lineBusy, lineDown, noAnswer } from '../transport/problems.ts'
import { createTeller } from '../transport/tell.ts'
import { createWaiting } from '../transport/waiting.ts'
import {
  type CabinetAnswer,
  type CabinetCommand,
  type CabinetDoors,
  writeMessage,
} from './mqtt-cabinet-messages.ts'
import { type MqttCabinetSettings, mqttCabinetSettings, usersOf } from './mqtt-cabinet-settings.ts'
import { type Cabinet, createCabinet } from './mqtt-cabinet-side.ts'
import { signed } from './mqtt-cabinet-signing.ts'
import { cabinetOffline, cabinetRefused, commandTooLate, commandUnsigned, noSuchDoor } from './mqtt-words.ts'

/** Cabinets with a controller of their own that speak our profile, on one broker. */
export const mqttCabinet = defineLocker({
  name: 'mqtt-cabinet',
  title: { zh: 'MQTT 书柜（书桥协议）', en: 'MQTT cabinet (the profile of Shuqiao)' },
  settings: mqttCabinetSettings,
  create: (chosen, wire) => createMqttCabinets(chosen, wire),
})

export interface MqttCabinets extends LockerDriver, TellsSurely, HoldsCodes, TellsHealth, Sleeps {
  up(): boolean
  /** Spoken with the broker now. */
  protocol(): 5 | 4 | undefined
  /** Port of the embedded broker. */
  listening(): Promise<number | undefined>
}

/** How long a command may be on its way before the cabinet must not act on it; how long to wait for its end. */
const life: Millis = 5000
const patience: Millis = 6000
const whileAtIt: Millis = 8000
/** A solenoid is not pulsed twice within this time: it burns. */
const pulseRest: Millis = 1000
const mostAsked = 32
/** Cabinets that are looked at at the same time; an opening waits for none of them. */
const readsAtOnce = 16

type Asked<T> = T extends unknown ? Omit<T, 'v' | 'id' | 'now' | 'exp' | 'boot'> : never
type Question = Asked<CabinetCommand>

export const createMqttCabinets = (
  chosen: MqttCabinetSettings,
  wire: Wire,
  ids: Ids = createIds(wire.clock),
): MqttCabinets => {
  const { clock } = wire
  const teller = createTeller(clock)
  const waiting = createWaiting<Exclude<CabinetAnswer, { state: 'accepted' }>>(clock)
  const cabinets = new Map<number, Cabinet>()

  const command = (to: Cabinet, question: Question, id: string): CabinetCommand => {
    const now = clock.now()
    const exp = Math.max(0, now + (to.presence.health().clockOffset ?? 0) + life)
    const boot = to.boot === undefined ? {} : { boot: to.boot }
    const plain: CabinetCommand = { v: 1, id, now, exp, ...boot, ...question }
    return to.commandKey === undefined ? plain : signed(to.commandKey, to.id, plain)
  }

  const say = (to: Cabinet, said: CabinetCommand, qos: 0 | 1) =>
    link.say({
      topic: to.topics.command,
      payload: writeMessage(said),
      qos,
      about: `${said.op}${'compartment' in said ? ` ${said.compartment}` : ''} ${said.id}`,
      expiry: life,
      responseTopic: to.topics.answer,
      correlation: said.id,
    })

  const ask = async (to: Cabinet, question: Question): Promise<Answer<Done>> => {
    const acts = question.op === 'open'
    if (!link.up()) return no(lineDown)
    if (to.presence.there() === false) return no(cabinetOffline)
    if (to.asking >= mostAsked) return no(lineBusy)
    to.asking += 1
    const id = ids.next()
    const key = `${to.board}/${id}`
    const answered = waiting.for(key, patience)
    const sent = await say(to, command(to, question, id), 1)
    if (sent === 'nobody') waiting.answer(key, nobodyThere(id))
    const answer = await answered
    to.asking -= 1
    if (answer === 'late') return no(noAnswer(acts))
    if (answer === 'down') return no(cutOff(acts))
    return answer.state === 'done' ? yes(answer) : no(refusalOf(answer, question))
  }

  const readNow = async (from: Cabinet): Promise<Answer<CabinetDoors>> => {
    const answer = await ask(from, { op: 'read' })
    return answer.ok ? yes(answer.value.doors ?? []) : answer
  }

  const open: LockerDriver['open'] = async door => {
    const to = cabinets.get(door.board)
    if (!to || !isChannel(door.channel, to.channels)) return no(noSuchDoor(door))
    const rest = (to.pulsedAt.get(door.channel) ?? Number.NEGATIVE_INFINITY) + pulseRest - clock.now()
    if (rest > 0) await pause(clock, rest)
    to.pulsedAt.set(door.channel, clock.now())
    const answer = await ask(to, { op: 'open', compartment: door.channel })
    // The pulse came somewhere between; the cabinet counts from there.
    to.pulsedAt.set(door.channel, clock.now())
    if (answer.ok && answer.value.door === 'open') return yes({ opened: true })
    if (answer.ok && answer.value.door === 'closed') return yes({ opened: false })
    if (!answer.ok && !answer.problem.maybeDone) return answer
    const seen = await readNow(to)
    const now = seen.ok && seen.value.find(one => one.compartment === door.channel)?.door
    if (now === 'open' || now === 'closed') return yes({ opened: now === 'open' })
    return answer.ok ? yes({ opened: 'unconfirmed' }) : answer
  }

  const read: LockerDriver['read'] = async board => {
    const from = cabinets.get(board)
    if (!from) return no(noSuchDoor({ board, channel: 0 }))
    const { lastHeardAt } = from.presence.health()
    const recent = clock.now() - (lastHeardAt ?? 0) < chosen.mirrorSeconds * 1000
    if (link.up() && recent && from.presence.there() && from.mirror) return yes(readingsOf(from, from.mirror))
    const answer = await readNow(from)
    return answer.ok ? yes(readingsOf(from, answer.value)) : answer
  }

  const at = (door: Door): Cabinet | undefined => {
    const one = cabinets.get(door.board)
    return one && isChannel(door.channel, one.channels) ? one : undefined
  }

  const answered = (from: Cabinet, said: CabinetAnswer): void => {
    const key = `${from.board}/${said.id}`
    if (said.state === 'accepted') waiting.more(key, whileAtIt)
    else waiting.answer(key, said)
  }
  for (const one of chosen.cabinets) {
    const it = createCabinet(one, {
      line: wire.name,
      prefix: chosen.prefix,
      clock,
      beat: chosen.heartbeatSeconds * 1000,
      mirrored: chosen.mirrorSeconds > 0,
      teller,
      kept: (to, log, seq, again) =>
        void say(to, command(to, { op: 'kept', log, seq, ...(again ? { again } : {}) }, ids.next()), 0),
      answered,
    })
    cabinets.set(one.board, it)
  }

  const commands = new Set([...cabinets.values()].map(one => one.topics.command))
  const place = placeOf(chosen.broker, usersOf(chosen), commands, clock)
  const { link, line } = openBrokerLine({
    wire,
    place,
    cabinets,
    beat: chosen.heartbeatSeconds * 1000,
    teller,
    waiting,
    up: () => {
      for (const one of cabinets.values()) one.intake.greet()
    },
    down: () => {
      for (const one of cabinets.values()) {
        one.presence.forget()
        one.mirror = undefined
      }
    },
  })

  return {
    ...line,
    name: mqttCabinet.name,
    lookEvery: Math.min(chosen.heartbeatSeconds * 1000, seldom),
    onPresence: listener => {
      const stops = [...cabinets.values()].map(one => one.presence.onChange(() => listener(one.board)))
      return () => {
        for (const stop of stops) stop()
      }
    },
    atOnce: readsAtOnce,
    open,
    read,
    putCode: async ({ id, door, hash, until }) => {
      const to = at(door)
      if (!to) return no(noSuchDoor(door))
      return nothing(await ask(to, { op: 'put-code', code: id, compartment: door.channel, hash, until }))
    },
    removeCode: async (board, codeId) => {
      const to = cabinets.get(board)
      if (!to) return no(noSuchDoor({ board, channel: 0 }))
      return nothing(await ask(to, { op: 'remove-code', code: codeId }))
    },
    heldCodes: async board => {
      const from = cabinets.get(board)
      if (!from) return no(noSuchDoor({ board, channel: 0 }))
      const answer = await ask(from, { op: 'codes' })
      return answer.ok ? yes(answer.value.codes ?? []) : answer
    },
    protocol: () => link.protocol(),
  }
}

/** A look costs a cabinet on a mobile line about a kilobyte: every five seconds some 500 MB a month. */
const seldom: Millis = 30_000

type Done = Extract<CabinetAnswer, { state: 'done' }>
type Refused = Extract<CabinetAnswer, { state: 'refused' }>

/** In place of an answer, when the broker says that no one hears the topic. */
const nobodyThere = (id: string): Refused => ({
  v: 1,
  id,
  now: 0,
  state: 'refused',
  code: 'not-known',
  text: nobody,
})
const nobody = 'no subscriber'

const refusalOf = (answer: Refused, question: Question): Problem => {
  switch (answer.code) {
    case 'expired':
    case 'other-boot':
      return commandTooLate
    case 'not-signed':
      return commandUnsigned
    case 'resting':
      return lineBusy
    case 'no-such-compartment':
      return noSuchDoor({ board: 0, channel: 'compartment' in question ? question.compartment : 0 })
    default:
      return answer.text === nobody ? cabinetOffline : cabinetRefused(answer.code, answer.text)
  }
}

const nothing = (answer: Answer<unknown>): Answer<void> => (answer.ok ? yes(undefined) : answer)

const isChannel = (channel: number, channels: number): boolean =>
  Number.isInteger(channel) && channel >= 1 && channel <= channels

/** Each compartment once, in order; one the cabinet does not speak of is unknown. */
const readingsOf = (from: Cabinet, doors: CabinetDoors): readonly DoorReading[] => {
  const told = new Map(doors.map(one => [one.compartment, one]))
  return Array.from({ length: from.channels }, (_, index) => {
    const one = told.get(index + 1)
    return {
      board: from.board,
      channel: index + 1,
      door: one?.door ?? 'unknown',
      ...(one?.occupied === undefined ? {} : { occupied: one.occupied }),
    }
  })
}
