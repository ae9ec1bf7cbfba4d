import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  buildMessage,
  field,
  fieldsOf,
  isUnreadable,
  type Message,
  type Parsed,
  parseMessage,
  rebuildMessage,
} from '../../../../src/adapters/ils/sip2/codec.ts'
import { type Encoding, encode, encodings } from '../../../../src/adapters/ils/sip2/encodings.ts'
import { messages } from '../../../../src/adapters/ils/sip2/messages.ts'

const parse = (
  text: string,
  encoding: Encoding = 'utf-8',
  more: { delimiter?: string; lenientSplit?: boolean } = {},
): Parsed => {
  const parsed = parseMessage(encode(text, encoding).bytes, { encoding, ...more })
  if (isUnreadable(parsed)) throw new Error(parsed.error)
  return parsed
}

const built = (message: Message, options: Partial<Parameters<typeof buildMessage>[1]> = {}): string => {
  const answer = buildMessage(message, { encoding: 'utf-8', checksum: false, terminator: '', ...options })
  return answer.ok ? Buffer.from(answer.value).toString('latin1') : answer.problem.code
}

const item = (fields: Message['fields'], sequence?: number): Message => ({
  command: '17',
  fixed: { date: '20261122    093000' },
  fields,
  ...(sequence === undefined ? {} : { sequence }),
})

describe('checksums of the worked examples', () => {
  it.each([
    ['97AZ', 'FEF5'],
    ['96AZ', 'FEF6'],
    ['941AY0AZ', 'FDFD'],
    ['9900802.00AY1AZ', 'FCA0'],
    ['9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZ', 'EC7B'],
    ['2300119960212    100239AOid_21|AA104000000105|AC|AD|AY2AZ', 'F271'],
    ['1720230822    152339AO|ABSomeBarcode|AC|AY1AZ', 'F399'],
    ['1804000120261122    093000AB0000123456|AJ图书馆学基础|AH2026-12-22|AY3AZ', 'E5CF'],
  ])('%s -> %s', (text, digits) => {
    expect(parse(text + digits)).toMatchObject({ checksum: 'ok', problems: [] })
    expect(parse(text + digits.toLowerCase()).checksum).toBe('ok')
    expect(parse(`${text}1234`)).toMatchObject({ checksum: 'wrong', problems: ['checksum-written: 1234'] })
  })

  it('are sums of the bytes of the charset, or, from some senders, of UTF-16 units', () => {
    const text = '1804000120261122    093000AB0000123456|AJ图书馆学基础|AH2026-12-22|AY3AZ'
    expect(parse(`${text}E990`, 'gb18030').checksum).toBe('ok')
    expect(parse(`${text}8859`, 'gb18030').checksum).toBe('ok:utf-16')
  })

  it('may lack their leading zeros, or AY, or both', () => {
    const sum = [...'941AF'].reduce((total, char) => total + char.charCodeAt(0), 0)
    const filler = 0x10000 - 0x0f - sum - '|'.charCodeAt(0) - 'A'.charCodeAt(0) - 'Z'.charCodeAt(0)
    const value = '~'.repeat(Math.floor(filler / 126) - 1)
    const rest = filler - value.length * 126
    const text = `941AF${value}${String.fromCharCode(Math.floor(rest / 2), Math.ceil(rest / 2))}|AZ`
    expect(parse(`${text}F`)).toMatchObject({ checksum: 'ok', sequence: null })
    expect(parse(`${text}F`).problems).toContain('checksum-written: F')
    expect(parse(`${text}000F`).problems).not.toContain('checksum-written: 000F')
  })
})

