/**
 * A courier to copy: it compiles, and shows the three places of a driver in one file. In a real folder the
 * pure builders and readers are `messages.ts`, the table is `statuses.ts`, and only `<name>.ts` sends.
 */
import type { Millis } from '../../kernel/clock.ts'
import { type Answer, garbled, no, refused, yes } from '../../kernel/problem.ts'
import type { HttpPeer } from '../http.ts'
import type { Booking, Courier, Parcel, ReadsPushes, Sighting, SightingKind } from './courier.ts'

export interface BlueprintSettings {
  readonly endpoint: string
  /** Given by the carrier; never logged. */
  readonly key: string
}

// Build: pure, one function a message.
export const bookRequest = (parcel: Parcel, settings: BlueprintSettings): string =>
  JSON.stringify({ key: settings.key, order: parcel.number, to: parcel.to, call: parcel.callForPickup })

// Read: pure, throws nothing; a refusal carries the carrier's own code.
export const readBooking = (body: string): Answer<Booking> => {
  const reply = parse(body)
  if (!reply) return no(unreadable)
  if (typeof reply.waybill === 'string')
    return yes({ waybill: reply.waybill, already: reply.repeated === true })
  return no(refused('courier-refused', words.refused, { their: { code: String(reply.error ?? '') } }))
}

// Their words are a table. What it does not know is `unknown`, and moves nothing.
export const statuses: Readonly<Record<string, SightingKind>> = { GOT: 'picked-up', SIGNED: 'signed' }

export const readPush = (body: string): Answer<readonly Sighting[]> => {
  const push = parse(body)
  const at = Number(push?.time)
  if (!push || !Number.isSafeInteger(at) || typeof push.waybill !== 'string') return no(unreadable)
  return yes([sighting(push.waybill, String(push.action ?? ''), at)])
}
const sighting = (waybill: string, code: string, at: Millis): Sighting => ({
  id: `${waybill}:${at}:${code}`,
  waybill,
  kind: statuses[code] ?? 'unknown',
  at,
  their: { code, text: '' },
})

// Send: the only part that touches the network. Powers the carrier lacks are left out, never stubbed.
export const createBlueprint = (settings: BlueprintSettings, peer: HttpPeer): Courier & ReadsPushes => {
  const post = async (path: string, body: string): Promise<Answer<string>> => {
    const reply = await peer.send({
      method: 'POST',
      url: `${settings.endpoint}${path}`,
      headers: { 'content-type': 'application/json' },
      body,
      note: { request: path, reply: ({ status }) => String(status) },
    })
    return reply.ok ? yes(reply.value.body.toString('utf8')) : reply
  }
  return {
    name: 'blueprint',
    book: async parcel => {
      const body = await post('/book', bookRequest(parcel, settings))
      return body.ok ? readBooking(body.value) : body
    },
    cancel: async parcelNumber => {
      const body = await post('/cancel', JSON.stringify({ key: settings.key, order: parcelNumber }))
      return body.ok ? yes(undefined) : body
    },
    readPush,
    ack: taken => ({
      status: taken ? 200 : 500,
      contentType: 'text/plain',
      body: taken ? 'success' : 'fail',
    }),
  }
}

const parse = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
const words = {
  refused: { zh: '快递公司没有受理。', en: 'The courier did not accept this.' },
}
const unreadable = garbled('courier-unreadable', {
  zh: '快递公司的消息无法识别。',
  en: 'The courier’s message could not be read.',
})
