import type { Clock, Millis } from '../../kernel/clock.ts'
import type { PartyReply, PartyRequest } from '../http-party.ts'

/** A place that the vendor keeps, or was asked for. */
export interface SandboxPlace {
  readonly cabinet: string
  readonly reference: string
  readonly number: number
  readonly box: number
  state: 'asked' | 'kept' | 'refused' | 'gone'
  until: Millis
}

/** The vendor's book of places. */
export interface SandboxPlaces {
  /** Cabinets in which nothing is free. */
  readonly full: Set<string>
  /** The box he gives whatever was wished for. */
  chooses: number | undefined
  /** Results are not pushed. */
  mute: boolean
  /** Bodies of the wishes as they came, oldest first. */
  readonly asked: readonly Readonly<Record<string, unknown>>[]
  all(): readonly SandboxPlace[]
}

export interface CloudPlacesParts {
  readonly clock: Clock
  readonly cabinets: ReadonlySet<string>
  /** The general form: whether the answer to a wish already tells. */
  readonly answers: 'at-once' | 'later'
  /** Tells an event of the general form. */
  tell(cabinet: string, type: 'place.kept' | 'place.refused', reference: string, box?: number): void
  /** Posts a result in the form of Sudiyi. */
  post(url: string, body: string): void
}

const decidesAfter: Millis = 1500
/** The platform's own count of states. */
const statusOf = { asked: 1, kept: 2, refused: 3, gone: 8 } as const
const boxTypes: readonly unknown[] = [0, 1, 2, 3, 'petite', 'mediano', 'grande']

/** Reservations of both forms; `handle` is undefined for what is no reservation. */
export const createCloudPlaces = (
  parts: CloudPlacesParts,
): SandboxPlaces & { handle(asked: PartyRequest): PartyReply | undefined } => {
  const { clock } = parts
  const places: SandboxPlace[] = []
  const bodies: Readonly<Record<string, unknown>>[] = []
  const book: SandboxPlaces = {
    full: new Set(),
    chooses: undefined,
    mute: false,
    asked: bodies,
    all: () => places,
  }
  const living = (cabinet: string, reference: string): SandboxPlace | undefined =>
    places.find(one => one.cabinet === cabinet && one.reference === reference && one.state !== 'refused')
  const add = (cabinet: string, reference: string, box: number, until: Millis): SandboxPlace => {
    const place: SandboxPlace = {
      cabinet,
      reference,
      number: 20_160_719_000_001 + places.length,
      box: book.chooses ?? box,
      state: 'asked',
      until,
    }
    places.push(place)
    return place
  }
  const decide = (place: SandboxPlace): void => {
    if (place.state === 'asked') place.state = book.full.has(place.cabinet) ? 'refused' : 'kept'
  }
  const json = (status: number, body: unknown): PartyReply => ({ status, body: JSON.stringify(body) })
  const none = json(404, {})
  const read = (body: string): Readonly<Record<string, unknown>> => {
    const told = JSON.parse(body) as Record<string, unknown>
    bodies.push(told)
    return told
  }

  const general = (asked: PartyRequest, cabinet: string, reference: string | undefined): PartyReply => {
    if (!parts.cabinets.has(cabinet)) return none
    if (reference !== undefined) {
      const place = living(cabinet, reference)
      if (!place) return none
      if (asked.method === 'DELETE') place.state = 'gone'
      return json(200, { state: place.state, compartment: place.box })
    }
    const told = read(asked.body)
    const known = living(cabinet, String(told.reference))
    const until = Date.parse(String(told.until))
    const place = known ?? add(cabinet, String(told.reference), Number(told.compartment), until)
    place.until = Math.max(place.until, until)
    if (parts.answers === 'at-once') decide(place)
    else if (!known)
      clock.after(decidesAfter, () => {
        decide(place)
        if (book.mute) return
        if (place.state === 'kept') parts.tell(cabinet, 'place.kept', place.reference, place.box)
        else if (place.state === 'refused') parts.tell(cabinet, 'place.refused', place.reference)
      })
    return json(place.state === 'asked' ? 202 : 200, {
      state: place.state,
      ...(place.state === 'kept' ? { compartment: place.box } : {}),
    })
  }

  const written = (place: SandboxPlace) => ({
    resv_order_no: place.number,
    status: statusOf[place.state],
    order_no: place.reference,
    open_code: null,
  })
  const reserve = (asked: PartyRequest): PartyReply => {
    const told = read(asked.body)
    const cabinet = String(told.device_id)
    const whole = ['notify_url', 'order_no', 'consignee_name', 'consignee_mobile'].every(
      name => typeof told[name] === 'string' && told[name] !== '',
    )
    if (!parts.cabinets.has(cabinet)) return none
    if (!whole || !boxTypes.includes(told.box_type)) return json(400, {})
    const until = clock.now() + Number(told.duration ?? 240) * 60_000
    // The platform does not say that it knows a number of ours again: each wish is one more.
    const place = add(cabinet, String(told.order_no), 1 + (places.length % 4), until)
    clock.after(decidesAfter, () => {
      decide(place)
      if (book.mute || (place.state !== 'kept' && place.state !== 'refused')) return
      parts.post(
        String(told.notify_url),
        JSON.stringify(
          place.state === 'kept'
            ? {
                resv_order_no: place.number,
                result: 'success',
                order_no: place.reference,
                box_type: told.box_type,
                upgraded: false,
                box_no: place.box,
                resv_code: '10004711',
              }
            : { resv_order_no: place.number, result: 'fail' },
        ),
      )
    })
    return json(200, { resv_order_no: place.number })
  }
  const sudiyi = (asked: PartyRequest, number: string | undefined): PartyReply => {
    if (asked.method === 'POST') return reserve(asked)
    if (number === undefined) {
      const found = places.filter(one => one.reference === asked.query.get('order_no'))
      return json(200, found.map(written))
    }
    const place = places.find(one => String(one.number) === number)
    if (!place) return none
    if (asked.method === 'DELETE') {
      place.state = 'gone'
      return { status: 200, body: 'null' }
    }
    return json(200, written(place))
  }

  return Object.assign(book, {
    handle: (asked: PartyRequest): PartyReply | undefined => {
      const ours = /^\/v1\/cabinets\/([\w.-]+)\/places(?:\/([\w.-]+))?$/.exec(asked.path)
      if (ours) return general(asked, ours[1]!, ours[2])
      const theirs = /^\/v1\/resv(?:\/(\d+))?$/.exec(asked.path)
      return theirs ? sudiyi(asked, theirs[1]) : undefined
    },
  })
}
