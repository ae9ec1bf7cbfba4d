import { Socket } from 'node:net'
import type { IClientOptions, MqttClient } from 'mqtt'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { type RandomBytes, systemRandom } from '../../kernel/ids.ts'
import { noTranscript, type Transcript } from '../../kernel/transcript.ts'
import type { BrokerReached } from './mqtt-settings.ts'

export interface Heard {
  readonly topic: string
  readonly payload: Uint8Array
  /** The broker kept it: nobody said it just now. */
  readonly retained: boolean
}

export interface Said {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1
  /** What the transcript shows instead of the payload: no secrets. */
  readonly about: string
  /** Properties of MQTT 5; left out where the broker speaks 3.1.1, so the payload must say the same. */
  readonly expiry?: Millis
  readonly responseTopic?: string
  readonly correlation?: string
}

/** `nobody`: the broker says that no one hears this topic. `down`: not connected, or cut off before it confirmed. */
export type Saying = 'said' | 'nobody' | 'down'

/** The one connection of a line to its broker; dials again by itself, ever more slowly, never all at once. */
export interface MqttLink {
  up(): boolean
  /** Spoken on the present connection. */
  protocol(): 5 | 4 | undefined
  say(said: Said): Promise<Saying>
  /** Why the last attempt came to nothing, for health pages. */
  lastFault(): string | undefined
  /** Dials, where it began asleep or was put to sleep. */
  wake(): void
  /** Hangs up, and dials no more until it is woken. */
  sleep(): Promise<void>
  close(): Promise<void>
}

export interface MqttLinkOptions {
  readonly name: string
  /** Asked before each attempt: an embedded broker has a port only once it listens. */
  readonly broker: () => Promise<BrokerReached>
  readonly topics: readonly string[]
  readonly clock: Clock
  readonly transcript?: Transcript
  readonly random?: RandomBytes
  /** Does not dial before it is woken. */
  readonly asleep?: boolean
  /** Connected, and every topic subscribed. */
  up(): void
  down(): void
  heard(heard: Heard): void
}

const firstPause: Millis = 500
const longestPause: Millis = 30_000
const keepalive = 30
const connectTimeout: Millis = 10_000
/** No message of ours or of a cabinet comes near it. */
const largestPacket = 65_536
const subscribeAtOnce = 100
/** CONNACK of a broker that knows no MQTT 5: 1 in the form of 3.1.1, 132 in its own. */
const otherProtocol: readonly unknown[] = [1, 132]
const nobodyHears = 0x10

