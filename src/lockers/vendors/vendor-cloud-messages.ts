/** What gateway and vendor cloud write to each other in the general form, as JSON. All times are ISO 8601 with a zone. */
import { z } from 'zod'

const id = z.string().min(1).max(128)
const instant = z.iso.datetime({ offset: true }).transform(text => Date.parse(text))
const seq = z.int().min(0)
export const mostCompartments = 500
const number = z.int().min(1).max(mostCompartments)
const item = z.enum(['present', 'empty', 'unknown'])

/** `GET /v1/cabinets/{id}`. `seq` is the number of the cabinet's newest event, 0 before the first. */
export const cabinetMessage = z.object({
  online: z.boolean(),
  seq,
  compartments: z
    .array(z.object({ number, door: z.enum(['open', 'closed', 'unknown']), item: item.optional() }))
    .max(mostCompartments),
})
export type CabinetMessage = z.output<typeof cabinetMessage>

/**
 * `POST /v1/cabinets/{id}/compartments/{number}/open`, with an `Idempotency-Key`. 200: `opened` or `jammed`. 202:
 * `accepted`; what became of it comes as an event. After `expiresAt` the cloud must not pass it on to the cabinet.
 */
export const openReply = z.object({ result: z.enum(['opened', 'jammed', 'accepted']) })

export const eventTypes = [
  'door.opened',
  'door.closed',
  'door.jammed',
  'cabinet.online',
  'cabinet.offline',
  'power.lost',
  'power.restored',
  'tamper',
  'code.locked_out',
  'place.kept',
  'place.refused',
  'place.gone',
] as const

/** One event. `id` names it however often it is told; `seq` rises by one for each cabinet. Other types are passed over. */
export const eventMessage = z.object({
  id,
  cabinet: id,
  seq,
  at: instant,
  type: z.string().max(64),
  compartment: number.optional(),
  item: item.optional(),
  /** Opened by this code, which the cabinet holds. */
  code: id.optional(),
  /** Ours, of the place that a `place.` event is about. */
  reference: id.optional(),
})
export type EventMessage = z.output<typeof eventMessage>

/**
 * `POST /v1/cabinets/{id}/places` with `{reference, size, compartment, until}`: 200 `kept` or `refused`, 202 `asked`. The
 * same reference again is the same place, kept until the later time. `GET .../places/{reference}` tells it, 404 when there is
 * none; `DELETE` lets it go. `compartment` is the one that is kept.
 */
export const placeMessage = z.object({
  state: z.enum(['asked', 'kept', 'refused', 'gone']),
  compartment: number.optional(),
})
export type PlaceMessage = z.output<typeof placeMessage>

/** A push, and `GET /v1/cabinets/{id}/events?after={seq}`: at most 200, the oldest first. */
export const eventsMessage = z.object({ events: z.array(eventMessage).max(200) })

/** A push is one event, or several. */
export const pushMessage = z.union([eventsMessage, eventMessage])

/** Undefined when it is not JSON or not this message. */
export const readMessage = <T>(schema: z.ZodType<T>, body: string): T | undefined => {
  let raw: unknown
  try {
    raw = JSON.parse(body)
  } catch {
    return undefined
  }
  const read = schema.safeParse(raw)
  return read.success ? read.data : undefined
}
