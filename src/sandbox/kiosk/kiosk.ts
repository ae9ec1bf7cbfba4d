import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import {
  buildMessage,
  type Field,
  field,
  fieldsOf,
  isUnreadable,
  type Message,
  type Parsed,
  parseMessage,
  sipDate,
} from '../../adapters/ils/sip2/codec.ts'
import type { Encoding } from '../../adapters/ils/sip2/encodings.ts'
import { createSplitter } from '../../adapters/ils/sip2/framing.ts'
import { messages } from '../../adapters/ils/sip2/messages.ts'
import type { Clock } from '../../kernel/clock.ts'

/** How one make of machine speaks. */
export interface KioskDialect {
  readonly encoding: Encoding
  readonly delimiter: string
  readonly terminator: '\r' | '\r\n' | '\n'
  /** AY and AZ: over the bytes, over UTF-16 units, in the manner of dp2, or not at all. */
  readonly checksum: boolean | 'utf-16' | 'dp2'
  /** Stays at the same AY for ever, as some do. */
  readonly constantSequence: boolean
  readonly language: string
  /** AO of its requests. */
  readonly institution: string
  readonly zone: string
}

export const usualKiosk: KioskDialect = {
  encoding: 'utf-8',
  delimiter: '|',
  terminator: '\r',
  checksum: true,
  constantSequence: false,
  language: '019',
  institution: '',
  zone: 'Asia/Shanghai',
}

export interface KioskOptions {
  readonly host?: string
  readonly port: number
  readonly clock: Pick<Clock, 'now'>
  readonly dialect?: Partial<KioskDialect>
  readonly tls?: ConnectionOptions
}

/** An answer, as a machine reads it. */
export interface Heard extends Parsed {
  /** First value of a field; empty where there is none. */
  get(id: string): string
  all(id: string): string[]
  readonly bytes: Uint8Array
}

type Values = Readonly<Record<string, string | undefined>>

/** A machine at its socket: says what it is told to say, and hears what comes. */
export interface SandboxKiosk {
  login(user: string, password: string, location?: string): Promise<boolean>
  /** Says a message and waits for the next answer; throws when the line is cut instead. */
  say(command: string, values?: Values, fixed?: Readonly<Record<string, string>>): Promise<Heard>
  /** The bytes of a message as it would be said next, without saying it. */
  write(command: string, values?: Values, fixed?: Readonly<Record<string, string>>): Uint8Array
  /** The last message once more, byte for byte. */
  repeat(): Promise<Heard>
  /** Any bytes, without waiting. */
  throw(bytes: Uint8Array | string): void
  /** The next answer; undefined when the line is cut. */
  hear(): Promise<Heard | undefined>
  /** How many answers wait to be heard. */
  readonly unheard: number
  /** Stops taking in what comes, as a hung machine does. */
  deafen(): void
  readonly cut: Promise<void>
  readonly isCut: boolean
  close(): void
}

export const connectKiosk = async (options: KioskOptions): Promise<SandboxKiosk> => {
  const { host = '127.0.0.1', port, clock, tls } = options
  const dialect = { ...usualKiosk, ...options.dialect }
  const socket: Socket = tls ? connectTls({ host, port, ...tls }) : connectTcp({ host, port })
  await new Promise<void>((resolve, reject) => {
    socket.once(tls ? 'secureConnect' : 'connect', () => resolve())
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  const splitter = createSplitter(64 * 1024)
  const heard: Heard[] = []
  const waiting: ((heard: Heard | undefined) => void)[] = []
  let last: Uint8Array = new Uint8Array()
  let sequence = 9
  let isCut = false
  const cut = new Promise<void>(resolve => {
    socket.once('close', () => {
      isCut = true
      for (const one of waiting.splice(0)) one(undefined)
      resolve()
    })
  })
  socket.on('data', (chunk: Uint8Array) => {
    for (const frame of splitter.push(chunk)) {
      const read = 'bytes' in frame ? hearing(frame.bytes, dialect) : undefined
      if (!read) continue
      const one = waiting.shift()
      if (one) one(read)
      else heard.push(read)
    }
  })
  const hear = (): Promise<Heard | undefined> => {
    const one = heard.shift()
    if (one || isCut) return Promise.resolve(one)
    return new Promise(resolve => waiting.push(resolve))
  }
  const mustHear = async (): Promise<Heard> => {
    const one = await hear()
    if (!one) throw new Error('the line was cut')
    return one
  }
  const write: SandboxKiosk['write'] = (command, values = {}, fixed = {}) => {
    const message = messageOf(command, values, fixed, dialect, clock.now())
    sequence = dialect.constantSequence ? 0 : (sequence + 1) % 10
    const { encoding, delimiter, terminator, checksum } = dialect
    const made = buildMessage(
      { ...message, sequence: checksum === false ? null : sequence },
      { encoding, delimiter, terminator, checksum },
    )
    if (!made.ok) throw new Error(made.problem.say.en)
    return made.value
  }
  const say: SandboxKiosk['say'] = (command, values, fixed) => {
    last = write(command, values, fixed)
    socket.write(last)
    return mustHear()
  }
  return {
    login: async (user, password, location) => {
      const answer = await say('93', { CN: user, CO: password, CP: location })
      return answer.fixed.ok === '1'
    },
    say,
    write,
    repeat: () => {
      socket.write(last)
      return mustHear()
    },
    throw: bytes => {
      socket.write(bytes)
    },
    hear,
    get unheard() {
      return heard.length
    },
    deafen: () => {
      socket.pause()
    },
    cut,
    get isCut() {
      return isCut
    },
    close: () => {
      socket.destroy()
    },
  }
}

const hearing = (bytes: Uint8Array, { encoding, delimiter }: KioskDialect): Heard | undefined => {
  const parsed = parseMessage(bytes, { encoding, delimiter })
  if (isUnreadable(parsed)) return undefined
  return { ...parsed, bytes, get: id => field(parsed, id) ?? '', all: id => fieldsOf(parsed, id) }
}

/** Whole messages from what the caller cares about; the rest is as machines usually fill it in. */
const messageOf = (
  command: string,
  values: Values,
  fixed: Readonly<Record<string, string>>,
  dialect: KioskDialect,
  now: number,
): Message => {
  const type = messages.get(command)
  if (!type) throw new Error(`a kiosk says no ${command}`)
  const all: Values = { AO: dialect.institution, ...values }
  const ids = [...type.order, ...Object.keys(values).filter(id => !type.order.includes(id))]
  return {
    command,
    fixed: Object.fromEntries(
      type.fixed.map(({ name, kind, length }) => [
        name,
        fixed[name] ?? usual(name, kind === 'date' && name === 'date', dialect, now) ?? ' '.repeat(length),
      ]),
    ),
    fields: ids.flatMap((id): Field[] => {
      const value = all[id] ?? (type.required.includes(id) ? '' : undefined)
      return value === undefined ? [] : [[id, value]]
    }),
  }
}

const usual = (name: string, isDate: boolean, dialect: KioskDialect, now: number): string | undefined => {
  if (isDate) return sipDate(now, dialect.zone)
  const values: Readonly<Record<string, string>> = {
    language: dialect.language,
    status: '0',
    maxPrintWidth: '080',
    version: '2.00',
    uidAlgorithm: '0',
    pwdAlgorithm: '0',
    scRenewalPolicy: 'N',
    noBlock: 'N',
    thirdPartyAllowed: 'N',
    cardRetained: 'N',
    mode: '+',
    feeType: '01',
    paymentType: '00',
    currency: 'CNY',
  }
  return values[name]
}
