import { randomBytes } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import type { AuthenticateError, Client } from 'aedes'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { type Admitted, type Arrivals, createAdmission } from './mqtt-admission.ts'
import { bucket, packetMeter } from './mqtt-meter.ts'
import type { BrokerListen } from './mqtt-settings.ts'
import { pipe } from './pipe.ts'

/** One that may connect under its own name, and the topics that are its own. */
export interface BrokerUser {
  readonly id: string
  /** Left out: it is known by its certificate alone, or by what it got when it registered. */
  readonly password?: string
  /** Its client id need not be its user name; nobody takes one that is another's. */
  readonly anyClientId?: boolean
  readonly mayPublish: ReadonlySet<string>
  readonly maySubscribe: ReadonlySet<string>
}

export interface BrokerOptions {
  readonly listen: BrokerListen
  readonly users: readonly BrokerUser[]
  readonly clock: Clock
  /** Where cabinets may come without credentials, to register. */
  readonly arrivals?: Arrivals | undefined
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
 * or its certificate, and reads and writes its own topics alone; whoever does otherwise is cut off. MQTT 3.1.1: the
 * broker behind it knows no MQTT 5. Rejects when it cannot listen.
 */
export const startBroker = async (options: BrokerOptions): Promise<EmbeddedBroker> => {
  const limits = { ...usual, ...options.limits }
  const { listen, arrivals } = options
  const password = randomBytes(24).toString('base64url')
  const users = new Map(options.users.filter(user => user.id !== gatewayId).map(user => [user.id, user]))
  const sockets = new Set<Socket>()
  const admitted = new WeakMap<Client, Admitted>()
  const unhindered = new WeakMap<object, () => void>()
  /** Names of the certificates shown on connections. */
  const shown = new WeakMap<object, string>()
  let refused = 0
  let connected: (clientId: string) => boolean = () => false
  const admission = createAdmission({
    gateway: { username: gatewayId, password },
    users,
    certificates: listen.ca !== undefined,
    arrivals,
    connected: clientId => connected(clientId),
    clock: options.clock,
  })
  const { Aedes } = await import('aedes')
  const broker = await Aedes.createBroker({
    id: 'shuqiao',
    connectTimeout: limits.connectTimeout,
    maxInflightInbound: openHandshakes,
    maxTopicLevels: 8,
    preConnect: (_, packet, done) => done(null, packet.clientId.length <= 128),
    authenticate: (client, username, given, done) => {
      const guest = { clientId: client.id, username, password: given?.toString() }
      admission.admit({ ...guest, certificate: shown.get(client.conn) }).then(
        who => {
          if (!who) {
            refused += 1
            return done(refusal('wrong user, password or client id', 5), null)
          }
          admitted.set(client, who)
          if (who.as === 'gateway') unhindered.get(client.conn)?.()
          done(null, true)
        },
        () => done(refusal('who it is cannot be looked up now', 3), null),
      )
    },
    authorizePublish: (client, packet, done) => {
      const who = client && admitted.get(client)
      if (who?.as === 'gateway' || (who?.as === 'cabinet' && who.user.mayPublish.has(packet.topic)))
        return done(null)
      if (client && who?.as === 'arrival' && arrivals?.isRequest(packet.topic)) {
        packet.retain = false
        void register(client.id, packet.topic, Buffer.from(packet.payload))
        return done(null)
      }
      refused += 1
      done(new Error('this topic is not its own'))
    },
    authorizeSubscribe: (client, subscription, done) => {
      const who = admitted.get(client)
      const { topic } = subscription
      if (
        who?.as === 'gateway' ||
        (who?.as === 'cabinet' && who.user.maySubscribe.has(topic)) ||
        (who?.as === 'arrival' && arrivals?.replyTopic(client.id) === topic)
      )
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
  /** Answers one that wants to register, and nobody else hears it. Who asks too often gets no answer. */
  const register = async (clientId: string, topic: string, payload: Uint8Array): Promise<void> => {
    if (!arrivals || !admission.mayRegister()) {
      refused += 1
      return
    }
    const answer = await arrivals.answer(topic, payload, clientId).catch(() => undefined)
    if (answer === undefined) return
    const reply = { cmd: 'publish', qos: 1, dup: false, retain: false } as const
    broker.publish({ ...reply, topic: arrivals.replyTopic(clientId), payload: answer }, () => {})
  }
  const hurt = (): void => {
    refused += 1
  }
  connected = clientId => clientId in (broker as unknown as { clients: object }).clients
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

const refusal = (why: string, returnCode: 3 | 5): AuthenticateError =>
  Object.assign(new Error(why), { returnCode }) as AuthenticateError

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