describe('reading a message', () => {
  it.each(['6520261122    093000|AY4AZfC59', '6520261122    093000|AY4AZFC59'])(
    'is written again as it was with a sum in the manner of dp2 behind no field: %s',
    text => {
      const again = rebuildMessage(parse(text), { encoding: 'utf-8', terminator: '' })
      expect(again.ok && Buffer.from(again.value).toString()).toBe(text)
    },
  )

  it('sums over characters are over those that are sent in place of others', () => {
    const message = item([['AJ', 'é好']], 1)
    const answer = buildMessage(message, { encoding: 'iso-8859-1', checksum: 'utf-16', terminator: '\r' })
    const parsed = answer.ok && parseMessage(answer.value, { encoding: 'iso-8859-1' })
    expect(parsed).toMatchObject({ fields: [['AJ', 'é?']], checksum: expect.stringMatching(/^ok/) })
  })

  it('looks for AY and AZ at the very end only', () => {
    const parsed = parse('1804000120261122    093000AB1|AJHow AY1AZFFFF came to be AZ1234|')
    expect(parsed).toMatchObject({ sequence: null, checksum: 'absent' })
    expect(field(parsed, 'AJ')).toBe('How AY1AZFFFF came to be AZ1234')
    expect(parse('1804000120261122    093000AB1|AJWAZ12')).toMatchObject({ checksum: 'absent' })
  })

  it.each(['東京の本', '億萬', '質量', '遼寧', '縷', '倈', '泑祙寍'])(
    'does not take the second byte 0x7C of GB18030 for a delimiter: %s',
    title => {
      const bytes = Buffer.from(
        encode(`1804000120261122    093000AB1|AJ${title}|AH2026-12-22|`, 'gb18030').bytes,
      )
      expect(bytes.toString('latin1').split('|').length).toBeGreaterThan(4)
      const parsed = parse(`1804000120261122    093000AB1|AJ${title}|AH2026-12-22|`, 'gb18030')
      expect(parsed.fields).toEqual([
        ['AB', '1'],
        ['AJ', title],
        ['AH', '2026-12-22'],
      ])
    },
  )

  it('does not take the second byte of a GB18030 character for the A of AY', () => {
    const bytes = Buffer.concat([Buffer.from('941AF'), Buffer.from([0x81]), Buffer.from('AY1AZFFFF')])
    const parsed = parseMessage(bytes, { encoding: 'gb18030' })
    expect(parsed).toMatchObject({ checksum: 'absent', sequence: null, fields: [['AF', '丄Y1AZFFFF']] })
    expect(parseMessage(bytes, { encoding: 'iso-8859-1' })).toMatchObject({ checksum: 'wrong', sequence: 1 })
  })

  it.each([
    ['gb18030', [0xff], ['undecodable']],
    ['gb18030', [0x81, 0x20], ['undecodable']],
    ['utf-8', [0xc2, 0x85], ['control-character: AF']],
    ['utf-8', [0xe2, 0x80, 0xa8], ['control-character: AF']],
    ['utf-8', [0xe5, 0x9b], ['undecodable']],
    ['utf-8', [0x07], ['control-character: AF']],
    ['iso-8859-1', [0x85], ['control-character: AF']],
    ['ascii', [0xe9], ['undecodable']],
    ['ascii', [0x7f], ['control-character: AF']],
    ['utf-8', [0xe2, 0x80, 0x94], []],
  ] as const)('tells what should not be in a value: %s %j', (encoding, odd, problems) => {
    const bytes = Buffer.concat([Buffer.from('941AFa'), Buffer.from(odd), Buffer.from('|')])
    const parsed = parseMessage(bytes, { encoding })
    expect('problems' in parsed && parsed.problems.filter(text => text !== 'no-final-delimiter')).toEqual(
      problems,
    )
  })

  it('skips empty segments and goes on behind them', () => {
    const parsed = parse('9300|CNa||COb|||CPc|')
    expect(parsed.fields).toEqual([
      ['CN', 'a'],
      ['CO', 'b'],
      ['CP', 'c'],
    ])
    expect(parsed.problems).toEqual([
      'empty-segment: 0',
      'empty-segment: 1',
      'empty-segment: 2',
      'empty-segment: 2',
    ])
  })

  it('keeps repeated fields in order and lets the first of a wrongly repeated one win', () => {
    const parsed = parse('941AFone|AFtwo|AGprint|AJx|AJy|')
    expect(fieldsOf(parsed, 'AF')).toEqual(['one', 'two'])
    expect(field(parsed, 'AJ')).toBe('x')
    expect(parsed.problems).toEqual(['repeated-field: AJ'])
  })

  it('finds the field that ran into a one-character field, and passes over padding', () => {
    const parsed = parse(
      `24              01920261122    093000AO|AA1|AEx|BLYBV7.00|CQN|${' '.repeat(150)}AY1AZ0000`,
    )
    expect(parsed.fields).toEqual([
      ['AO', ''],
      ['AA', '1'],
      ['AE', 'x'],
      ['BL', 'Y'],
      ['BV', '7.00'],
      ['CQ', 'N'],
    ])
    expect(parsed.sequence).toBe(1)
  })

  it('splits only before ids where the profile says that values hold the delimiter', () => {
    const text =
      '64              01920261122    093000000000000000000000000000AO|AA1|AEx|BEleona|rdr@|bar.com|AFok||AY1AZ0000'
    expect(field(parse(text, 'utf-8', { lenientSplit: true }), 'BE')).toBe('leona|rdr@|bar.com')
    expect(field(parse(text, 'utf-8', { lenientSplit: true }), 'AF')).toBe('ok')
    expect(field(parse(text), 'BE')).toBe('leona')
    const many = parse(`941AFa${'|'.repeat(60_000)}b|AGx|y||`, 'utf-8', { lenientSplit: true })
    expect(many.fields.map(([id, value]) => [id, value.length])).toEqual([
      ['AF', 60_002],
      ['AG', 3],
    ])
  })

  it('keeps ids it does not know', () => {
    expect(parse('941KCI287.45/L083|U1x|').fields).toEqual([
      ['KC', 'I287.45/L083'],
      ['U1', 'x'],
    ])
  })

  it.each([
    ['', 'too short for a message'],
    ['\r\n \0', 'too short for a message'],
    ['9', 'too short for a message'],
    ['AB1|', 'does not begin with a command of two digits'],
    ['94\0', 'a NUL inside'],
    ['941\r942', 'a line end inside'],
  ])('says why %j is none', (text, error) => {
    expect(parseMessage(Buffer.from(text), { encoding: 'utf-8' })).toEqual({ error })
  })
})

