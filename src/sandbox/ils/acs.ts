import { createServer, type Server, type Socket } from 'node:net'
import type { Parsed } from '../../adapters/ils/sip2/codec.ts'
import { createSplitter, longestRequest } from '../../adapters/ils/sip2/framing.ts'
import { type Clock, pause } from '../../kernel/clock.ts'
import type { Fault, Faults } from './faults.ts'
import { Session, type SessionSettings } from './session.ts'

export interface AcsSettings extends Omit<SessionSettings, 'faults' | 'clock'> {
  readonly faults: Faults
  readonly clock: Clock
  readonly host: string
  readonly port: number
}
export interface Acs {
  readonly port: number
  connections(): number
  /** Tells every terminal the present status without being asked. */
  announce(): void
  /** How often each command was heard, repetitions included. */
  heard(): Readonly<Record<string, number>>
  close(): Promise<void>
}

/** Lines one terminal may have waiting: terminals wait for their answer, so more is a flood. */
const longestQueue = 64

/** The server a terminal connects to. Each connection is served one line after the other. */
export const startAcs = async (settings: AcsSettings): Promise<Acs> => {
  const { faults, dialect } = settings
  const open = new Set<Connection>()
  const heard = new Map<string, number>()
  const accept = (socket: Socket): void => {
    if (open.size >= dialect.maxConnections) {
      socket.destroy()
      return
    }
    const connection = new Connection(socket, settings, command => {
      heard.set(command, (heard.get(command) ?? 0) + 1)
    })
    open.add(connection)
    socket.once('close', () => open.delete(connection))
  }
  let server = await listen(accept, settings.host, settings.port)
  const port = portOf(server)
  let ended = false

  const stop = async (): Promise<void> => {
    const closed = server.listening ? new Promise<void>(done => server.close(() => done())) : undefined
    for (const connection of open) connection.cut()
    await closed
  }
  faults.watch(async closing => {
    if (ended) return
    if (closing === 'refuse-connections') await stop()
    else if (!server.listening) server = await listen(accept, settings.host, port)
  })
  return {
    port,
    connections: () => open.size,
    announce: () => {
      for (const connection of open) connection.announce()
    },
    heard: () => Object.fromEntries(heard),
    close: async () => {
      ended = true
      await stop()
    },
  }
}

const listen = (accept: (socket: Socket) => void, host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, accept)
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(server)
    })
  })

const portOf = (server: Server): number => {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('the sandbox does not listen on a port')
  return address.port
}

class Connection {
  readonly #socket: Socket
  readonly #settings: AcsSettings
  readonly #session: Session
  readonly #heard: (command: string) => void
  readonly #splitter = createSplitter(longestRequest)
  #queue: Uint8Array[] = []
  #working = false
  #stopWaiting: () => void = () => {}
  /** What a telnet server waits for before the first message. */
  #prompt: 'login' | 'password' | undefined
  #user = ''

  constructor(socket: Socket, settings: AcsSettings, heard: (command: string) => void) {
    this.#socket = socket
    this.#settings = settings
    this.#heard = heard
    this.#session = new Session(settings)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('end', () => {
      if (!this.#working) socket.end()
    })
    // A terminal that goes away is no news; `close` follows.
    socket.on('error', () => {})
    socket.once('close', () => this.#stopWaiting())
    if (settings.dialect.loginBy === 'telnet') {
      this.#prompt = 'login'
      socket.write('login: ')
    }
  }