export const openMqttLink = (options: MqttLinkOptions): MqttLink => {
  const { clock, random = systemRandom } = options
  const anonymous = `shuqiao-${Buffer.from(random(8)).toString('hex')}`
  let client: MqttClient | undefined
  let spoken: 5 | 4 | undefined
  let onlyOld = false
  let failures = 0
  let fault: string | undefined
  let closed = false
  let awake = !options.asleep
  /** Raised with each sleep: what was dialled before it is over. */
  let day = 0
  let cancel: (() => void) | undefined
  const cutOff = new Set<(saying: Saying) => void>()
  const unheard = new Set<number>()
  /** Unconfirmed messages that the broker of MQTT 5 allows; the client sends more all the same. */
  let window = Number.POSITIVE_INFINITY
  let unconfirmed = 0
  let queue: (() => void)[] = []

  const { transcript = noTranscript } = options
  const note = (direction: '>' | '<', text: () => string): void => {
    if (transcript !== noTranscript)
      transcript({ at: clock.now(), peer: options.name, direction, text: text() })
  }

  const again = (): void => {
    if (closed || !awake || cancel) return
    const longest = Math.min(longestPause, firstPause * 2 ** Math.min(failures, 10))
    failures += 1
    const pause = longest / 2 + (longest / 2) * (random(1)[0]! / 255)
    cancel = clock.after(pause, () => {
      cancel = undefined
      void dial()
    })
  }

  const lost = (dead: MqttClient): void => {
    if (client !== dead) return
    client = undefined
    const was = spoken
    spoken = undefined
    for (const tell of cutOff) tell('down')
    cutOff.clear()
    unconfirmed = 0
    queue = []
    if (was !== undefined) options.down()
    again()
  }

  const begin = (next: MqttClient, version: 5 | 4): void => {
    client = next
    next.on('error', error => {
      fault = error.message
      if (version === 5 && otherProtocol.includes('code' in error ? error.code : undefined)) {
        onlyOld = true
        failures = 0
      }
      next.end(true)
    })
    next.on('close', () => {
      next.end(true)
      lost(next)
    })
    unheard.clear()
    next.on('packetreceive', packet => {
      // The client hands no reason on to whoever published.
      if (packet.cmd === 'puback' && packet.reasonCode === nobodyHears && packet.messageId !== undefined)
        unheard.add(packet.messageId)
    })
    next.on('message', (topic, payload, { retain }) => {
      if (client !== next) return
      note('<', () => `${topic} ${payload.length} bytes${retain ? ', kept' : ''}`)
      options.heard({ topic, payload, retained: retain })
    })
    next.on('connect', ({ properties }) => {
      // A small command would be held back until the one before it was acknowledged.
      if (next.stream instanceof Socket) next.stream.setNoDelay(true)
      window = properties?.receiveMaximum ?? Number.POSITIVE_INFINITY
      subscribeAll(next, options.topics).then(
        () => {
          if (client !== next || closed) return
          failures = 0
          fault = undefined
          spoken = version
          options.up()
        },
        error => {
          fault = String(error)
          next.end(true)
          lost(next)
        },
      )
    })
  }

  const dial = async (): Promise<void> => {
    const today = day
    try {
      const [{ default: mqtt }, broker] = await Promise.all([import('mqtt'), options.broker()])
      if (closed || today !== day) return
      const old = broker.protocol === '3.1.1' || (broker.protocol === 'auto' && onlyOld)
      const version = old ? 4 : 5
      const chosen = connectOptions(broker, version, anonymous)
      const { pipe } = broker
      begin(pipe ? new mqtt.MqttClient(pipe, chosen) : mqtt.connect(broker.url, chosen), version)
    } catch (error) {
      fault = String(error)
      if (today === day) again()
    }
  }

  if (awake) void dial()
  const hangUp = async (): Promise<void> => {
    cancel?.()
    cancel = undefined
    const last = client
    if (!last) return
    await new Promise<void>(resolve => last.end(true, {}, () => resolve()))
    lost(last)
  }
  return {
    up: () => spoken !== undefined,
    protocol: () => spoken,
    lastFault: () => fault,
    say: said =>
      new Promise(tell => {
        const by = client
        if (!by || !spoken) return tell('down')
        const done = (saying: Saying): void => {
          if (cutOff.delete(done)) tell(saying)
        }
        cutOff.add(done)
        const properties = spoken === 5 ? { properties: propertiesOf(said) } : {}
        const go = (): void => {
          if (said.qos > 0) unconfirmed += 1
          note('>', () => `${said.topic} ${said.about}`)
          by.publish(said.topic, said.payload, { qos: said.qos, ...properties }, (error, packet) => {
            const nobody = packet?.messageId !== undefined && unheard.delete(packet.messageId)
            done(error ? 'down' : nobody ? 'nobody' : 'said')
            if (said.qos === 0 || client !== by) return
            unconfirmed -= 1
            queue.shift()?.()
          })
        }
        if (said.qos > 0 && unconfirmed >= window) queue.push(go)
        else go()
      }),
    close: async () => {
      closed = true
      await hangUp()
    },
    wake: () => {
      if (awake || closed) return
      awake = true
      failures = 0
      void dial()
    },
    sleep: async () => {
      if (!awake) return
      awake = false
      day += 1
      await hangUp()
    },
  }
}

const connectOptions = (broker: BrokerReached, version: 5 | 4, anonymous: string): IClientOptions => ({
  protocolVersion: version,
  clientId: broker.clientId ?? anonymous,
  clean: broker.clientId === undefined,
  keepalive,
  connectTimeout,
  reconnectPeriod: 0,
  resubscribe: false,
  queueQoSZero: false,
  timerVariant: 'native',
  // Its own log costs with every packet also where nobody reads it.
  log: () => {},
  ...(broker.username === undefined ? {} : { username: broker.username }),
  ...(broker.password === undefined ? {} : { password: broker.password }),
  ...(broker.ca === undefined ? {} : { ca: broker.ca }),
  ...(broker.cert === undefined ? {} : { cert: broker.cert }),
  ...(broker.key === undefined ? {} : { key: broker.key }),
  ...(version === 5
    ? {
        properties: {
          maximumPacketSize: largestPacket,
          ...(broker.clientId === undefined ? {} : { sessionExpiryInterval: 86_400 }),
        },
      }
    : {}),
})

const subscribeAll = async (client: MqttClient, topics: readonly string[]): Promise<void> => {
  for (let from = 0; from < topics.length; from += subscribeAtOnce) {
    const granted = await client.subscribeAsync(topics.slice(from, from + subscribeAtOnce), { qos: 1 })
    const denied = granted.find(one => one.qos >= 128)
    if (denied) throw new Error(`the broker does not let us hear ${denied.topic}`)
  }
}

const propertiesOf = (said: Said) => ({
  contentType: 'application/json',
  payloadFormatIndicator: true,
  ...(said.expiry === undefined ? {} : { messageExpiryInterval: Math.ceil(said.expiry / 1000) }),
  ...(said.responseTopic === undefined ? {} : { responseTopic: said.responseTopic }),
  ...(said.correlation === undefined ? {} : { correlationData: Buffer.from(said.correlation) }),
})