describe('writing a message', () => {
  it('adds sequence and checksum over the bytes as encoded', () => {
    expect(built(item([['AO', ''], ['ABX', ''] as never]))).toBe('sip2-impossible-message')
    expect(
      built(
        { command: '94', fixed: { ok: '1' }, fields: [], sequence: 0 },
        { checksum: true, terminator: '\r' },
      ),
    ).toBe('941AY0AZFDFD\r')
    expect(built({ command: '97', fixed: {}, fields: [] }, { checksum: true })).toBe('97AZFEF5')
    expect(built({ command: '94', fixed: { ok: '1' }, fields: [], sequence: 4 }, { checksum: 'dp2' })).toBe(
      '941|AY4AZFF62',
    )
  })

  const strict = ['AA', 'AB', 'AC', 'AD', 'AO', 'AP', 'BS', 'CN', 'CO', 'CP', 'CG', 'BK']
  const unsafe = ['a|ADx', 'a\rb', 'a\nb', 'a\0b', 'a\u0007b', 'x'.repeat(256)]
  it.each(strict.flatMap(id => unsafe.map(value => [id, value] as const)))(
    'refuses an identifier or secret that could add a field or a message: %s %j',
    (id, value) => {
      expect(built(item([[id, value]]))).toBe('sip2-unsafe-value')
      for (const encoding of encodings)
        for (const title of ['plain', encoding === 'ascii' || encoding === 'cp850' ? 'x' : '°é'])
          expect(
            built(
              item(
                [
                  ['AJ', title],
                  [id, value],
                ],
                3,
              ),
              { checksum: true, encoding },
            ),
          ).toBe('sip2-unsafe-value')
    },
  )

  it.each(['a\u0085b', 'a\u2028b', 'é\u009f', '好\u2029', '東\u0007', '好|'])(
    'lets no other control character or delimiter into free text: %j',
    value => {
      for (const encoding of ['utf-8', 'gb18030'] as const) {
        const answer = buildMessage(item([['AJ', value]], 1), { encoding, checksum: true, terminator: '\r' })
        const parsed = answer.ok ? parseMessage(answer.value, { encoding }) : { error: 'not built' }
        if (isUnreadable(parsed)) throw new Error(parsed.error)
        expect(parsed).toMatchObject({ checksum: 'ok', problems: ['missing-field: AO', 'missing-field: AB'] })
        expect(field(parsed, 'AJ')).toBe(value.replace(/[\u0007\u0085\u009f\u2028\u2029|]/g, ' '))
      }
    },
  )

  it('refuses an identifier the charset cannot write, and never tells its value', () => {
    const answer = buildMessage(item([['AD', '密码']]), {
      encoding: 'cp850',
      checksum: false,
      terminator: '\r',
    })
    expect(answer).toMatchObject({ ok: false, problem: { kind: 'refused', code: 'sip2-unsafe-value' } })
    expect(JSON.stringify(answer)).not.toContain('密码')
  })

  it('turns what is unsafe in free text into blanks, cuts it, and says so', () => {
    const notes: string[] = []
    const text = built(
      item([
        ['AJ', 'a|b\r17'],
        ['AF', 'é好'],
        ['AG', 'y'.repeat(300)],
      ]),
      {
        encoding: 'iso-8859-1',
        note: what => notes.push(what),
      },
    )
    expect(text).toBe(`1720261122    093000AJa b 17|AFé?|AG${'y'.repeat(255)}|`)
    expect(notes).toEqual(['replaced: AJ', 'lacking: AF 好', 'cut: AG'])
  })

  it('keeps other separators apart as well', () => {
    expect(
      built(
        item([
          ['AB', 'a|b'],
          ['AJ', 'x^y'],
        ]),
        { delimiter: '^' },
      ),
    ).toBe('1720261122    093000ABa|b^AJx y^')
    expect(built(item([['AB', 'a^b']]), { delimiter: '^' })).toBe('sip2-unsafe-value')
  })

  it('puts an ASCII field last for servers that drop other characters from the end', () => {
    const last = (fields: Message['fields']): string =>
      Buffer.from(built(item(fields), { trailingAsciiField: true }), 'latin1')
        .toString('utf8')
        .slice(20)
    expect(
      last([
        ['AO', 'a'],
        ['AB', '图书'],
      ]),
    ).toBe('AB图书|AOa|')
    expect(
      last([
        ['AC', ''],
        ['AB', '图书'],
      ]),
    ).toBe('AB图书|AC|')
    expect(last([['AB', '图书']])).toBe('AB图书|AC|')
    expect(last([['AB', '1']])).toBe('AB1|')
  })

  it('refuses a sequence number that is no digit', () => {
    for (const sequence of [-1, 10, 1.5, Number.NaN])
      expect(built(item([], sequence), { checksum: true })).toBe('sip2-impossible-message')
  })

  it('refuses a fixed part that does not fit', () => {
    expect(built({ command: '17', fixed: { date: 'today' }, fields: [] })).toBe('sip2-impossible-message')
    expect(built({ command: '17', fixed: {}, fields: [] })).toBe('sip2-impossible-message')
    expect(built({ command: '17', fixed: { date: '20261122|ABx093000' }, fields: [] })).toBe(
      'sip2-impossible-message',
    )
    expect(built({ command: '41', fixed: {}, fields: [] })).toBe('sip2-impossible-message')
  })
})

