import { describe, expect, it } from 'vitest'
import { garbled } from '../../src/kernel/problem.ts'
import { bytesOf, heardInstead } from '../../src/main/verbs/doctor-frames.ts'

describe('bytes that somebody has written down', () => {
  it.each(['8A 01 01 11 9B', '8a:01:01:11:9b', '0x8A,0x01,0x01,0x11,0x9B', '8A0101119B'])(
    'are read however they are written: %s',
    written => expect(bytesOf(written)).toEqual(Uint8Array.of(0x8a, 1, 1, 0x11, 0x9b)),
  )

  it('are a line of text where they are no hexadecimal numbers', () => {
    expect(Buffer.from(bytesOf('YT+PING=7 ')).toString()).toBe('YT+PING=7\r\n')
    expect(Buffer.from(bytesOf('8A 0')).toString()).toBe('8A 0\r\n')
  })
})

describe('what was heard instead of an answer', () => {
  const words = { zh: '读不懂', en: 'cannot be read' }

  it('is told in plain words when it is known by sight, also when no driver speaks to such boards', () => {
    const heard = garbled('locker-answer-garbled', words, {
      their: { text: '5A 5A 00 03 00 04 00 01 07 01' },
    })
    expect(heardInstead(heard)?.en).toMatch(/5A 5A.*not supported/)
  })

  it('is nothing where nothing is known of it, or nothing was heard', () => {
    expect(
      heardInstead(garbled('locker-answer-garbled', words, { their: { text: '00 01' } })),
    ).toBeUndefined()
    expect(heardInstead(garbled('locker-answer-garbled', words))).toBeUndefined()
  })
})