  announce(): void {
    if (!this.#prompt) void this.#send(this.#session.announcement())
  }

  cut(): void {
    this.#socket.destroy()
  }

  #take(chunk: Uint8Array): void {
    if (this.#socket.writableEnded) return
    for (const frame of this.#splitter.push(chunk)) {
      if ('tooLong' in frame || this.#queue.length >= longestQueue) {
        this.cut()
        return
      }
      this.#queue.push(frame.bytes)
    }
    void this.#work()
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    for (
      let line = this.#queue.shift();
      line !== undefined && !this.#socket.destroyed;
      line = this.#queue.shift()
    )
      await this.#serve(line)
    this.#working = false
    if (this.#socket.readableEnded) this.#socket.end()
  }

  async #serve(whole: Uint8Array): Promise<void> {
    if (this.#prompt) return this.#prompted(Buffer.from(whole).toString('latin1'))
    const { longestRequest } = this.#settings.dialect
    const line = longestRequest > 0 ? whole.subarray(0, longestRequest) : whole
    this.#heard(Buffer.from(line.subarray(0, 2)).toString('latin1'))
    const session = this.#session
    const step = session.take(line)
    if (step.kind === 'close') return this.#hangUp()
    if (step.kind === 'answer') return this.#send(step.bytes)
    if (step.kind === 'ignore') return
    const { request } = step
    const fault = this.#settings.faults.next(request.command)
    const act = (): Uint8Array => (step.kind === 'replay' ? step.bytes : session.perform(line, request))
    if (fault) await this.#spoil(fault, line, request, act)
    else await this.#send(act())
    if (session.refusedTooOften) this.#hangUp()
  }

  async #prompted(typed: string): Promise<void> {
    if (this.#prompt === 'login') {
      this.#user = typed
      this.#prompt = 'password'
      return this.#send(Buffer.from('password: '))
    }
    const well = this.#session.logIn(this.#user, typed)
    this.#prompt = well ? undefined : 'login'
    await this.#send(Buffer.from(well ? 'Login OK.\r\n' : 'Login incorrect\r\nlogin: '))
    if (this.#session.refusedTooOften) this.#hangUp()
  }

  async #spoil(fault: Fault, line: Uint8Array, request: Parsed, act: () => Uint8Array): Promise<void> {
    const session = this.#session
    switch (fault.kind) {
      case 'silence':
        if (fault.act === 'done') act()
        return
      case 'delay': {
        const bytes = act()
        await this.#wait(fault.by)
        return this.#send(bytes)
      }
      case 'slow':
        await pause(this.#settings.clock, fault.by)
        return this.#send(act())
      case 'reset': {
        if (fault.when === 'before-act') return this.#reset()
        const bytes = act()
        if (fault.when === 'mid-answer') await this.#send(bytes.subarray(0, Math.ceil(bytes.length / 2)))
        return fault.when === 'mid-answer' ? this.cut() : this.#reset()
      }
      case 'half-close':
        act()
        return this.#hangUp()
      case 'wrong-checksum':
        return this.#send(wrongSum(act()))
      case 'wrong-sequence':
        return this.#send(wrongSequence(act()))
      case 'twice': {
        const bytes = act()
        return this.#send(Buffer.concat([bytes, bytes]))
      }
      case 'truncated': {
        const bytes = act()
        return this.#send(Buffer.concat([bytes.subarray(0, Math.ceil(bytes.length * 0.6)), this.#end()]))
      }
      case 'refusal':
        return this.#send(
          session.refuse(line, request, fault.say ?? { zh: '本馆暂不受理', en: 'Not accepted now' }),
        )
      case 'encoding':
        act()
        return this.#send(session.lastIn(fault.encoding, request))
      case 'noise':
        act()
        return this.#send(Buffer.concat([Buffer.from('Problems handling the request'), this.#end()]))
      case 'status-instead':
        return this.#send(session.statusInstead(request))
    }
  }

  #end(): Uint8Array {
    return Buffer.from(this.#settings.dialect.terminator)
  }

  /** Closes our side; what the terminal has sent meanwhile is not looked at. */
  #hangUp(): void {
    this.#queue = []
    this.#socket.end()
  }

  #reset(): void {
    this.#socket.resetAndDestroy()
  }

  #wait(by: number): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#settings.clock.after(by, resolve)
      this.#stopWaiting = () => {
        cancel()
        resolve()
      }
    })
  }

  #send(bytes: Uint8Array): Promise<void> {
    if (this.#socket.destroyed || this.#socket.writableEnded) return Promise.resolve()
    return new Promise(resolve => {
      this.#socket.write(bytes, () => resolve())
    })
  }
}

/** The last of the four digits, another one. */
const wrongSum = (bytes: Uint8Array): Uint8Array => {
  const text = Buffer.from(bytes).toString('latin1')
  return Buffer.from(
    text.replace(
      /(AZ[0-9A-F]{3})([0-9A-F])([\r\n]*)$/,
      (_, head, last, end) => `${head}${last === '0' ? '1' : '0'}${end}`,
    ),
    'latin1',
  )
}

/** The answer to a request that nobody sent, with a checksum that is right. */
const wrongSequence = (bytes: Uint8Array): Uint8Array => {
  const text = Buffer.from(bytes).toString('latin1')
  const match = /AY(\d)AZ[0-9A-F]{4}([\r\n]*)$/.exec(text)
  if (!match) return bytes
  const body = `${text.slice(0, match.index)}AY${(Number(match[1]) + 5) % 10}AZ`
  let sum = 0
  for (const byte of Buffer.from(body, 'latin1')) sum += byte
  return Buffer.from(
    `${body}${(-sum & 0xffff).toString(16).toUpperCase().padStart(4, '0')}${match[2]}`,
    'latin1',
  )
}
