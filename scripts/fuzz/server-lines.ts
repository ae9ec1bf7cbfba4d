import { buildMessage, type Message } from '../../src/adapters/ils/sip2/codec.ts'
import type { Encoding } from '../../src/adapters/ils/sip2/encodings.ts'
import { messages } from '../../src/adapters/ils/sip2/messages.ts'
import { junk, mutated, soundMessage } from './messages.ts'
import type { Chance } from './random.ts'

/** What machines really say, so that damage to it comes close to something that is carried out. */
const requests = [...messages.values()].filter(({ to }) => to === 'acs')
const date = '20261122    093000'
const blank = ' '.repeat(18)

const usual = (chance: Chance): Message => {
  const card = chance.of(['R0001', 'R0002', ''])
  const item = chance.of(['B0001', 'B0002', 'OURS1', '東B3', ''])
  const sequence = chance.once(5) ? null : chance.below(10)
  const make = (command: string, fixed: Message['fixed'], fields: Message['fields']): Message => ({
    command,
    fixed,
    fields,
    sequence,
  })
  const noBlock = chance.of(['N', 'N', 'Y'])
  switch (chance.below(7)) {
    case 0:
      return make('11', { scRenewalPolicy: 'N', noBlock, date, nbDueDate: blank }, [
        ['AO', 'L'],
        ['AA', card],
        ['AB', item],
        ['AC', ''],
        ...(chance.once(4) ? [['BI', 'Y'] as const] : []),
      ])
    case 1:
      return make('09', { noBlock, date, returnDate: date }, [
        ['AP', 'GSQ'],
        ['AO', 'L'],
        ['AB', item],
        ['AC', ''],
      ])
    case 2:
      return make('29', { thirdPartyAllowed: 'N', noBlock: 'N', date, nbDueDate: blank }, [
        ['AO', 'L'],
        ['AA', card],
        ['AB', item],
      ])
    case 3:
      return make('63', { language: '019', date, summary: ' Y        ' }, [
        ['AO', 'L'],
        ['AA', card],
        ['AD', '1234'],
      ])
    case 4:
      return make('17', { date }, [
        ['AO', 'L'],
        ['AB', item],
      ])
    case 5:
      return make('15', { mode: '+', date }, [
        ['AO', 'L'],
        ['AA', card],
        ['AB', item],
      ])
    default:
      return { ...soundMessage(chance, 'utf-8', chance.of(requests)), sequence }
  }
}

export const logIn: Message = {
  command: '93',
  fixed: { uidAlgorithm: '0', pwdAlgorithm: '0' },
  fields: [
    ['CN', 'hall'],
    ['CO', 'open sesame'],
  ],
  sequence: 0,
}

/** Lines of one machine: sound ones, damaged ones, repeated ones, and what is none. Most log in first. */
export const linesOf = (chance: Chance, encoding: Encoding, count: number): Uint8Array[] => {
  const lines: Uint8Array[] = []
  const write = (message: Message): Uint8Array => {
    const checksum = chance.of([true, true, true, false, 'utf-16'] as const)
    const built = buildMessage(message, { encoding, checksum, terminator: '' })
    return built.ok ? built.value : Buffer.from('97AZFEF5')
  }
  const first = write(logIn)
  lines.push(chance.once(5) ? mutated(chance, first) : first)
  while (lines.length < count) {
    const last = lines.at(-1)!
    const kind = chance.below(10)
    if (kind === 0) lines.push(junk(chance))
    else if (kind === 1) lines.push(last)
    else if (kind === 2) lines.push(Buffer.from('97AZFEF5'))
    else if (kind < 6) lines.push(write(usual(chance)))
    else lines.push(mutated(chance, write(usual(chance))))
  }
  return lines
}
