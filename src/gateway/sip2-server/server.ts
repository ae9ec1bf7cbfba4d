import type { AddressInfo } from 'node:net'
import { createServer as createTcp, type Server, type Socket } from 'node:net'
import { createServer as createTls, type TLSSocket } from 'node:tls'
import { type Clock, pause } from '../../kernel/clock.ts'
import type { RandomBytes } from '../../kernel/ids.ts'
import { plainAddress } from '../../kernel/networks.ts'
import { misconfigured, ProblemError } from '../../kernel/problem.ts'
import type { Transcript } from '../../kernel/transcript.ts'
import { type Account, type Limits, type Listener, plainSpeech } from './accounts.ts'
import { Connection } from './connection.ts'
import { createDesk, type DeskParts } from './desk.ts'
import { createGuesses, createLogins } from './logins.ts'
import { type ServerStats, Tally } from './stats.ts'

export interface KioskServerOptions extends Omit<DeskParts, 'limits' | 'byHand' | 'wire'> {
  readonly listeners: readonly Listener[]
  readonly accounts: readonly Account[]
  readonly limits: Limits
  /** Clock of sockets and their deadlines. */
  readonly wire: Clock
  readonly random: RandomBytes
  readonly transcript?: Transcript
}

/** The library-system side of the protocol: kiosks, gates, sorters and cabinets connect to it. */
export interface KioskServer {
  /** Where it listens, in the order of its settings. */
  readonly addresses: readonly { readonly host: string; readonly port: number; readonly tls: boolean }[]
  stats(): ServerStats
  /** Takes no one in any more, lets answers under way go out, then cuts all lines. */
  close(): Promise<void>
}

/** Answers under way have so long at the end. */
const drainTime = 2000

export const startKioskServer = async (options: KioskServerOptions): Promise<KioskServer> => {
  const { accounts, limits, wire, clock, log, transcript } = options
  const desk = createDesk({
    ...options,
    byHand: libraryId => accounts.some(one => one.libraryId === libraryId && one.byHand),
  })
  const logins = createLogins(accounts, options.random)
  const tallies = new Map(accounts.map(account => [account.id, new Tally()]))
  const strangers = new Tally()
  const open = new Set<Connection>()
  const turnedAway = new Map<string, number>()
  const perAddress = new Map<string, number>()
  const guesses = createGuesses(wire)
  let number = 0

  const turnAway = (socket: Socket, why: string): void => {
    turnedAway.set(why, (turnedAway.get(why) ?? 0) + 1)
    socket.on('error', () => {})
    socket.destroy()
  }
  const connectionsOf = (account: Account): number =>
    [...open].filter(connection => connection.account?.id === account.id).length

  const fullness = (address: string, known: Account | undefined): string | undefined => {
    if (open.size >= limits.connections) return 'too-many'
    if ((perAddress.get(address) ?? 0) >= limits.connectionsPerAddress) return 'too-many-of-address'
    return known && connectionsOf(known) >= known.connections ? 'too-many-of-account' : undefined
  }
  const accept = (socket: Socket, tls: boolean): void => {
    const address = plainAddress(socket.remoteAddress ?? '')
    const known = logins.byAddress(address)
    const full = fullness(address, known)
    if (full !== undefined) {
      turnAway(socket, full)
      return
    }
    perAddress.set(address, (perAddress.get(address) ?? 0) + 1)
    const connection: Connection = new Connection(socket, {
      id: ++number,
      address,
      tls,
      limits,
      wire,
      clock,
      desk,
      login: async (user, password) => {
        const account = await logins.check(user, password, address)
        if (!account) {
          log.warn({ address }, 'kiosk: log-in refused')
          const delay = guesses.delayAfter(address)
          if (delay > 0) await pause(wire, delay)
        }
        if (!account || account.id === connection.account?.id) return account
        if (connectionsOf(account) < account.connections) return account
        turnedAway.set('too-many-of-account', (turnedAway.get('too-many-of-account') ?? 0) + 1)
        log.warn({ account: account.id }, 'kiosk: as many connections as the account may have')
        return undefined
      },
      tallyOf: account => (account && tallies.get(account.id)) ?? strangers,
      speech: (known ?? logins.likely(address))?.speech ?? plainSpeech,
      account: known,
      shown: (account, direction, text) =>
        transcript?.({ at: clock.now(), peer: `kiosk:${account?.id ?? address}`, direction, text }),
    })
    open.add(connection)
    socket.once('close', () => {
      open.delete(connection)
      const left = (perAddress.get(address) ?? 1) - 1
      if (left > 0) perAddress.set(address, left)
      else perAddress.delete(address)
    })
  }

  const servers: {
    readonly server: Server
    readonly host: string
    readonly port: number
    readonly tls: boolean
  }[] = []
  const close = async (): Promise<void> => {
    const closed = servers.map(({ server }) => new Promise<void>(done => server.close(() => done())))
    for (const connection of open) connection.close(false)
    const cancel = wire.after(drainTime, () => {
      for (const connection of open) connection.close(true)
    })
    await Promise.all(closed)
    cancel()
  }
  try {
    for (const listener of options.listeners) {
      const server = await listen(listener, accept)
      // Handshakes that have not come to an end count too.
      server.maxConnections = limits.connections + 64
      const { port } = server.address() as AddressInfo
      servers.push({ server, host: listener.host, port, tls: listener.tls !== undefined })
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
  const addresses = servers.map(({ host, port, tls }) => ({ host, port, tls }))
  return {
    addresses,
    close,
    stats: () => ({
      listeners: addresses,
      connections: open.size,
      turnedAway: Object.fromEntries(turnedAway),
      accounts: accounts.map(account => {
        const tally = tallies.get(account.id)!
        return {
          account: account.id,
          libraryId: account.libraryId,
          use: account.use,
          connections: [...open].filter(one => one.account?.id === account.id).map(one => one.stats),
          requests: Object.fromEntries(tally.requests),
          refusals: tally.refusals,
          errors: Object.fromEntries(tally.errors),
          latency: tally.latency,
          lastWords: tally.words,
        }
      }),
      strangers: {
        connections: [...open].filter(one => one.account === undefined).length,
        errors: Object.fromEntries(strangers.errors),
      },
    }),
  }
}

const listen = (
  { host, port, tls }: Listener,
  accept: (socket: Socket, tls: boolean) => void,
): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = tls
      ? createTls(
          {
            cert: tls.cert,
            key: tls.key,
            minVersion: 'TLSv1.2',
            handshakeTimeout: 10_000,
            ...(tls.clientCa === undefined
              ? {}
              : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
          },
          (socket: TLSSocket) => accept(socket, true),
        )
      : createTcp({ allowHalfOpen: true }, socket => accept(socket, false))
    // A handshake that fails is the machine's affair; its socket is closed.
    server.on('tlsClientError', () => {})
    server.once('error', error => reject(cannotListen(error, host, port)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      server.on('error', () => {})
      resolve(server)
    })
  })

const cannotListen = (cause: Error, host: string, port: number): ProblemError =>
  new ProblemError(
    misconfigured(
      'cannot-listen',
      {
        zh: `自助机端口 ${host}:${port} 用不了。`,
        en: `cannot listen for kiosks on ${host}:${port}`,
      },
      { their: { text: cause.message } },
    ),
    { cause },
  )
