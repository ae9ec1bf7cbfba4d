import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recognise } from '../../../src/lockers/vendors/known-frames.ts'
import { bytes } from './check-frames.ts'

const families = (hex: string): readonly string[] => recognise(bytes(hex)).map(one => one.family)

describe('frames that are told by sight', () => {
  it('are found among junk and counted, and the likeliest family comes first', () => {
    expect(recognise(bytes('FF 00 8A 03 05 11 9D 80 03 05 33 B5 7E'))).toMatchObject([
      { family: 'xor-8a', driven: true, frames: 2, bytes: 10 },
    ])
  })

  it('tell what hangs on a line although there is no driver for it, and say so in plain words', () => {
    const [only, ...more] = recognise(bytes('5A 5A 00 03 00 04 00 01 07 01'))
    expect(more).toEqual([])
    expect(only).toMatchObject({ family: 'x5a5a', driven: false })
    expect(only?.say.en).toContain('not supported')
    expect(families('F3 00 08 11 10 01 00 00 00 02 0A')).toEqual(['f3-lrc'])
    expect(families(Buffer.from('sync,02,01101100000000D7').toString('hex'))).toEqual(['comm-ascii'])
  })

  it('tell boards that share their first byte apart by their length and check', () => {
    expect(families('02 30 30 03 65')).toEqual(['kerong-cu'])
    expect(families('02 05 00 60 03 6A')).toEqual(['kerong-cu48'])
    expect(families('06 05 00 03 FF 00 7D 8D')).toEqual(['modbus-rtu'])
    expect(families('00 07 00 00 00 06 02 02 00 00 00 08')).toEqual(['modbus-tcp'])
    expect(families('00 07 00 00 00 07 02 02 00 00 00 08 00')).toEqual([])
  })

  it('are none where a byte is wrong', () => {
    expect(families('8A 03 05 11 9C')).toEqual([])
    expect(families('5A 5A 00 03 00 04 00 01 07 02')).toEqual([])
    expect(families('5A 5A 00 20 00 04 00 01 07 22')).toEqual([])
    expect(families('')).toEqual([])
  })

  it('never throw, whatever is looked at', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), heard => void recognise(heard)))
  })
})
