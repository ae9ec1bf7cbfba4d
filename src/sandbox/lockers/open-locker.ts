import type { Clock, Millis } from '../../kernel/clock.ts'
import {
  type OpenLockerCommand,
  type OpenLockerResponse,
  readCommand,
  stamp,
  topicsOf,
  writeMessage,
} from '../../lockers/vendors/open-locker-messages.ts'
import { createDoor, type SandboxDoor } from './door.ts'
import { type CabinetLine, type CabinetWire, cabinetWire } from './mqtt-client.ts'

export interface OpenLockerOptions {
  readonly line: Omit<CabinetLine, 'clientId' | 'clean' | 'protocol'>
  readonly id: string
  readonly channels: number
  readonly clock: Clock
  readonly heartbeat?: Millis
  /** Its name for the broker, where that is not its id. */
  readonly clientId?: string
}

export interface OpenLockerFaults {
  silent: boolean
  deaf: number
  mute: number
  twice: boolean
  clockOff: Millis
  /** Takes no hardware settings: this is its error code. */
  refusesConfig: string | undefined
  /** The next opening is answered with this error; the door does not move. */
  error: string | undefined
  /** Tells its doors no more, though it beats. */
  stuckSnapshot: boolean
}

export interface SandboxOpenLocker {
  readonly faults: OpenLockerFaults
  readonly done: readonly string[]
  readonly wire: CabinetWire
  readonly appliedHash: string | undefined
  door(channel: number): SandboxDoor
  tamper(): void
  power(on: boolean): void
  network(on: boolean): void
  close(): Promise<void>
}

const pulse: Millis = 300
/** Answers kept for transactions that come twice. */
const answersKept = 5000
/** A command sent so long ago opens nothing any more. */
const commandLife: Millis = 30_000

/** A cabinet of the Open-Locker contract: MQTT 3.1.1 with a session that its broker keeps. */
export const startOpenLocker = async (options: OpenLockerOptions): Promise<SandboxOpenLocker> => {
  const { clock, id, channels } = options
  const topics = topicsOf(id)
  const faults: OpenLockerFaults = {
    silent: false,
    deaf: 0,
    mute: 0,
    twice: false,
    clockOff: 0,
    refusesConfig: undefined,
    error: undefined,
    stuckSnapshot: false,
  }
  const done: string[] = []
  const answers = new Map<string, OpenLockerResponse>()
  let heartbeat = options.heartbeat ?? 15_000
  let appliedHash: string | undefined
  let messages = 0
  let powered = true
  let boots = 1
  let bootedAt = clock.now()
  let cancelBeat: (() => void) | undefined
  let wire: CabinetWire | undefined

  const now = (): string => stamp(clock.now() + faults.clockOff)
  const fresh = () => {
    messages += 1
    return { message_id: `${id}-${messages}`, timestamp: now() }
  }
  const say = (topic: string, message: Parameters<typeof writeMessage>[0], retain = false): void => {
    if (!powered || faults.silent) return
    const text = writeMessage(message)
    wire?.say(topic, text, { qos: 1, retain })
    if (faults.twice) wire?.say(topic, text, { qos: 1, retain })
  }
  const sayDoors = (): void => {
    if (faults.stuckSnapshot) return
    const compartments = doors.map(door => ({
      compartment_number: door.channel,
      door_state: door.isOpen() ? ('open' as const) : ('closed' as const),
    }))
    say(topics.compartments, { ...fresh(), compartments }, true)
  }
  const doors = Array.from({ length: channels }, (_, i) => createDoor(0, i + 1, clock, sayDoors))

  const answer = (to: OpenLockerCommand, result: Partial<OpenLockerResponse>): void => {
    const { transaction_id, action } = to
    const message: OpenLockerResponse = { ...fresh(), transaction_id, action, result: 'success', ...result }
    answers.set(transaction_id, message)
    if (answers.size > answersKept) answers.delete(answers.keys().next().value!)
    if (faults.mute > 0) faults.mute -= 1
    else say(topics.response, message)
  }
  const fail = (to: OpenLockerCommand, error_code: string): void =>
    answer(to, { result: 'error', error_code })

  const open = (command: Extract<OpenLockerCommand, { action: 'open_compartment' }>): void => {
    const channel = command.data.compartment_number
    const door = doors[channel - 1]
    if (!door) {
      fail(command, 'COMPARTMENT_NOT_FOUND')
      return
    }
    if (faults.error !== undefined) {
      fail(command, faults.error)
      faults.error = undefined
      return
    }
    done.push(`open ${channel}`)
    door.pulse()
    const then = boots
    clock.after(pulse, () => {
      if (!powered || boots !== then) return
      if (door.isOpen()) answer(command, {})
      else fail(command, 'DOOR_JAMMED')
    })
  }

  const pending = new Set<string>()
  const heard = (_: string, payload: Uint8Array): void => {
    if (!powered || faults.silent) return
    const command = readCommand(payload)
    if (!command) return
    if (faults.deaf > 0 && command.action === 'open_compartment') {
      faults.deaf -= 1
      return
    }
    const before = answers.get(command.transaction_id)
    if (before) {
      say(topics.response, before)
      return
    }
    if (pending.has(command.transaction_id)) return
    pending.add(command.transaction_id)
    if (Math.abs(Date.parse(command.timestamp) - clock.now() - faults.clockOff) > commandLife) {
      fail(command, 'TIMEOUT')
      return
    }
    if (command.action === 'open_compartment') {
      open(command)
      return
    }
    if (faults.refusesConfig !== undefined) {
      fail(command, faults.refusesConfig)
      return
    }
    done.push('config')
    appliedHash = command.data.config_hash
    heartbeat = command.data.heartbeat_interval_seconds * 1000
    answer(command, { applied_config_hash: appliedHash })
  }

  const beat = (): void => {
    cancelBeat?.()
    cancelBeat = clock.after(heartbeat, beat)
    const uptime_seconds = Math.max(0, Math.floor((clock.now() - bootedAt) / 1000))
    say(topics.heartbeat, { ...fresh(), uptime_seconds })
  }

  wire = await cabinetWire({
    line: { ...options.line, clientId: options.clientId ?? id, protocol: 4, clean: false },
    clock,
    subscribe: [topics.command],
    will: () => ({
      topic: topics.connection,
      payload: writeMessage({ status: 'offline', reason: 'mqtt_last_will' }),
      retain: false,
    }),
    up: () => {
      beat()
      sayDoors()
    },
    heard,
  })

  return {
    faults,
    done,
    wire,
    get appliedHash() {
      return appliedHash
    },
    door: channel => {
      const door = doors[channel - 1]
      if (!door) throw new RangeError(`the sandbox has no door ${channel}`)
      return door
    },
    tamper: () => say(topics.event, { ...fresh(), event: 'tamper_detected' }),
    power: on => {
      if (on === powered) return
      powered = on
      if (!on) cancelBeat?.()
      else {
        boots += 1
        bootedAt = clock.now()
      }
      wire.connect(on)
    },
    network: on => wire.connect(on),
    close: async () => {
      cancelBeat?.()
      await wire.close()
    },
  }
}
