import { describe, expect, it } from 'vitest'
import { encode } from '../../src/adapters/ils/sip2/encodings.ts'
import { sip2Build, sip2Parse } from '../../src/main/sip2.ts'

const text = { raw: false, encoding: 'utf-8', delimiter: '|' } as const
const raw = { raw: true, encoding: 'gb18030', delimiter: '|' } as const

const parse = async (
  input: string | Uint8Array,
  options: Parameters<typeof sip2Parse>[1],
): Promise<string[]> => {
  const lines: string[] = []
  await sip2Parse([typeof input === 'string' ? Buffer.from(input) : input], options, line => lines.push(line))
  return lines
}

const build = async (
  lines: readonly string[],
  options: Omit<Parameters<typeof sip2Build>[1], 'terminator'>,
  terminator = '\r',
): Promise<{ bytes: Uint8Array; errors: string[] }> => {
  const parts: Uint8Array[] = []
  const errors: string[] = []
  await sip2Build(
    [Buffer.from(lines.join('\n'))],
    { ...options, terminator },
    bytes => parts.push(bytes),
    line => errors.push(line),
  )
  return { bytes: Buffer.concat(parts), errors }
}

const chinese = '1804000120261122    093000AB0000123456|AJ图书馆学基础|AH2026-12-22|AY3AZ'

describe('shuqiao sip2 parse', () => {
  it('prints exactly one line of JSON for each message', async () => {
    expect(await parse(`${chinese}E5CF\n941AY1AZFDFC\r\n`, text)).toEqual([
      '{"command":"18","name":"Item Information Response","fixed":{"circulationStatus":"04","securityMarker":"00","feeType":"01","date":"20261122    093000"},"fields":[["AB","0000123456"],["AJ","图书馆学基础"],["AH","2026-12-22"]],"sequence":3,"checksum":"ok","problems":[]}',
      '{"command":"94","name":"Login Response","fixed":{"ok":"1"},"fields":[],"sequence":1,"checksum":"ok","problems":[]}',
    ])
  })

  it('takes the checksum of a UTF-8 line over its bytes in the charset of the wire', async () => {
    const line = `${chinese}E990`
    expect(JSON.parse((await parse(line, { ...text, encoding: 'gb18030' }))[0]!)).toMatchObject({
      checksum: 'ok',
    })
    expect(JSON.parse((await parse(line, text))[0]!)).toMatchObject({ checksum: 'wrong' })
  })

  it('reads raw GB18030 bytes with any line end, and goes on after what cannot be read', async () => {
    const good = Buffer.from(encode(`${chinese}E990`, 'gb18030').bytes)
    const stream = Buffer.concat([good, Buffer.from('\r\nhello\n'), good, Buffer.from('\n\r'), good])
    const lines = await parse(stream, raw)
    expect(lines).toHaveLength(4)
    expect(JSON.parse(lines[1]!)).toEqual({ error: 'does not begin with a command of two digits' })
    for (const at of [0, 2, 3])
      expect(JSON.parse(lines[at]!)).toMatchObject({
        checksum: 'ok',
        fields: [
          ['AB', '0000123456'],
          ['AJ', '图书馆学基础'],
          ['AH', '2026-12-22'],
        ],
      })
  })

  it('passes over comments and empty lines of a text, and tells a message without end', async () => {
    const lines = await parse(`# a comment\n\n97AZFEF5\n18${'x'.repeat(70_000)}\n96AZFEF6\n`, text)
    expect(lines.map(line => JSON.parse(line).command ?? JSON.parse(line).error)).toEqual([
      '97',
      'longer than 65536 bytes',
      '96',
    ])
  })

  it('tells characters that the charset of the wire lacks', async () => {
    const [line] = await parse('941AF好|', { ...text, encoding: 'cp850' })
    expect(JSON.parse(line!)).toMatchObject({ fields: [['AF', '?']], problems: ['lacking: 好'] })
  })
})

describe('shuqiao sip2 build', () => {
  it.each([
    `${chinese}E5CF`,
    '97AZFEF5',
    '941|AY4AZFF62',
    '941',
    '9900002.00|AY0AZFC2D',
    '24              00119960212    100239AO|AA104000000105|AEJohn Doe|AFScreen Message|AGCheck Print message|AY2AZDFC4',
    '1720060110    215612AOBR1|ABno_such_barcode',
    '98YYYYNN02000320170329    1659432.0EAOlocation||AMlogin|BXYYYYYYYYYYYNNNNN|AN|',
    '2300119960212    100239AOid_21|AA104000000105|AC|AD|AY2AZf271',
    '64              00119980723    104009000100000002000100020000AO1|AA2|AEx|BLYBV7.00|CQN|',
  ])('gives back the bytes that were parsed: %s', async line => {
    const lines = await parse(line, text)
    expect((await build(lines, text)).bytes.toString()).toBe(`${line}\n`)
    const wire = await build(
      await parse(Buffer.from(line), { ...raw, encoding: 'utf-8' }),
      { ...raw, encoding: 'utf-8' },
      '\r\n',
    )
    expect(wire.bytes.toString()).toBe(`${line}\r\n`)
  })

  it('writes the charset of the wire with --raw', async () => {
    const wire = encode(`${chinese}E990\r`, 'gb18030').bytes
    expect(Buffer.from((await build(await parse(wire, raw), raw)).bytes)).toEqual(Buffer.from(wire))
  })

  it('tells a line that is no message and goes on', async () => {
    const login = { command: '94', fixed: { ok: '1' }, fields: [], sequence: 1, checksum: 'ok', problems: [] }
    const lines = [
      'not json',
      JSON.stringify({ ...login, command: 94 }),
      JSON.stringify({ ...login, fields: [['AF', 'a|ADx']] }),
      JSON.stringify({ ...login, checksum: 'wrong' }),
      JSON.stringify(login),
    ]
    const { bytes, errors } = await build(lines, text)
    expect(bytes.toString()).toBe('941AY1AZFDFC\n')
    expect(errors.map(line => JSON.parse(line).message)).toEqual([1, 2, 3, 4])
  })
})
