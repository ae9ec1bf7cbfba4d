import { describe, expect, it } from 'vitest'
import { decode, encode, encodings } from '../../../../src/adapters/ils/sip2/encodings.ts'

describe('the charsets', () => {
  it.each(encodings)('%s writes every character it knows so that it reads back the same', encoding => {
    const wrong: string[] = []
    for (let code = 0; code <= 0xffff; code++) {
      const char = String.fromCharCode(code)
      const { bytes, lacking } = encode(char, encoding)
      const back = decode(bytes, encoding)
      if (back !== (lacking.length === 0 ? char : '?')) wrong.push(code.toString(16))
    }
    expect(wrong).toEqual([])
  })

  it.each([
    ['utf-8', '图é', 'e59bbec3a9'],
    ['gb18030', '图東é', 'cdbc967c a8a6'],
    ['cp850', 'é', '82'],
    ['iso-8859-1', 'é', 'e9'],
    ['ascii', 'A', '41'],
  ] as const)('%s writes %s as %s', (encoding, text, hex) => {
    expect(Buffer.from(encode(text, encoding).bytes).toString('hex')).toBe(hex.replaceAll(' ', ''))
  })

  it('tell each character they lack once and write ? for it', () => {
    const { bytes, lacking } = encode('é好a好', 'ascii')
    expect(Buffer.from(bytes).toString()).toBe('??a?')
    expect(lacking).toEqual(['é', '好'])
    expect(encode('a\ud800b', 'gb18030')).toMatchObject({ lacking: ['\ud800'] })
    expect(encode('a\ud800b', 'utf-8')).toMatchObject({ lacking: ['\ud800'] })
  })

  it('gb18030 holds what lies outside the basic plane, and all of GBK', () => {
    expect(decode(encode('𠮷😀', 'gb18030').bytes, 'gb18030')).toBe('𠮷😀')
    expect(decode(Buffer.from('c4e3bac3', 'hex'), 'gb18030')).toBe('你好')
  })
})
