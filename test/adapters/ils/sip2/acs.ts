import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import iconv from 'iconv-lite'

/**
 * A small library system for tests: a real TCP server that does exactly what its script says. It does not use
 * the codec under test: lines are split, summed and encoded here once more.
 */
export interface Heard {
  /** The line as text, without its end. */
  readonly line: string
  readonly command: string
  /** Digit of AY, empty without it. */
  readonly ay: string
  /** 1 for the first connection. */
  readonly connection: number
  readonly value: (id: string) => string
}

export interface Link {
  /** Sends a message: AY of the request and a right AZ are added, then CR. */
  answer(text: string, how?: { ay?: string; az?: string; end?: string }): void
  /** Sends text as it is. */
  raw(text: string): void
  bytes(bytes: Uint8Array): void
  reset(): void
  /** Closes its side after what was sent. */
  end(): void
}

export type Script = (heard: Heard, link: Link) => void

export interface Acs {
  readonly port: number
  readonly lines: readonly Heard[]
  /** Names asked for by TLS (SNI), in order. */
  readonly named: readonly string[]
  readonly open: number
  readonly accepted: number
  script: Script
  /** Resolves when `count` requests with this command (all of them: `*`) have been heard since the start. */
  heard(command: string, count?: number): Promise<Heard>
  /** Resolves when `count` connections have been accepted since the start. */
  met(count: number): Promise<void>
  /** Resolves when this many connections are open. */
  openIs(count: number): Promise<void>
  /** Cuts every connection. */
  cut(): void
  close(): Promise<void>
}

const hex = (bytes: Uint8Array): string => {
  let sum = 0
  for (const byte of bytes) sum = (sum + byte) % 65_536
  return ((65_536 - sum) % 65_536).toString(16).toUpperCase().padStart(4, '0')
}

export const summed = (text: string, encoding = 'utf8'): string => text + hex(iconv.encode(text, encoding))

export interface AcsOptions {
  readonly encoding?: string
  readonly checksums?: boolean
  readonly greeting?: string
  readonly tls?: TlsOptions
  readonly port?: number
  /** Told all bytes as they come. */
  readonly spy?: (chunk: Buffer) => void
}

export const startAcs = async (script: Script, options: AcsOptions = {}): Promise<Acs> => {
  const { encoding = 'utf8', checksums = true } = options
  const lines: Heard[] = []
  const named: string[] = []
  const sockets = new Set<Socket>()
  let accepted = 0
  let changed: (() => void)[] = []
  const tell = (): void => {
    const all = changed
    changed = []
    for (const wake of all) wake()
  }
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise<void>(resolve => changed.push(resolve))
  }
  const linkOf = (socket: Socket, ay: string): Link => ({
    answer: (text, how = {}) => {
      const digit = how.ay ?? ay
      const body = checksums ? `${text}${digit === '' ? '' : `AY${digit}`}AZ` : text
      const sum = checksums ? (how.az ?? hex(iconv.encode(body, encoding))) : ''
      socket.write(iconv.encode(`${body}${sum}${how.end ?? '\r'}`, encoding))
    },
    raw: text => socket.write(iconv.encode(text, encoding)),
    bytes: bytes => socket.write(bytes),
    reset: () => socket.resetAndDestroy(),
    end: () => socket.end(),
  })
  let current = script
  const listener = (socket: Socket): void => {
    accepted++
    const { servername } = socket as TLSSocket
    if (typeof servername === 'string') named.push(servername)
    const connection = accepted
    let rest = Buffer.alloc(0)
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      tell()
    })
    if (options.greeting !== undefined) socket.write(options.greeting)
    socket.on('data', (chunk: Buffer) => {
      options.spy?.(chunk)
      rest = Buffer.concat([rest, chunk])
      for (let end = rest.indexOf(13); end >= 0; end = rest.indexOf(13)) {
        const line = iconv.decode(rest.subarray(0, end), encoding).trim()
        rest = rest.subarray(end + 1)
        const heard = {
          line,
          command: line.slice(0, 2),
          ay: /AY(\d)AZ[0-9A-F]{4}$/.exec(line)?.[1] ?? '',
          connection,
          value: (id: string) =>
            new RegExp(`(?:\\||[ \\d+-]|^.{2,60}?)${id}([^|]*)\\|`).exec(line)?.[1] ?? '',
        }
        lines.push(heard)
        current(heard, linkOf(socket, heard.ay))
        tell()
      }
    })
    tell()
  }
  const server: Server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener)
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    get script() {
      return current
    },
    set script(next: Script) {
      current = next
    },
    port: typeof address === 'object' && address ? address.port : 0,
    lines,
    named,
    get open() {
      return sockets.size
    },
    get accepted() {
      return accepted
    },
    heard: async (command: string, count = 1) => {
      const found = (): Heard | undefined =>
        lines.filter(heard => command === '*' || heard.command === command)[count - 1]
      await until(() => found() !== undefined)
      return found()!
    },
    met: (count: number) => until(() => accepted >= count),
    openIs: (count: number) => until(() => sockets.size === count),
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export const now = '20261122    093000'
export const status98 = (more = '', online = 'Y'): string =>
  `98${online}YYYYY600003${now}2.00AOLIB|BXYYYYYYYYYYYYYYYY|${more}`
export const item18 = (barcode: string, status = '03', more = ''): string =>
  `18${status}0001${now}AB${barcode}|AJ图书馆学基础|${more}`
export const patron64 = (
  card: string,
  counts = '000000000000000000000000',
  more = '',
  flags = ' '.repeat(14),
): string => `64${flags}019${now}${counts}AOLIB|AA${card}|AE李小明|BLY|${more}`

/** Logs in, tells a status, and says that every item is available and every card good. */
export const friendly: Script = (heard, link) => {
  const { command, value } = heard
  if (command === '93') link.answer('941')
  else if (command === '99') link.answer(status98())
  else if (command === '17') link.answer(item18(value('AB')))
  else if (command === '63') link.answer(patron64(value('AA')))
  else if (command === '11')
    link.answer(`121NNY${now}AOLIB|AA${value('AA')}|AB${value('AB')}|AJ图书馆学基础|AH2026-12-22|`)
  else if (command === '09') link.answer(`101YNN${now}AOLIB|AB${value('AB')}|AQ总馆|AJ图书馆学基础|`)
  else if (command === '29')
    link.answer(`301YNN${now}AOLIB|AA${value('AA')}|AB${value('AB')}|AJ图书馆学基础|AH2027-01-22|`)
  else if (command === '15') link.answer(`161N${now}BR3|AOLIB|AA${value('AA')}|AB${value('AB')}|`)
  else if (command === '37') link.answer(`38Y${now}AOLIB|AA${value('AA')}|BKT1|`)
  else if (command === '01') link.answer(`24Y             019${now}AOLIB|AA${value('AA')}|AE李小明|BLY|`)
  else if (command === '25') link.answer(`26              019${now}AOLIB|AA${value('AA')}|AE李小明|BLY|`)
  else if (command === '35') link.answer(`36Y${now}AOLIB|AA${value('AA')}|`)
}

/** `special` first; what it does not handle (returns false for) is handled as `friendly`. */
export const but =
  (special: (heard: Heard, link: Link) => boolean): Script =>
  (heard, link) => {
    if (!special(heard, link)) friendly(heard, link)
  }
