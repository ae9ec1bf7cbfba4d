import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import type { AuthenticateError, Client } from 'aedes'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { bucket, packetMeter } from './mqtt-meter.ts'
import type { BrokerListen } from './mqtt-settings.ts'
import { pipe } from './pipe.ts'

/** One that may connect, as user and client id alike, and the topics that are its own. */
export interface BrokerUser {
  readonly id: string
  /** Left out: it is known by its certificate alone. */
  readonly password?: string
  readonly mayPublish: ReadonlySet<string>
  readonly maySubscribe: ReadonlySet<string>
}

export interface BrokerOptions {
  readonly listen: BrokerListen
  readonly users: readonly BrokerUser[]
  readonly clock: Clock
  /** True for a message that nobody may act upon any more: it is not handed on, however long it was kept. */
  stale(topic: string, payload: Uint8Array): boolean
  readonly limits?: Partial<BrokerLimits>
}

export interface BrokerLimits {
  /** Bytes of one packet. */
  readonly packet: number
  /** Packets of one connection at once, and per second in the long run; then it is read more slowly. */
  readonly burst: number
  readonly perSecond: number
  readonly connectTimeout: Millis
}

const usual: BrokerLimits = { packet: 65_536, burst: 400, perSecond: 50, connectTimeout: 10_000 }

export interface EmbeddedBroker {
  readonly port: number
  /** Of this machine alone and without TLS, for the gateway itself. */
  readonly inner: number
  /** A line to the broker within this program: no bytes go through the system. */
  connect(): Duplex
  /** Credentials of the gateway itself, made anew at each start. */
  readonly gateway: { readonly username: string; readonly password: string }
  /** Connections ended for what they sent, and requests refused. */
  refused(): number
  close(): Promise<void>
}

const gatewayId = 'shuqiao-gateway'
const sparePlaces = 16
const openHandshakes = 20

/**
 * A broker inside this program for a site with a few cabinets. Each cabinet has its own user, is known by its password
 * or its certificate, is connected under its own name alone, and reads and writes its own topics alone; whoever does otherwise is cut off. MQTT 3.1.1: the
 * broker behind it knows no MQTT 5. Rejects when it cannot listen.
 */
export const startBroker = async (options: BrokerOptions): Promise<EmbeddedBroker> => {
  const limits = { ...usual, ...options.limits }
  const { listen } = options
  const password = randomBytes(24).toString('base64url')
  const users = new Map(options.users.filter(user => user.id !== gatewayId).map(user => [user.id, user]))
  const sockets = new Set<Socket>()
  const ourselves = new WeakSet<Client>()
  const unhindered = new WeakMap<object, () => void>()
  /** Names of the certificates shown on connections. */
  const shown = new WeakMap<object, string>()
  let refused = 0
  const { Aedes } = await import('aedes')
  const broker = await Aedes.createBroker({
    id: 'shuqiao',
    connectTimeout: limits.connectTimeout,
    maxInflightInbound: openHandshakes,
    maxTopicLevels: 8,
    preConnect: (_, packet, done) => done(null, packet.clientId.length <= 128),
    authenticate: (client, username, given, done) => {
      const ours = username === gatewayId
      const right = ours
        ? sameSecret(password, given?.toString() ?? '') && !users.has(client.id)
        : isCabinet(client, username, given?.toString())
      if (right) {
        if (ours) ourselves.add(client)
        if (ours) unhindered.get(client.conn)?.()
        return done(null, true)
      }
      refused += 1
      done(
        Object.assign(new Error('wrong user, password or client id'), { returnCode: 5 }) as AuthenticateError,
        null,
      )
    },
    authorizePublish: (client, packet, done) => {
      if (client && (ourselves.has(client) || users.get(client.id)?.mayPublish.has(packet.topic)))
        return done(null)
      refused += 1
      done(new Error('this topic is not its own'))
    },
    authorizeSubscribe: (client, subscription, done) => {
      if (ourselves.has(client) || users.get(client.id)?.maySubscribe.has(subscription.topic))
        return done(null, subscription)
      refused += 1
      done(null, null)
    },
    authorizeForward: (_, packet) =>
      options.stale(
        packet.topic,
        typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
      )
        ? null
        : packet,
  })
  /** By its password, by the name of its certificate, or by both where it has both; always under its own name. */
  const isCabinet = (client: Client, username: string | undefined, given: string | undefined): boolean => {
    const user = users.get(client.id)
    const known = user?.password
    const same = sameSecret(known ?? randomBytes(16).toString('hex'), given ?? '')
    if (!user || (username ?? user.id) !== user.id) return false
    if (listen.ca !== undefined) return shown.get(client.conn) === user.id && (known === undefined || same)
    return username !== undefined && known !== undefined && same
  }
  const hurt = (): void => {
    refused += 1
  }
  findRetained(broker)
  broker.on('clientError', hurt)
  broker.on('connectionError', hurt)

  const take = (socket: Socket): void => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    unhindered.set(socket, gate(socket, options.clock, limits, hurt))
    const name = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined
    if (typeof name === 'string' && socket instanceof TLSSocket && socket.authorized) shown.set(socket, name)
    broker.handle(socket)
  }
  const pipes = new Set<Duplex>()
  const connect = (): Duplex => {
    const [near, far] = pipe()
    pipes.add(far)
    far.on('close', () => pipes.delete(far))
    broker.handle(far)
    return near
  }
  const { cert, key, ca, host, port } = listen
  const outer =
    cert && key
      ? createTlsServer(
          {
            cert,
            key,
            ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
            handshakeTimeout: limits.connectTimeout,
          },
          take,
        )
      : createServer(take)
  // Also those that never get through the handshake of TLS, or the end would wait for them.
  outer.on('connection', raw => {
    sockets.add(raw)
    raw.on('close', () => sockets.delete(raw))
  })
  const inner = createServer(take)
  outer.maxConnections = users.size * 2 + sparePlaces
  inner.maxConnections = sparePlaces
  const close = async (): Promise<void> => {
    const over = [outer, inner].map(server => new Promise<void>(resolve => server.close(() => resolve())))
    await new Promise<void>(resolve => broker.close(() => resolve()))
    for (const one of [...sockets, ...pipes]) one.destroy()
    await Promise.all(over)
  }
  try {
    await listening(outer, host, port)
    await listening(inner, '127.0.0.1', 0)
  } catch (error) {
    await close()
    throw error
  }
  return {
    port: portOf(outer),
    inner: portOf(inner),
    connect,
    gateway: { username: gatewayId, password },
    refused: () => refused,
    close,
  }
}

