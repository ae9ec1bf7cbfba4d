import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/kernel/clock.ts'
import { garbled } from '../../src/kernel/problem.ts'
import { recognise } from '../../src/lockers/vendors/known-frames.ts'
import { bytesOf, heardInstead, overheard } from '../../src/main/verbs/doctor-frames.ts'
import { until } from '../harness/until.ts'

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

describe('a line that another program speaks on', () => {
  it('is heard without a byte being sent, and what it speaks is told', async () => {
    let sent = 0
    const server = createServer(socket => {
      socket.on('data', chunk => {
        sent += chunk.length
      })
      socket.on('error', () => {})
      for (const part of ['FF 5A 5A 00 03 00', '04 00 01 07 01', '5A 5A 00 03 00 04 00 01 08 0E'])
        socket.write(bytesOf(part))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const clock = new ManualClock(0)
    let connected = false
    server.once('connection', () => {
      connected = true
    })
    const hearing = overheard({ dial: { host: '127.0.0.1', port } }, 5000, clock)
    await until(() => connected)
    for (let turns = 0; turns < 50; turns++) await new Promise(resolve => setImmediate(resolve))
    await clock.advance(5000)
    expect(recognise((await hearing)!)).toMatchObject([{ family: 'x5a5a', frames: 2 }])
    expect(sent).toBe(0)
    await new Promise(resolve => server.close(resolve))
  })

  it('is not called silent when nobody takes the call', async () => {
    const clock = new ManualClock(0)
    const hearing = overheard({ dial: { host: '127.0.0.1', port: 9 } }, 100, clock)
    await clock.advance(100)
    expect(await hearing).toBeUndefined()
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
