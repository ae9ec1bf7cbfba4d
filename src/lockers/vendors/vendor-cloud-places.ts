/**
 * Keeping places at a vendor who gives his compartments away himself: the general form, and reservations as on Sudiyi's
 * open platform. The latter is published in its pages and its own client libraries (2015 to 2018): asking, asking
 * after, cancelling, and the result that is pushed. Versions differ, so paths and names of fields are settings.
 */
import { z } from 'zod'
import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, yes } from '../../kernel/problem.ts'
import type { KeepsPlaces, KeptPlace, PlaceRef, PlaceTold, PlaceWish } from '../locker.ts'
import type { CloudCalls } from './vendor-cloud-calls.ts'
import { type PlaceMessage, placeMessage, readMessage } from './vendor-cloud-messages.ts'
import { noPlace, unknownThere, unreadable } from './vendor-cloud-problems.ts'
import type { CloudCabinet, PlaceSettings, SudiyiPlaceSettings } from './vendor-cloud-settings.ts'

/** What both forms have in common; hearing is the driver's. */
export type PlaceActs = Pick<KeepsPlaces, 'placeTerms' | 'keepPlace' | 'placeNow' | 'letGo'>

export interface PlaceParts {
  readonly calls: CloudCalls
  readonly now: () => Millis
  cabinet(board: number): CloudCabinet | undefined
}

export const createPlaces = (chosen: PlaceSettings, parts: PlaceParts): PlaceActs =>
  chosen.form === 'general' ? general(chosen.minutes, parts) : sudiyi(chosen, parts)

/** It is not there: whoever let it go, or never had it, has what was wanted. */
const orAbsent = <T>(answer: Answer<T>): Answer<T | undefined> =>
  answer.ok || answer.problem.code !== unknownThere.code ? answer : yes(undefined)

const absent = (answer: Answer<unknown>): Answer<void> => {
  const there = orAbsent(answer)
  return there.ok ? yes(undefined) : there
}

export const placeOf = ({ state, compartment }: PlaceMessage): KeptPlace => ({
  state,
  ...(compartment === undefined ? {} : { channel: compartment }),
})

const general = (minutes: number, { calls, cabinet }: PlaceParts): PlaceActs => {
  const at = (board: number): string => `/v1/cabinets/${cabinet(board)?.id ?? ''}/places`
  const one = ({ board, reference }: PlaceRef): string => `${at(board)}/${encodeURIComponent(reference)}`
  return {
    placeTerms: { life: minutes * 60_000, longer: 'same' },
    keepPlace: async ({ reference, door, size, until }) => {
      const answer = await calls.call({
        method: 'POST',
        path: at(door.board),
        body: JSON.stringify({
          reference,
          size,
          compartment: door.channel,
          until: new Date(until).toISOString(),
        }),
        headers: { 'Idempotency-Key': `${reference}:${until}` },
        note: `keep ${door.board}/${door.channel}`,
      })
      if (!answer.ok) return answer
      const said = readMessage(placeMessage, answer.value.body.toString('utf8'))
      // He may have taken it all the same.
      if (!said) return no({ ...unreadable, maybeDone: true })
      return said.state === 'refused' ? no(noPlace) : yes(placeOf(said))
    },
    placeNow: async place => {
      const answer = orAbsent(
        await calls.read({ path: one(place), note: `place ${place.board}` }, placeMessage),
      )
      return answer.ok ? yes(answer.value && placeOf(answer.value)) : answer
    },
    letGo: async place =>
      absent(await calls.call({ method: 'DELETE', path: one(place), note: `let go ${place.board}` })),
  }
}

/** By the platform's own count; others are of no concern to a place. */
const sudiyiStates: Readonly<Record<number, KeptPlace['state']>> = {
  1: 'asked',
  2: 'kept',
  3: 'refused',
  4: 'refused',
  5: 'kept',
  6: 'gone',
  7: 'gone',
  8: 'gone',
}

const looseBody = z.record(z.string().max(64), z.unknown())
const looseList = z.union([z.array(looseBody).max(50), looseBody])

/** A number or a short text, as either side of the platform writes them. */
const textOf = (value: unknown): string | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value)
    ? String(value)
    : typeof value === 'string' && value !== '' && value.length <= 64
      ? value
      : undefined