const portOf = (server: Server): number => {
  const bound = server.address()
  return bound && typeof bound === 'object' ? bound.port : 0
}

const listening = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve()
    })
  })

const sameSecret = (one: string, other: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/**
 * Watches what the broker reads from a socket: packets too large end it, packets too many slow it down until it is
 * freed by the function given back. The socket itself is given to the broker: another stream around each of hundreds
 * would cost as much again.
 */
const gate = (socket: Socket, clock: Clock, limits: BrokerLimits, hurt: () => void): (() => void) => {
  const meter = packetMeter(limits.packet)
  const rate = bucket(clock, limits.burst, limits.perSecond)
  const read = socket.read.bind(socket)
  let waiting = false
  let limited = true
  socket.read = size => {
    // Nothing is taken out: the system is only asked for more, until the socket's own room is full.
    if (size === 0) return read(0)
    const chunk: Buffer | null = waiting ? null : read(size)
    if (chunk === null) return null
    const packets = meter.take(chunk)
    if (typeof packets !== 'number') {
      hurt()
      socket.destroy()
      return null
    }
    const wait = rate.owe(packets)
    if (wait > 0 && limited) {
      waiting = true
      clock.after(wait, () => {
        waiting = false
        if (!socket.destroyed) socket.emit('readable')
      })
    }
    return chunk
  }
  return () => {
    limited = false
  }
}

interface Retaining {
  storeRetained(packet: { readonly topic: string; readonly payload: Uint8Array }): Promise<void>
  createRetainedStreamCombi(topics: readonly string[]): Readable
}

/** The store of the broker goes through everything it has kept for each topic that somebody begins to hear. */
const findRetained = (broker: object): void => {
  const { persistence } = broker as { readonly persistence: Retaining }
  const kept = new Map<string, object>()
  const store = persistence.storeRetained.bind(persistence)
  const search = persistence.createRetainedStreamCombi.bind(persistence)
  persistence.storeRetained = async packet => {
    await store(packet)
    if (packet.payload.length === 0) kept.delete(packet.topic)
    else kept.set(packet.topic, packet)
  }
  persistence.createRetainedStreamCombi = topics =>
    topics.some(topic => /[+#]/.test(topic))
      ? search(topics)
      : Readable.from(topics.flatMap(topic => kept.get(topic) ?? []))
}
