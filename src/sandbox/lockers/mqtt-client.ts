import type { MqttClient } from 'mqtt'
import type { Clock, Millis } from '../../kernel/clock.ts'

/** How a simulated cabinet reaches its broker. */
export interface CabinetLine {
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Of the authority that signed the broker's certificate. */
  readonly ca?: string
  /** Its own certificate with its key. */
  readonly cert?: string
  readonly key?: string
  readonly clientId: string
  readonly protocol: 5 | 4
  /** Keeps its session on the broker while it is away. */
  readonly clean: boolean
}

export interface CabinetWire {
  connected(): boolean
  say(topic: string, payload: string, options: { readonly qos: 0 | 1; readonly retain?: boolean }): void
  /** The cable pulled, or power gone: no farewell, so that the will is told. It dials again once it may. */
  connect(on: boolean): void
  /** Messages handed to the broker and heard from it. */
  traffic(): { readonly said: number; readonly heard: number }
  close(): Promise<void>
}

export interface CabinetWireOptions {
  readonly line: CabinetLine
  readonly clock: Clock
  readonly subscribe: readonly string[]
  /** Made anew for each connection. */
  will(): { readonly topic: string; readonly payload: string; readonly retain: boolean }
  /** MQTT 5: how long the broker holds the will back. */
  readonly willDelay?: Millis
  up(): void
  heard(topic: string, payload: Uint8Array): void
}

const dialsAgain: Millis = 200

/** The real client of a simulated cabinet: it dials, subscribes, and dials again when cut off. */
export const cabinetWire = async (options: CabinetWireOptions): Promise<CabinetWire> => {
  const { default: mqtt } = await import('mqtt')
  const { line, clock } = options
  const count = { said: 0, heard: 0 }
  let client: MqttClient | undefined
  let ready = false
  let may = true
  let closed = false

  const dial = (): void => {
    if (closed || !may || client) return
    const { topic, payload, retain } = options.will()
    const next = mqtt.connect(line.url, {
      protocolVersion: line.protocol,
      clientId: line.clientId,
      clean: line.clean,
      ...(line.username === undefined ? {} : { username: line.username }),
      ...(line.password === undefined ? {} : { password: line.password }),
      ...(line.ca === undefined ? {} : { ca: line.ca }),
      ...(line.cert === undefined ? {} : { cert: line.cert }),
      ...(line.key === undefined ? {} : { key: line.key }),
      reconnectPeriod: 0,
      resubscribe: false,
      timerVariant: 'native',
      will: {
        topic,
        payload: Buffer.from(payload),
        qos: 1,
        retain,
        ...(line.protocol === 5 && options.willDelay
          ? { properties: { willDelayInterval: options.willDelay / 1000 } }
          : {}),
      },
    })
    client = next
    next.on('error', () => next.end(true))
    next.on('message', (of, bytes) => {
      if (client !== next) return
      count.heard += 1
      options.heard(of, bytes)
    })
    next.on('connect', () => {
      next.subscribe([...options.subscribe], { qos: 1 }, error => {
        if (error || client !== next) return
        ready = true
        options.up()
      })
    })
    next.on('close', () => {
      if (client !== next) return
      client = undefined
      ready = false
      if (!closed) clock.after(dialsAgain, dial)
    })
  }
  dial()
  return {
    connected: () => ready,
    say: (topic, payload, { qos, retain = false }) => {
      if (!ready || !client) return
      count.said += 1
      client.publish(topic, payload, { qos, retain }, () => {})
    },
    connect: on => {
      may = on
      if (on) dial()
      else client?.stream.destroy()
    },
    traffic: () => ({ ...count }),
    close: async () => {
      closed = true
      const last = client
      client = undefined
      if (last) await new Promise<void>(resolve => last.end(true, {}, () => resolve()))
    },
  }
}
