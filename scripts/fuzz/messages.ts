import type { BuildOptions, Message } from '../../src/adapters/ils/sip2/codec.ts'
import { type Encoding, encodings } from '../../src/adapters/ils/sip2/encodings.ts'
import { fields } from '../../src/adapters/ils/sip2/fields.ts'
import { type MessageType, messages } from '../../src/adapters/ils/sip2/messages.ts'
import type { Chance } from './random.ts'

const alphabets: Readonly<Record<Encoding, readonly string[]>> = {
  'utf-8': [...'东億質书桥图书馆abcXYZ019 -/，。éß😀𠮷☃'],
  gb18030: [...'東億質遼縷倈泑祙寍书桥图书馆abcXYZ019 -/，。😀é'],
  cp850: [...'abcXYZ019 éüßÇñ░ø-/'],
  'iso-8859-1': [...'abcXYZ019 éüßÇñøÿ-/'],
  ascii: [...'abcXYZ019 -/.:,~^'],
}
/** What does harm where it is believed: ends, delimiters, ids, sums, and characters a charset lacks. */
const hostile = [
  '|',
  '|AD',
  '|AY1AZ',
  '\r',
  '\n',
  '\r1100',
  '\0',
  '\u0007',
  '\u0085',
  '\u2028',
  '\ud800',
  '\ufffd',
  '^',
  'AY0AZFFFF',
  '東',
  '億',
  '😀',
  '%7C',
  '￼',
  '\u202e',
]

const types = [...messages.values()]
const everyId = [...fields.keys(), 'U5', 'ZZ', 'FA']
const dates = [
  '20261122    093000',
  '202611220000093000',
  '20261122   H093000',
  ' '.repeat(18),
  '0'.repeat(18),
]

const value = (chance: Chance, encoding: Encoding): string => {
  const length = chance.once(40) ? 200 + chance.below(54) : chance.below(14)
  let text = ''
  while (text.length < length) text += chance.of(alphabets[encoding])
  return text.trim()
}

const fixedOf = (chance: Chance, type: MessageType): Record<string, string> => {
  const fixed: Record<string, string> = {}
  for (const { name, kind, length } of type.fixed) {
    if (kind === 'date') fixed[name] = chance.of(dates)
    else if (kind === 'version') fixed[name] = chance.of(['2.00', '1.00', '2.0E'])
    else fixed[name] = Array.from({ length }, () => chance.of([...'YN01 '])).join('')
  }
  return fixed
}

/** A message as it should be, in a charset. One-character fields hold one. */
export const soundMessage = (chance: Chance, encoding: Encoding, type = chance.of(types)): Message => {
  const list: [string, string][] = []
  const count = chance.below(9)
  for (let i = 0; i < count; i++) {
    const id = chance.once(3) ? chance.of(everyId) : chance.of(type.order.length > 0 ? type.order : everyId)
    list.push([id, fields.get(id)?.length === 1 ? chance.of(['Y', 'N']) : value(chance, encoding)])
  }
  const sequence = chance.once(6) ? null : chance.below(10)
  return { command: type.command, fixed: fixedOf(chance, type), fields: list, sequence }
}

/** The same with values that try to be more than values. */
export const hostileMessage = (chance: Chance, encoding: Encoding): Message => {
  const message = soundMessage(chance, encoding)
  return {
    ...message,
    fields: message.fields.map(([id, text]) => {
      const at = chance.below(text.length + 1)
      return [id, text.slice(0, at) + chance.of(hostile) + text.slice(at)]
    }),
  }
}

export const encodingOf = (chance: Chance): Encoding => chance.of(encodings)

export const optionsOf = (chance: Chance, encoding: Encoding): BuildOptions => ({
  encoding,
  delimiter: chance.once(8) ? '^' : '|',
  checksum: chance.of([true, true, true, false, 'utf-16', 'dp2'] as const),
  terminator: chance.of(['\r', '\r\n', '\n']),
})

const splices = [
  '|',
  '||',
  'AY1AZ',
  'AZ',
  '\r',
  '\n',
  '\r\n',
  '\0',
  '  ',
  'AB',
  'AA|',
  '64',
  '11NN',
  '\xff',
  '\x81',
  '\xe5',
  'é',
  '^',
]

/** Bytes with something wrong: bits, stretches left out, doubled, moved, put in; or the end missing. */
export const mutated = (chance: Chance, bytes: Uint8Array): Uint8Array => {
  let out = Buffer.from(bytes)
  const times = 1 + chance.below(4)
  for (let i = 0; i < times; i++) {
    const at = chance.below(out.length + 1)
    const to = Math.min(out.length, at + 1 + chance.below(12))
    switch (chance.below(7)) {
      case 0:
        if (at < out.length) out[at] = chance.below(256)
        break
      case 1:
        out = Buffer.concat([out.subarray(0, at), out.subarray(to)])
        break
      case 2:
        out = Buffer.concat([out.subarray(0, to), out.subarray(at)])
        break
      case 3:
        out = Buffer.concat([
          out.subarray(0, at),
          Buffer.from(chance.of(splices), 'latin1'),
          out.subarray(at),
        ])
        break
      case 4:
        out = out.subarray(0, at)
        break
      case 5:
        if (at < out.length) out[at] = out[at]! ^ (1 << chance.below(8))
        break
      default:
        out = Buffer.concat([out.subarray(at), out.subarray(0, at)])
    }
  }
  return out
}

/** Bytes that were never a message, behind a command or not. */
export const junk = (chance: Chance): Uint8Array => {
  const head = chance.of(['', '', '64', '12', '98', '63', '11', '09', '77', '93'])
  const body = Uint8Array.from({ length: chance.below(chance.once(50) ? 3000 : 90) }, () => chance.below(256))
  return Buffer.concat([Buffer.from(head), body])
}
