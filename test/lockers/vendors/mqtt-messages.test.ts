import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as cabinet from '../../../src/lockers/vendors/mqtt-cabinet-messages.ts'
import * as open from '../../../src/lockers/vendors/open-locker-messages.ts'

interface Sample {
  readonly proves: string
  readonly as: string
  readonly refused?: boolean
  readonly text: string
}
const { messages } = JSON.parse(
  readFileSync(new URL('../../../fixtures/lockers/mqtt.json', import.meta.url), 'utf8'),
) as { messages: readonly Sample[] }

const readers: Readonly<Record<string, (payload: Uint8Array) => unknown>> = {
  'cabinet.command': cabinet.readCommand,
  'cabinet.answer': cabinet.readAnswer,
  'cabinet.event': cabinet.readEvent,
  'cabinet.status': cabinet.readStatus,
  'cabinet.doors': cabinet.readDoors,
  'cabinet.beat': cabinet.readBeat,
  'open.command': open.readCommand,
  'open.response': open.readResponse,
  'open.event': open.readEvent,
  'open.heartbeat': open.readHeartbeat,
  'open.snapshot': open.readSnapshot,
  'open.connection': open.readConnection,
}

describe('messages over MQTT', () => {
  it.each(messages.map(one => [one.proves, one] as const))('show that %s', (_, { as, refused, text }) => {
    const read = readers[as]!(Buffer.from(text))
    if (refused) expect(read).toBeUndefined()
    else
      expect(read).toMatchObject({
        ...(as.startsWith('cabinet') ? { v: 1 } : { timestamp: expect.any(String) }),
      })
  })

  it.each(Object.entries(readers))('%s reads nothing from whatever bytes, and never throws', (_, read) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(read(bytes)).toBeUndefined()
      }),
    )
    fc.assert(
      fc.property(fc.json(), text => {
        expect(read(Buffer.from(text))).toBeUndefined()
      }),
    )
  })

  it.each(Object.entries(readers))('%s reads nothing that is too long', (_, read) => {
    for (const { text } of messages) {
      const long = text.replace(/}$/, `,"more":"${'x'.repeat(40_000)}"}`)
      expect(read(Buffer.from(long))).toBeUndefined()
    }
  })
})
