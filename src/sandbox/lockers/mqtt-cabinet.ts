import type { Clock, Millis } from '../../kernel/clock.ts'
import { hashCode, sameHash } from '../../lockers/pickup-code.ts'
import {
  type CabinetAnswer,
  type CabinetCommand,
  type CabinetDoors,
  mostCodes,
  readCommand,
  topicsOf,
  writeMessage,
} from '../../lockers/vendors/mqtt-cabinet-messages.ts'
import { isSigned } from '../../lockers/vendors/mqtt-cabinet-signing.ts'
import { type CabinetOccasion, createCabinetLog } from './cabinet-log.ts'
import { createDoor, type SandboxDoor } from './door.ts'
import { type CabinetLine, type CabinetWire, cabinetWire } from './mqtt-client.ts'

export interface MqttCabinetOptions {
  readonly line: Omit<CabinetLine, 'clientId' | 'clean'>
  readonly prefix?: string
  readonly id: string
  readonly channels: number
  readonly clock: Clock
  /** Under which codes are hashed; given when the cabinet is put up. */
  readonly key?: Uint8Array
  /** Given when the cabinet is put up: commands without a signature under it do nothing. */
  readonly commandKey?: string
  readonly heartbeat?: Millis
  readonly willDelay?: Millis
  /** Events it can keep until they are taken in. */
  readonly room?: number
  /** The demo's reader: shuts every door so many ms after it opened. */
  readonly ghostHand?: { readonly after: Millis }
}

export interface MqttCabinetFaults {
  /** Hears nothing and says nothing, though connected. */
  silent: boolean
  /** So many commands are lost on their way. */
  deaf: number
  /** So many answers are lost on their way; what was asked has happened. */
  mute: number
  /** Everything is said twice. */
  twice: boolean
  /** Its clock minus the true one. */
  clockOff: Millis
  /** Nobody has set its clock since it was switched on. */
  clockUnset: boolean
  /** So many events are lost on their way. */
  dropEvents: number
}

export interface SandboxMqttCabinet {
  readonly faults: MqttCabinetFaults
  /** Commands that were acted upon, oldest first: `open 3`. */
  readonly done: readonly string[]
  readonly wire: CabinetWire
  door(channel: number): SandboxDoor
  /** Somebody types at its keypad: true when a door is released. */
  type(code: string): boolean
  codes(): readonly string[]
  /** Events that nobody has taken in yet. */
  unkept(): number
  power(on: boolean): void
  network(on: boolean): void
  close(): Promise<void>
}

const pulse: Millis = 300
const rests: Millis = 1000
const answersKept = 256
const wrongTries = 5

