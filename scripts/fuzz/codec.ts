import {
  type BuildOptions,
  buildMessage,
  isUnreadable,
  type Message,
  type Parsed,
  parseMessage,
  rebuildMessage,
} from '../../src/adapters/ils/sip2/codec.ts'
import { decode, type Encoding, encode } from '../../src/adapters/ils/sip2/encodings.ts'
import { createSplitter } from '../../src/adapters/ils/sip2/framing.ts'
import { encodingOf, hostileMessage, junk, mutated, optionsOf, soundMessage } from './messages.ts'
import { hex, must, type Target, unhex } from './target.ts'

interface Sound {
  readonly message: Message
  readonly options: BuildOptions
}

/** What is built is what is parsed, whatever the message, the charset and the kind of sum. */
export const roundTrip: Target = {
  name: 'codec: parse(build(m)) = m',
  share: 15,
  inputs: 1,
  make: chance => {
    const encoding = encodingOf(chance)
    const options = { ...optionsOf(chance, encoding), delimiter: '|' }
    return { message: soundMessage(chance, encoding), options }
  },
  check: made => {
    const { message, options } = made as Sound
    const built = buildMessage(message, options)
    if (!built.ok) throw new Error(`not built: ${built.problem.code}`)
    const parsed = parseMessage(built.value, options)
    if (isUnreadable(parsed)) throw new Error(parsed.error)
    must(parsed.command === message.command, 'another command')
    must(same(parsed.fixed, message.fixed), 'another fixed part')
    must(same(parsed.fields, message.fields), 'other fields')
    must(
      parsed.checksum === 'absent' ? options.checksum === false : parsed.checksum !== 'wrong',
      'another sum',
    )
    if (options.checksum !== false && options.checksum !== 'dp2')
      must(parsed.sequence === message.sequence, 'another number')
    const again = rebuildMessage(parsed, options)
    must(again.ok && Buffer.compare(again.value, built.value) === 0, 'other bytes the second time')
  },
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A value can never add a field, or a message, or change another one. */
export const injection: Target = {
  name: 'codec: values stay values',
  share: 10,
  inputs: 1,
  make: chance => {
    const encoding = encodingOf(chance)
    return { message: hostileMessage(chance, encoding), options: optionsOf(chance, encoding) }
  },
  check: made => {
    const { message, options } = made as Sound
    const built = buildMessage(message, options)
    if (!built.ok) {
      must(['sip2-unsafe-value', 'sip2-impossible-message'].includes(built.problem.code), built.problem.code)
      return
    }
    const frames = createSplitter(65_536).push(built.value)
    must(frames.length === 1, `${frames.length} messages of one`)
    const parsed = parseMessage(built.value, options)
    if (isUnreadable(parsed)) throw new Error(parsed.error)
    const ids = parsed.fields.map(([id]) => id)
    must(
      same(
        ids,
        message.fields.map(([id]) => id),
      ),
      `fields ${ids.join(' ')}`,
    )
    must(parsed.command === message.command, 'another command')
    must(parsed.checksum !== 'wrong', 'a wrong sum')
  },
}

interface Wild {
  readonly bytes: string
  readonly encoding: Encoding
  readonly delimiter: string
  readonly lenientSplit: boolean
}

const lossy = ['undecodable', 'blank-segment', 'trailing-blanks']

/** Whatever comes is read or refused; what is read can be written again, byte by byte. */
export const wildBytes: Target = {
  name: 'codec: any bytes',
  share: 25,
  inputs: 1,
  make: chance => {
    const encoding = encodingOf(chance)
    const options = optionsOf(chance, encoding)
    const built = buildMessage(soundMessage(chance, encoding), options)
    const bytes = chance.once(6) || !built.ok ? junk(chance) : mutated(chance, built.value)
    const { delimiter = '|' } = options
    return { bytes: hex(bytes), encoding, delimiter, lenientSplit: chance.once(3) } satisfies Wild
  },
  check: made => {
    const { bytes, ...options } = made as Wild
    const wire = unhex(bytes)
    const parsed = parseMessage(wire, options)
    if (isUnreadable(parsed)) return
    must(/^\d\d$/.test(parsed.command), 'a command that is none')
    must(parsed.fields.length <= wire.length, 'more fields than bytes')
    for (const [id, value] of parsed.fields)
      must(options.lenientSplit || !(id + value).includes(options.delimiter), 'a delimiter in a field')
    if (options.lenientSplit || parsed.problems.some(problem => lossy.includes(problem))) return
    if (isAmbiguous(wire, options.encoding) || isGluedTwice(parsed)) return
    const rebuilt = rebuildMessage(parsed, { ...options, terminator: '' })
    if (rebuilt.ok) must(Buffer.compare(rebuilt.value, framed(wire)) === 0, 'other bytes when written again')
  },
}

/** Some charsets have two ways to write a character (80 and A2 E3 are both € in GB18030): one of them comes back. */
const isAmbiguous = (bytes: Uint8Array, encoding: Encoding): boolean =>
  Buffer.compare(encode(decode(bytes, encoding), encoding).bytes, bytes) !== 0

/** A field that is there twice and ran into the next one once: which of the two did is not told. */
const isGluedTwice = ({ fields, problems }: Parsed): boolean =>
  problems.some(problem => {
    const id = /^no-delimiter-after: (.*)$/.exec(problem)?.[1]
    return id !== undefined && fields.filter(([name]) => name === id).length > 1
  })

const framed = (bytes: Uint8Array): Uint8Array => {
  let from = 0
  let to = bytes.length
  while (from < to && [0, 10, 13, 32].includes(bytes[from]!)) from++
  while (to > from && (bytes[to - 1] === 13 || bytes[to - 1] === 10)) to--
  return bytes.subarray(from, to)
}

interface Pieces {
  readonly stream: string
  readonly cuts: readonly number[]
}

/** However the network cuts a stream, the same messages come out of it. */
export const cutStreams: Target = {
  name: 'framing: any cuts',
  share: 5,
  inputs: 4,
  make: chance => {
    const parts = Array.from({ length: 4 }, () => {
      const built = buildMessage(soundMessage(chance, 'gb18030'), optionsOf(chance, 'gb18030'))
      return built.ok && !chance.once(4) ? built.value : junk(chance)
    })
    const stream = Buffer.concat(parts)
    const cuts = Array.from({ length: chance.below(12) }, () => chance.below(stream.length + 1)).sort(
      (a, b) => a - b,
    )
    return { stream: hex(stream), cuts } satisfies Pieces
  },
  check: made => {
    const { stream, cuts } = made as Pieces
    const bytes = unhex(stream)
    const limit = 700
    const whole = createSplitter(limit)
    const expected = [...whole.push(bytes), ...whole.end()]
    const cut = createSplitter(limit)
    const found: typeof expected = []
    let from = 0
    for (const to of [...cuts, bytes.length]) {
      found.push(...cut.push(Uint8Array.prototype.slice.call(bytes, from, to)))
      must(cut.pending <= limit, 'more kept than allowed')
      from = to
    }
    found.push(...cut.end())
    must(same(found.map(plain), expected.map(plain)), 'other messages')
  },
}

const plain = (frame: { bytes?: Uint8Array; tooLong?: unknown }): string =>
  frame.bytes ? hex(frame.bytes) : 'too long'
