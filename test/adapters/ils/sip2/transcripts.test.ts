import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { isUnreadable, parseMessage, rebuildMessage } from '../../../../src/adapters/ils/sip2/codec.ts'

const path = fileURLToPath(new URL('../../../../../shared/data/sip2/transcripts.txt', import.meta.url))
const present = existsSync(path)
if (!present) console.log(`not run: ${path} is not there`)

/** Length of the command and the fixed part, kept apart from the codec's own table. */
const heads: Record<string, number> = {
  '01': 21,
  '09': 39,
  '10': 24,
  '11': 40,
  '12': 24,
  '15': 21,
  '16': 22,
  '17': 20,
  '18': 26,
  '19': 20,
  '20': 21,
  '23': 23,
  '24': 37,
  '25': 20,
  '26': 37,
  '29': 40,
  '30': 24,
  '35': 20,
  '36': 21,
  '37': 27,
  '38': 21,
  '63': 33,
  '64': 61,
  '65': 20,
  '66': 29,
  '93': 4,
  '94': 3,
  '96': 2,
  '97': 2,
  '98': 36,
  '99': 10,
}

interface Sample {
  readonly line: string
  readonly verdict: string
}

const samples = (): Sample[] => {
  const found: Sample[] = []
  let mark = ''
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.startsWith('#@')) mark = line
    else if (line === '' || line.startsWith('#')) mark = ''
    else {
      found.push({ line, verdict: marked(mark, line) })
      mark = ''
    }
  }
  return found
}

const marked = (mark: string, line: string): string => {
  if (mark.startsWith('#@ WRONG')) return 'wrong'
  if (mark.startsWith('#@ dp2')) return 'ok:dp2'
  if (mark.startsWith('#@ ok utf-16')) return 'ok:utf-16'
  return /AZ[0-9A-F]{4}$/.test(line) ? 'ok' : 'absent'
}

/** Four lines do not have the fixed part their command must have; what they should give is written out here. */
const odd: Record<string, { fixed: Record<string, string>; first: readonly [string, string] | undefined }> = {
  '65AOBanjo|AApaul|ADfoo|BON|AY0AZF4EA': { fixed: { date: '' }, first: ['AO', 'Banjo'] },
  '990401.00|AY1AZFC59': { fixed: { status: '0', maxPrintWidth: '40', version: '1.00' }, first: undefined },
  '64FOOBAR|AY1AZFBFB': { fixed: { patronStatus: 'FOOBAR' }, first: undefined },
  '771': { fixed: { text: '1' }, first: undefined },
}
const shortDate = '64              00119980723 1040090001'

describe.skipIf(!present)('messages collected from documents, tests and logs of other projects', () => {
  const all = present ? samples() : []

  it('are many', () => {
    expect(all.length).toBeGreaterThan(240)
  })

  it.each(all)('has the checksum its mark tells: $verdict $line', ({ line, verdict }) => {
    expect(parseMessage(Buffer.from(line), { encoding: 'utf-8' })).toMatchObject({ checksum: verdict })
  })

  it.each(all)('has the fields that stand between its delimiters: $line', ({ line }) => {
    const parsed = parseMessage(Buffer.from(line), { encoding: 'utf-8' })
    if (isUnreadable(parsed)) throw new Error(parsed.error)
    const known = odd[line]
    if (known) {
      expect(parsed.fixed).toMatchObject(known.fixed)
      expect(parsed.fields[0]).toEqual(known.first)
      return
    }
    if (line.startsWith(shortDate)) {
      expect(parsed.fixed).toMatchObject({
        date: '19980723 104009',
        holdCount: '0001',
        unavailableHoldCount: '0000',
      })
      expect(parsed.fields[0]).toEqual(['AO', 'InstitutionID for PatronID'])
      return
    }
    const head = heads[parsed.command]!
    const fieldText = line.slice(head).replace(/(AY\d)?AZ[0-9A-F]{4}$/, '')
    const expected = fieldText
      .split('|')
      .filter(segment => segment !== '')
      .map(segment => [segment.slice(0, 2), segment.slice(2)])
    expect(parsed.fields).toEqual(expected)
    expect(parsed.command + Object.values(parsed.fixed).join('')).toBe(line.slice(0, head))
  })

  it.each(all)('is written again byte by byte: $line', ({ line }) => {
    const parsed = parseMessage(Buffer.from(line), { encoding: 'utf-8' })
    if (isUnreadable(parsed)) throw new Error(parsed.error)
    const built = rebuildMessage(parsed, { encoding: 'utf-8', terminator: '' })
    expect(built.ok && Buffer.from(built.value).toString('utf8')).toBe(line)
  })
})