/** A cabinet of our profile: a controller with its own store, keypad and clock, on a real broker. */
export const startMqttCabinet = async (options: MqttCabinetOptions): Promise<SandboxMqttCabinet> => {
  const { clock, id, channels, room = 10_000 } = options
  const topics = topicsOf(options.prefix ?? 'shuqiao', id)
  const beatEvery = options.heartbeat ?? 30_000
  const faults: MqttCabinetFaults = {
    silent: false,
    deaf: 0,
    mute: 0,
    twice: false,
    clockOff: 0,
    clockUnset: false,
    dropEvents: 0,
  }
  const done: string[] = []
  const held = new Map<string, { compartment: number; hash: string; until: Millis }>()
  const answers = new Map<string, CabinetAnswer>()
  const pulsed = new Map<number, Millis>()
  const opening = new Map<number, string>()
  let boots = 1
  let sessions = 0
  let wrong = 0
  let powered = true
  let bootedAt = clock.now()
  let cancelBeat: (() => void) | undefined

  const now = (): Millis => Math.max(0, clock.now() + faults.clockOff)
  const boot = (): string => `boot-${boots}`
  const session = (): string => `session-${sessions}`

  const say = (
    topic: string,
    message: Parameters<typeof writeMessage>[0],
    retain = false,
    qos: 0 | 1 = 1,
  ): void => {
    if (!powered || faults.silent) return
    const text = writeMessage(message)
    wire?.say(topic, text, { qos, retain })
    if (faults.twice) wire?.say(topic, text, { qos, retain })
  }
  const doorList = (): CabinetDoors =>
    doors.map(door => ({
      compartment: door.channel,
      door: door.isOpen() ? 'open' : 'closed',
      occupied: door.items.length > 0,
    }))
  const sayDoors = (): void => say(topics.doors, { v: 1, boot: boot(), now: now(), doors: doorList() }, true)

  const log = createCabinetLog(`${id}-log`, room, clock, now, event => {
    if (!powered || faults.silent || !wire?.connected()) return false
    if (faults.dropEvents > 0) faults.dropEvents -= 1
    else say(topics.event, event)
    return true
  })
  const happened = (what: CabinetOccasion): void => log.add(what, now(), !faults.clockUnset)

  const moved = (door: SandboxDoor): void => {
    const { channel } = door
    const code = door.isOpen() ? opening.get(channel) : undefined
    opening.delete(channel)
    if (powered) {
      sayDoors()
      happened({
        kind: door.isOpen() ? 'door-opened' : 'door-closed',
        compartment: channel,
        occupied: door.items.length > 0,
        ...(code === undefined ? {} : { code }),
      })
    }
    if (options.ghostHand && door.isOpen()) clock.after(options.ghostHand.after, () => door.close())
  }
  const doors = Array.from({ length: channels }, (_, i) => createDoor(0, i + 1, clock, moved))

  const answer = (message: CabinetAnswer): void => {
    answers.set(message.id, message)
    if (answers.size > answersKept) answers.delete(answers.keys().next().value!)
    if (faults.mute > 0 && message.state !== 'accepted') {
      faults.mute -= 1
      return
    }
    say(topics.answer, message)
  }
  const plain = (of: string) => ({ v: 1, id: of, now: now() }) as const
  type Code = Extract<CabinetAnswer, { state: 'refused' }>['code']
  const refusal = (of: string, code: Code): CabinetAnswer => ({ ...plain(of), state: 'refused', code })

  const open = (id: string, compartment: number): CabinetAnswer => {
    const door = doors[compartment - 1]
    if (!door) return refusal(id, 'no-such-compartment')
    if (clock.now() - (pulsed.get(compartment) ?? Number.NEGATIVE_INFINITY) < rests - 50)
      return refusal(id, 'resting')
    pulsed.set(compartment, clock.now())
    done.push(`open ${compartment}`)
    door.pulse()
    const then = boots
    clock.after(pulse, () => {
      if (!powered || boots !== then) return
      answer({ ...plain(id), state: 'done', door: door.isOpen() ? 'open' : 'closed' })
    })
    return { ...plain(id), state: 'accepted' }
  }

  const act = (command: Exclude<CabinetCommand, { op: 'kept' }>): CabinetAnswer => {
    const { id } = command
    if (command.boot !== undefined && command.boot !== boot()) return refusal(id, 'other-boot')
    if (now() > command.exp) return refusal(id, 'expired')
    switch (command.op) {
      case 'open':
        return open(id, command.compartment)
      case 'read':
        return { ...plain(id), state: 'done', doors: doorList() }
      case 'put-code': {
        const { code, compartment, hash, until } = command
        if (!doors[compartment - 1]) return refusal(id, 'no-such-compartment')
        if (held.size >= mostCodes && !held.has(code)) return refusal(id, 'full')
        held.set(code, { compartment, hash, until })
        return { ...plain(id), state: 'done' }
      }
      case 'remove-code':
        held.delete(command.code)
        return { ...plain(id), state: 'done' }
      case 'codes':
        return { ...plain(id), state: 'done', codes: [...held.keys()] }
    }
  }

  const heard = (_: string, payload: Uint8Array): void => {
    if (!powered || faults.silent) return
    const command = readCommand(payload)
    if (!command) return
    if (options.commandKey !== undefined && !isSigned(options.commandKey, id, command)) {
      say(topics.answer, refusal(command.id, 'not-signed'))
      return
    }
    if (command.op === 'kept') {
      log.kept(command.log, command.seq, command.again === true)
      return
    }
    if (faults.deaf > 0) {
      faults.deaf -= 1
      return
    }
    const before = answers.get(command.id)
    if (before) say(topics.answer, before)
    else answer(act(command))
  }

  const beat = (): void => {
    cancelBeat?.()
    cancelBeat = clock.after(beatEvery, beat)
    const uptime = Math.max(0, Math.floor((clock.now() - bootedAt) / 1000))
    say(topics.beat, { v: 1, session: session(), boot: boot(), now: now(), uptime }, false, 0)
  }
  const up = (): void => {
    say(topics.status, { v: 1, state: 'online', session: session(), boot: boot(), now: now() }, true)
    sayDoors()
    beat()
    log.again()
  }

  let wire: CabinetWire | undefined
  wire = await cabinetWire({
    line: { ...options.line, clientId: id, clean: true },
    clock,
    subscribe: [topics.command],
    will: () => {
      sessions += 1
      return {
        topic: topics.status,
        payload: writeMessage({ v: 1, state: 'offline', session: session() }),
        retain: true,
      }
    },
    ...(options.willDelay === undefined ? {} : { willDelay: options.willDelay }),
    up,
    heard,
  })

  const type = (code: string): boolean => {
    if (!powered || !options.key || wrong >= wrongTries) return false
    const hash = hashCode(options.key, code)
    let found: string | undefined
    for (const [of, one] of held) if (sameHash(one.hash, hash)) found = of
    const one = found === undefined ? undefined : held.get(found)
    if (found === undefined || !one || (!faults.clockUnset && now() > one.until)) {
      wrong += 1
      if (wrong === wrongTries) happened({ kind: 'code-locked-out' })
      return false
    }
    held.delete(found)
    wrong = 0
    opening.set(one.compartment, found)
    pulsed.set(one.compartment, clock.now())
    doors[one.compartment - 1]?.pulse()
    return true
  }

  return {
    faults,
    done,
    wire,
    door: channel => {
      const door = doors[channel - 1]
      if (!door) throw new RangeError(`the sandbox has no door ${channel}`)
      return door
    },
    type,
    codes: () => [...held.keys()],
    unkept: () => log.unkept,
    power: on => {
      if (on === powered) return
      if (!on) {
        powered = false
        cancelBeat?.()
        wire.connect(false)
        return
      }
      powered = true
      boots += 1
      bootedAt = clock.now()
      answers.clear()
      happened({ kind: 'power-back' })
      wire.connect(true)
    },
    network: on => wire.connect(on),
    close: async () => {
      cancelBeat?.()
      log.close()
      await wire.close()
    },
  }
}
