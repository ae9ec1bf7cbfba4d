import { connect, createServer, type Socket } from 'node:net'
import type { Clock } from '../../kernel/clock.ts'

/** The network side of a serial server: every byte from any client goes to the line, and back to all of them. */
export interface Converter {
  /** Port listened on; 0 when the converter dials. */
  readonly port: number
  broadcast(bytes: Uint8Array): void
  /** Cuts every connection. */
  cut(): void
  /** Without power it takes no connection. */
  power(on: boolean): void
  readonly clients: number
  close(): Promise<void>
}

export interface ConverterSettings {
  /** 0 or absent: the system chooses. */
  readonly port?: number
  /** The converter as a TCP client: it dials this address and dials again when cut off. */
  readonly dial?: { readonly host: string; readonly port: number }
}

const dialsAgain = 200

export const startConverter = async (
  settings: ConverterSettings,
  clock: Clock,
  heard: (bytes: Uint8Array) => void,
  connected: () => void = () => {},
): Promise<Converter> => {
  const sockets = new Set<Socket>()
  let powered = true
  let closed = false
  const take = (socket: Socket): void => {
    if (!powered) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => heard(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      if (settings.dial && !closed) clock.after(dialsAgain, dial)
    })
    if (settings.dial) socket.once('connect', connected)
    else connected()
  }
  const dial = (): void => {
    if (!closed && powered && settings.dial && sockets.size === 0) take(connect(settings.dial))
  }
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const server = settings.dial ? undefined : createServer(take)
  if (server) await new Promise<void>(resolve => server.listen(settings.port ?? 0, '127.0.0.1', resolve))
  dial()
  const bound = server?.address()
  return {
    port: bound && typeof bound === 'object' ? bound.port : 0,
    get clients() {
      return sockets.size
    },
    broadcast: bytes => {
      for (const socket of sockets) socket.write(bytes)
    },
    cut,
    power: on => {
      powered = on
      if (on) dial()
      else cut()
    },
    close: async () => {
      closed = true
      cut()
      if (server) await new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