/** A result that is pushed, or what an order is asked for; undefined when it is neither. Not all of them name our reference. */
export const readSudiyiPlace = (
  { fields, kept, refused, boxIsChannel }: SudiyiPlaceSettings,
  body: Readonly<Record<string, unknown>>,
): PlaceTold | undefined => {
  const number = textOf(body[fields.number])
  const reference = textOf(body[fields.reference])
  if (number === undefined && reference === undefined) return undefined
  const result = textOf(body[fields.result])
  const status = textOf(body[fields.status])
  const state =
    result === undefined
      ? status === undefined
        ? undefined
        : (sudiyiStates[Number(status)] ?? 'asked')
      : kept.includes(result)
        ? 'kept'
        : refused.includes(result)
          ? 'refused'
          : undefined
  if (state === undefined) return undefined
  const box = Number(textOf(body[fields.box]))
  return {
    state,
    ...(number === undefined ? {} : { number }),
    ...(reference === undefined ? {} : { reference }),
    ...(boxIsChannel && Number.isInteger(box) && box > 0 ? { channel: box } : {}),
  }
}

/** The body of a push in the form of Sudiyi; undefined when it is no result of a reservation. */
export const readSudiyiPush = (chosen: SudiyiPlaceSettings, body: string): PlaceTold | undefined => {
  const read = readMessage(looseBody, body)
  return read && readSudiyiPlace(chosen, read)
}

const sudiyi = (chosen: SudiyiPlaceSettings, { calls, now, cabinet }: PlaceParts): PlaceActs => {
  const { fields, library } = chosen
  const at = (board: number): string => chosen.path.replaceAll('{device}', cabinet(board)?.id ?? '')
  const body = ({ reference, door, size, until }: PlaceWish): string => {
    const device = cabinet(door.board)?.id ?? ''
    return JSON.stringify({
      device_id: /^\d{1,15}$/.test(device) ? Number(device) : device,
      box_type: chosen.sizes[size],
      notify_url: chosen.notifyUrl,
      auto_upgd: chosen.upgrade,
      sender_name: library.name,
      sender_mobile: library.mobile,
      [fields.reference]: reference,
      consignee_name: library.name,
      consignee_mobile: library.mobile,
      payment: 0,
      duration: Math.max(1, Math.ceil((until - now()) / 60_000)),
      ...(chosen.payType === undefined ? {} : { pay_type: chosen.payType }),
    })
  }
  const find = async ({ board, reference, number }: PlaceRef): Promise<Answer<PlaceTold | undefined>> => {
    const path =
      number === undefined
        ? `${at(board)}?${fields.reference}=${encodeURIComponent(reference)}`
        : `${at(board)}/${encodeURIComponent(number)}`
    const answer = orAbsent(await calls.read({ path, note: `place ${board}` }, looseList))
    if (!answer.ok) return answer
    if (answer.value === undefined) return yes(undefined)
    const all = Array.isArray(answer.value) ? answer.value : [answer.value]
    const told = all
      .map(one => readSudiyiPlace(chosen, one))
      .filter(one => one !== undefined)
      .filter(one => (number === undefined ? one.reference === reference : one.number === number))
    // The last one asked for counts: an earlier one of the same name was refused or let go.
    return yes(told.at(-1))
  }
  return {
    placeTerms: { life: chosen.minutes * 60_000, longer: 'anew' },
    keepPlace: async wish => {
      const answer = await calls.call({
        method: 'POST',
        path: at(wish.door.board),
        body: body(wish),
        note: `keep ${wish.door.board}/${wish.door.channel}`,
      })
      if (!answer.ok) return answer
      const read = readMessage(looseBody, answer.value.body.toString('utf8'))
      const number = read && textOf(read[fields.number])
      return number === undefined ? no({ ...unreadable, maybeDone: true }) : yes({ state: 'asked', number })
    },
    placeNow: find,
    letGo: async place => {
      const known = place.number === undefined ? await find(place) : yes({ number: place.number })
      if (!known.ok) return known
      const number = known.value?.number
      if (number === undefined) return yes(undefined)
      return absent(
        await calls.call({
          method: 'DELETE',
          path: `${at(place.board)}/${encodeURIComponent(number)}`,
          note: `let go ${place.board}`,
        }),
      )
    },
  }
}