const alphabets: Record<Encoding, fc.Arbitrary<string>> = {
  'utf-8': fc.string({ unit: 'grapheme', maxLength: 60 }),
  gb18030: fc.string({
    unit: fc.constantFrom(...'東億質遼縷倈書橋图书馆abcXYZ019 -/，。😀é|^'),
    maxLength: 60,
  }),
  cp850: fc.string({ unit: fc.constantFrom(...'abcXYZ019 éüßÇñ░ø'), maxLength: 60 }),
  'iso-8859-1': fc.string({ unit: fc.constantFrom(...'abcXYZ019 éüßÇñøÿ'), maxLength: 60 }),
  ascii: fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
}

const oneCharacter = new Set(['BI', 'BL', 'BO', 'BY', 'CI', 'CQ'])

const anyMessage = (encoding: Encoding): fc.Arbitrary<Message> => {
  const value = alphabets[encoding].filter(text => !/[|\p{C}\p{Zl}\p{Zp}]/u.test(text) && text.length < 200)
  return fc.constantFrom(...messages.values()).chain(type =>
    fc.record({
      command: fc.constant(type.command),
      fixed: fc
        .tuple(...type.fixed.map(part => fixedPart(part.kind, part.length)))
        .map(values => Object.fromEntries(type.fixed.map((part, i) => [part.name, values[i]!]))),
      fields: fc.array(
        fc
          .constantFrom(...type.order, 'KC', 'U5')
          .chain(id => fc.tuple(fc.constant(id), oneCharacter.has(id) ? fc.constantFrom('Y', 'N') : value)),
      ),
      sequence: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }),
    }),
  )
}

