import type { Clock, Millis } from '../../../kernel/clock.ts'
import type { Ids } from '../../../kernel/ids.ts'
import { type Answer, no, refused, yes } from '../../../kernel/problem.ts'
import type { HttpPeer } from '../../http.ts'
import type { Booking, Courier, ReadsPushes, TracksParcels } from '../courier.ts'
import {
  type Call,
  cancelOrder,
  createOrder,
  type Data,
  readCancel,
  readOrder,
  readPush,
  readReply,
  readRoutes,
  type SfSettings,
  searchOrder,
  searchRoutes,
} from './messages.ts'
import { digest, safeJson } from './signing.ts'

export interface SfParts {
  readonly peer: HttpPeer
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Pick<Ids, 'next'>
  readonly deadline?: Millis
}

/** What the carrier says of an order number it has, has not, or has given up. */
const known = '8016'
const absent = new Set(['8017', '6135', '6150'])
const cancelled = new Set(['8019', '8037'])

/** SF Express through the 丰桥 gateway, `msgDigest` mode. Its pushes carry no signature: check with `track`. */
export const createSf = (settings: SfSettings, parts: SfParts): Courier & TracksParcels & ReadsPushes => {
  const ask = async (call: Call): Promise<Answer<Data>> => {
    const msgData = safeJson(call.data)
    const timestamp = String(parts.clock.now())
    const reply = await parts.peer.send({
      method: 'POST',
      url: settings.endpoint,
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
      body: String(
        new URLSearchParams({
          partnerID: settings.partnerId,
          requestID: parts.ids.next(),
          serviceCode: call.service,
          timestamp,
          msgDigest: digest(msgData, timestamp, settings.checkWord),
          msgData,
        }),
      ),
      deadline: parts.deadline ?? 8000,
      maxBytes: 512 * 1024,
      note: {
        request: call.service,
        reply: ({ status, body }) => `${status} ${codesOf(body.toString('utf8'))}`,
      },
    })
    return reply.ok ? readReply(reply.value.body.toString('utf8')) : reply
  }
  const booked = (data: Data, already: boolean): Answer<Booking> => {
    const waybill = readOrder(data)
    return waybill.ok ? yes({ waybill: waybill.value, already }) : waybill
  }
  const search = async (parcelNumber: string): Promise<Answer<Booking>> => {
    const found = await ask(searchOrder(parcelNumber))
    return found.ok ? booked(found.value, true) : found
  }

  return {
    name: 'sf',
    book: async parcel => {
      if (!/^[A-Za-z0-9-]{1,64}$/.test(parcel.number)) return no(badNumber)
      const answer = await ask(createOrder(parcel, settings))
      if (answer.ok) return booked(answer.value, false)
      return codeOf(answer) === known ? search(parcel.number) : answer
    },
    cancel: async parcelNumber => {
      const answer = await ask(cancelOrder(parcelNumber))
      if (answer.ok) return readCancel(answer.value)
      const code = codeOf(answer)
      return absent.has(code) || cancelled.has(code) ? yes(undefined) : answer
    },
    track: async ({ waybill, phoneTail }) => {
      const answer = await ask(searchRoutes(waybill, phoneTail))
      return answer.ok ? readRoutes(answer.value) : answer
    },
    readPush,
    ack: taken => ({
      status: 200,
      contentType: 'application/json;charset=UTF-8',
      body: taken
        ? '{"return_code":"0000","return_msg":"成功"}'
        : '{"return_code":"1000","return_msg":"系统异常"}',
    }),
  }
}

const codeOf = (answer: Answer<unknown>): string =>
  answer.ok || answer.problem.kind !== 'refused' ? '' : (answer.problem.their?.code ?? '')

const codesOf = (body: string): string =>
  [/"apiResultCode":"(\w{1,8})"/, /\\?"errorCode\\?":\\?"(\w{1,8})/]
    .map(pattern => pattern.exec(body)?.[1] ?? '')
    .join(' ')
    .trim()

const badNumber = refused('courier-bad-number', {
  zh: '包裹编号不符合快递公司的要求。',
  en: 'The parcel number does not fit what the courier accepts.',
})
