import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Arrivals } from './mqtt-admission.ts'
import type { BrokerUser, EmbeddedBroker } from './mqtt-broker.ts'
import type { BrokerAddress, BrokerReached } from './mqtt-settings.ts'

/** Where a line's broker is; starts it first where it is to run in this program. */
export interface BrokerPlace {
  broker(): Promise<BrokerReached>
  /** Of the embedded broker, once it listens; undefined where the broker is elsewhere. */
  listening(): Promise<number | undefined>
  /** The embedded broker, once it listens. */
  embedded(): EmbeddedBroker | undefined
  /** Stops the embedded broker; `broker` starts it again. */
  close(): Promise<void>
}

/** Longer than any command is meant to live. */
const commandLife: Millis = 30_000

/**
 * `users`: the cabinets as the embedded broker knows them; `commands`: topics whose messages must be fresh; `arrivals`:
 * how cabinets come without credentials.
 */
export const placeOf = (
  address: BrokerAddress,
  users: readonly BrokerUser[],
  commands: ReadonlySet<string>,
  clock: Clock,
  arrivals?: Arrivals,
): BrokerPlace => {
  if ('url' in address)
    return {
      broker: async () => address,
      listening: async () => undefined,
      embedded: () => undefined,
      close: async () => {},
    }
  let starting: Promise<EmbeddedBroker> | undefined
  let running: EmbeddedBroker | undefined
  const stale = (topic: string, payload: Uint8Array): boolean =>
    commands.has(topic) && !freshCommand(payload, clock.now())
  const start = (): Promise<EmbeddedBroker> => {
    // Most sites have their broker elsewhere, or none: what runs one is loaded only here.
    starting ??= import('./mqtt-broker.ts')
      .then(({ startBroker }) => startBroker({ listen: address.listen, users, clock, stale, arrivals }))
      .then(
        broker => {
          running = broker
          return broker
        },
        error => {
          starting = undefined
          throw error
        },
      )
    return starting
  }
  return {
    broker: async () => {
      const { inner, gateway, connect } = await start()
      return { url: `mqtt://127.0.0.1:${inner}`, ...gateway, protocol: '3.1.1', pipe: connect }
    },
    listening: async () => (await start()).port,
    embedded: () => running,
    close: async () => {
      const begun = starting
      starting = undefined
      running = undefined
      await (await begun?.catch(() => undefined))?.close()
    },
  }
}

/** A command says when it was sent, as `now` in ms or as `timestamp` in ISO 8601; without either it is not fresh. */
export const freshCommand = (payload: Uint8Array, now: Millis): boolean => {
  try {
    const said: unknown = JSON.parse(textOf(payload))
    if (typeof said !== 'object' || said === null) return false
    const at =
      'now' in said && typeof said.now === 'number'
        ? said.now
        : 'timestamp' in said && typeof said.timestamp === 'string'
          ? Date.parse(said.timestamp)
          : Number.NaN
    return Math.abs(now - at) <= commandLife
  } catch {
    return false
  }
}

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('utf8')