const fixedPart = (kind: string, length: number): fc.Arbitrary<string> => {
  if (kind === 'date')
    return fc.constantFrom('20261122    093000', '202611220000093000', '20261122   H093000', ' '.repeat(18))
  if (kind === 'version') return fc.constantFrom('2.00', '1.00', '2.0E')
  return fc.string({ unit: fc.constantFrom(...'YN01 abc-+*'), minLength: length, maxLength: length })
}

describe.each(encodings)('over %s', encoding => {
  it('what was built is what is parsed, whatever the message', () => {
    fc.assert(
      fc.property(
        anyMessage(encoding),
        fc.constantFrom(true, false, 'utf-16', 'dp2') as fc.Arbitrary<boolean | 'utf-16' | 'dp2'>,
        (message, checksum) => {
          const answer = buildMessage(message, { encoding, checksum, terminator: '\r' })
          if (!answer.ok) throw new Error(answer.problem.say.en)
          const parsed = parseMessage(answer.value, { encoding })
          if (isUnreadable(parsed)) throw new Error(parsed.error)
          expect(parsed.command).toBe(message.command)
          expect(parsed.fixed).toEqual(message.fixed)
          expect(parsed.fields).toEqual(message.fields)
          const ran = checksum !== false
          expect(parsed.checksum.startsWith('ok')).toBe(ran)
          if (ran && checksum !== 'dp2') expect(parsed.sequence).toBe(message.sequence)
          const again = rebuildMessage(parsed, { encoding, terminator: '\r' })
          expect(again.ok && Buffer.from(again.value)).toEqual(Buffer.from(answer.value))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('bytes broken anywhere are read or refused, never thrown at', () => {
    fc.assert(
      fc.property(
        anyMessage(encoding),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        fc.nat(),
        fc.boolean(),
        (message, changes, cut, lenientSplit) => {
          const answer = buildMessage(message, { encoding, checksum: true, terminator: '\r' })
          if (!answer.ok) throw new Error(answer.problem.say.en)
          const bytes = Uint8Array.from(answer.value)
          for (const [at, value] of changes) bytes[at % bytes.length] = value
          const parsed = parseMessage(bytes.subarray(0, bytes.length - (cut % 8)), { encoding, lenientSplit })
          expect('error' in parsed || parsed.command.length === 2).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('any bytes at all are read or refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom('', '64', '12', '98', '65', '77'),
        (bytes, head) => {
          const parsed = parseMessage(Buffer.concat([Buffer.from(head), bytes]), { encoding })
          expect('error' in parsed || Array.isArray(parsed.fields)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})
