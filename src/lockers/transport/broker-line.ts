import type { Millis } from '../../kernel/clock.ts'
import type { CabinetHealth, Sleeps, TellsEvents, TellsHealth } from '../locker.ts'
import type { Wire } from '../make.ts'
import { type Heard, type MqttLink, openMqttLink } from './mqtt-link.ts'
import type { BrokerPlace } from './mqtt-place.ts'
import type { Presence } from './presence.ts'
import type { Teller } from './tell.ts'
import type { Waiting } from './waiting.ts'

/** A cabinet on a broker: whether it is there, and what to do with a message of each of its topics. */
export interface BrokerCabinet {
  readonly presence: Presence
  readonly hearers: ReadonlyMap<string, (heard: Heard) => void>
}

/** What is the same for every make of cabinets on a broker: the connection, who is there, sleep and end. */
export interface BrokerLife extends TellsEvents, TellsHealth, Sleeps {
  up(): boolean
  /** Port of the broker inside; undefined where it is elsewhere. */
  listening(): Promise<number | undefined>
  close(): Promise<void>
}

/** Listens to what cabinets say on their topics. What cannot be read, and what is too much, is dropped and counted. */
export const hearersOf = (presence: Presence) => {
  const hearers = new Map<string, (heard: Heard) => void>()
  const hear = <T>(
    topic: string,
    read: (payload: Uint8Array) => T | undefined,
    then: (said: T, retained: boolean) => void,
  ): void => {
    hearers.set(topic, ({ payload, retained }) => {
      const said = presence.maySpeak() ? read(payload) : undefined
      if (said === undefined) presence.drop()
      else then(said, retained)
    })
  }
  return { hearers, hear }
}

/** Connects a line of cabinets to its broker. `up` and `down` follow the connection. */
export const openBrokerLine = (options: {
  readonly wire: Wire
  readonly place: BrokerPlace
  readonly cabinets: ReadonlyMap<number, BrokerCabinet>
  /** Between two signs of life of a cabinet. */
  readonly beat: Millis
  readonly teller: Teller
  readonly waiting: Pick<Waiting<unknown>, 'down'>
  up(): void
  down(): void
}): { readonly link: MqttLink; readonly line: BrokerLife } => {
  const { wire, place, cabinets, teller, waiting } = options
  const { clock } = wire
  const hearers = new Map([...cabinets.values()].flatMap(one => [...one.hearers]))
  const link = openMqttLink({
    name: wire.name,
    broker: place.broker,
    topics: [...hearers.keys()],
    clock,
    transcript: wire.transcript,
    ...(wire.asleep ? { asleep: true } : {}),
    up: options.up,
    down: () => {
      waiting.down()
      options.down()
    },
    heard: heard => hearers.get(heard.topic)?.(heard),
  })
  let cancel: () => void = () => {}
  const look = (): void => {
    cancel = clock.after(options.beat / 2, () => {
      for (const one of cabinets.values()) one.presence.look()
      look()
    })
  }
  look()
  return {
    link,
    line: {
      onEvent: teller.onEvent,
      health: board => cabinets.get(board)?.presence.health() ?? unknownHealth,
      up: () => link.up(),
      listening: place.listening,
      wake: link.wake,
      sleep: async () => {
        waiting.down()
        await link.sleep()
        await place.close()
      },
      close: async () => {
        cancel()
        teller.close()
        waiting.down()
        await link.close()
        waiting.down()
        await place.close()
      },
    },
  }
}

const unknownHealth: CabinetHealth = {
  online: false,
  lastHeardAt: null,
  uptimeSeconds: null,
  clockOffset: null,
  dropped: 0,
}
