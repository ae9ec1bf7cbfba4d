import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Clock, Millis } from '../../kernel/clock.ts'

/** How a serial server is reached: we dial it, or it dials us on a port of its own. */
export type LinkAddress =
  | { readonly dial: { readonly host: string; readonly port: number } }
  | {
      readonly listen: {
        /** Interface to listen on; 0.0.0.0 only where the network in front of it is closed. */
        readonly host: string
        /** 0 lets the system choose. One port per converter: nothing on the wire says which one it is. */
        readonly port: number
        /** The one address that may connect; others are cut off. */
        readonly from?: string
      }
    }

export interface LinkEvents {
  up(): void
  down(): void
  /** The bytes are another's when this returns: what is kept of them must be copied. */
  bytes(chunk: Uint8Array): void
}

/** A byte pipe to one converter that comes back by itself. */
export interface TcpLink {
  up(): boolean
  /** False when there is no connection; nothing was sent then. */
  send(bytes: Uint8Array): boolean
  /** Gives up this connection and what it has not delivered yet, and makes a new one. */
  drop(): void
  /** The port listened on, once listening; undefined for a link that dials. Rejects when the port is taken. */
  readonly listening: Promise<number | undefined>
  close(): Promise<void>
}

const firstPause: Millis = 500
const longestPause: Millis = 30_000
const dialDeadline: Millis = 5_000
const keepAliveAfter: Millis = 10_000

/**
 * Where the system puts what was read, for every line that we dial: a buffer for each of thousands of lines costs more
 * than the lines. What is heard is given on before the next is read.
 */
const readInto = Buffer.allocUnsafeSlow(4096)

/** Opens a link and keeps it open until `close`. A newer incoming connection replaces the older, which is dead. */
export const openTcpLink = (address: LinkAddress, clock: Clock, events: LinkEvents): TcpLink => {
  let socket: Socket | undefined
  let ready = false
  let closed = false
  let wait = firstPause
  let cancelTimer = (): void => {}

  const take = (fresh: Socket): void => {
    forget(socket)
    socket = fresh
    fresh.setNoDelay(true)
    fresh.setKeepAlive(true, keepAliveAfter)
    fresh.on('error', () => fresh.destroy())
    fresh.on('close', () => lost(fresh))
  }
  const opened = (fresh: Socket): void => {
    if (socket !== fresh) return
    cancelTimer()
    wait = firstPause
    ready = true
    events.up()
  }
  const lost = (old: Socket): void => {
    if (socket !== old) return
    socket = undefined
    const was = ready
    ready = false
    cancelTimer()
    if (was) events.down()
    if (closed || 'listen' in address) return
    cancelTimer = clock.after(wait, dial)
    wait = Math.min(wait * 2, longestPause)
  }
  const dial = (): void => {
    if (closed || !('dial' in address)) return
    const heard = (length: number): boolean => {
      if (socket === fresh) events.bytes(readInto.subarray(0, length))
      return true
    }
    const fresh: Socket = connect({ ...address.dial, onread: { buffer: readInto, callback: heard } })
    take(fresh)
    cancelTimer = clock.after(dialDeadline, () => fresh.destroy())
    fresh.once('connect', () => opened(fresh))
  }
  const answer = (fresh: Socket): void => {
    if (closed || ('listen' in address && !allowed(address.listen.from, fresh.remoteAddress))) {
      fresh.on('error', () => {})
      fresh.destroy()
      return
    }
    if (ready) {
      ready = false
      events.down()
    }
    take(fresh)
    fresh.on('data', (chunk: Buffer) => {
      if (socket === fresh) events.bytes(chunk)
    })
    opened(fresh)
  }

  const server = 'listen' in address ? createServer(answer) : undefined
  const listening = server && 'listen' in address ? listenOn(server, address.listen) : undefined
  // Whoever starts the line awaits `listening` and is told; without this the process would die first.
  listening?.catch(() => {})
  dial()

  return {
    up: () => ready,
    send: bytes => {
      if (!ready || !socket) return false
      socket.write(bytes)
      return true
    },
    drop: () => forget(socket),
    listening: listening ?? Promise.resolve(undefined),
    close: async () => {
      closed = true
      cancelTimer()
      forget(socket)
      if (server) await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}

/** A plain end would let the system go on delivering what was written: an opening for somebody long gone. */
const forget = (socket: Socket | undefined): void => {
  if (socket?.connecting) socket.destroy()
  else socket?.resetAndDestroy()
}

const allowed = (from: string | undefined, remote: string | undefined): boolean =>
  from === undefined || remote === from || remote === `::ffff:${from}`

const listenOn = (server: Server, { host, port }: { host: string; port: number }): Promise<number> =>
  new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, host, () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound ? bound.port : port)
    })
  })
