import { request } from 'undici'
import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import type { CabinetMessage, EventMessage, eventTypes } from '../../lockers/vendors/vendor-cloud-messages.ts'
import {
  checkSudiyi,
  contentMd5,
  type Md5Form,
  sudiyiHeaders,
  webhookHeaders,
} from '../../lockers/vendors/vendor-cloud-signing.ts'
import { Faults } from '../faults.ts'
import { type PartyReply, type PartyRequest, startHttpParty } from '../http-party.ts'
import { createCloudPlaces, type SandboxPlaces } from './cloud-places.ts'
import { createDoor, type SandboxDoor, type SandboxDoorInside } from './door.ts'

/**
 * `cut-before`: the connection breaks and nothing was done; `cut-after`: it was done, the answer is lost; `status`: that
 * answer and nothing else; `garbage`: done, and the answer is not JSON. By `open`, `read`, `events` or `place`.
 */
export type CloudFault =
  | { readonly kind: 'cut-before' | 'cut-after' | 'garbage' }
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
    }

export interface SandboxCloudSettings {
  readonly clock: Clock
  readonly cabinets: readonly { readonly id: string; readonly channels: number }[]
  readonly signing:
    | { readonly how: 'bearer'; readonly key: string; readonly hookKey: string }
    | { readonly how: 'sudiyi'; readonly partnerId: string; readonly secret: string; readonly md5: Md5Form }
  /** `at-once`: the answer to an opening tells the door; `later`: it is only accepted, an event tells. */
  readonly answers: 'at-once' | 'later'
}

type EventType = (typeof eventTypes)[number]
/** An event as it is written: its time as text. */
export type WrittenEvent = Omit<EventMessage, 'at'> & { readonly at: string }

export interface SandboxCloud {
  readonly url: string
  readonly faults: Faults<CloudFault>
  /** What it has given away. */
  readonly places: SandboxPlaces
  /** Calls so far, as `GET /v1/cabinets/P1`. */
  readonly calls: readonly string[]
  /** Cabinets that their cloud cannot reach and does not know it; and those of which it knows. */
  readonly silent: Set<string>
  readonly offline: Set<string>
  door(cabinet: string, channel: number): SandboxDoor
  /** Keys of openings that were carried out, oldest first, as `P1/3`. */
  readonly opened: readonly string[]
  /** Something that happens by itself. */
  happen(cabinet: string, type: EventType, compartment?: number, reference?: string): Promise<void>
  events(cabinet: string): readonly WrittenEvent[]
  /** Forgets everything up to this number: it cannot be asked for any more. */
  forget(cabinet: string, seq: number): void
  /** Where pushes go; undefined: nowhere. */
  pushTo(url: string | undefined): void
  /** Answers to the pushes so far, oldest first; 0 where there was none. */
  readonly pushed: readonly number[]
  /** Sends these as one delivery; the same `id` is the same delivery again. */
  deliver(id: string, events: readonly WrittenEvent[], at?: Millis): Promise<number>
  power(on: boolean): void
  /** Requests and pushes under way, but for those that wait for a door to move. */
  busy(): boolean
  /** Requests that wait for a door to move. */
  waiting(): number
  close(): Promise<void>
}

const opensAfter: Millis = 120
const pushedAgain: Millis = 30_000
const pushTries = 6

/** A vendor's cloud with its cabinets: a real HTTP server, and pushes to a real address, signed. */
export const startSandboxCloud = async (settings: SandboxCloudSettings): Promise<SandboxCloud> => {
  const { clock, signing } = settings
  const faults = new Faults<CloudFault>()
  const silent = new Set<string>()
  const offline = new Set<string>()
  const doors = new Map<string, readonly SandboxDoorInside[]>()
  const logs = new Map<string, WrittenEvent[]>()
  const seqs = new Map<string, number>()
  const carriedOut = new Set<string>()
  const opened: string[] = []
  const pushed: number[] = []
  let target: string | undefined
  let powered = true
  let closed = false
  let underway = 0
  let waiting = 0
  let deliveries = 0

  const calls: string[] = []

  const moved = (id: string) => (door: SandboxDoor) => {
    void happen(id, door.isOpen() ? 'door.opened' : 'door.closed', door.channel)
  }
  settings.cabinets.forEach(({ id, channels }, at) => {
    doors.set(
      id,
      Array.from({ length: channels }, (_, i) => createDoor(at + 1, i + 1, clock, moved(id))),
    )
    logs.set(id, [])
  })

  const happen = async (
    cabinet: string,
    type: EventType,
    compartment?: number,
    reference?: string,
  ): Promise<void> => {
    const seq = (seqs.get(cabinet) ?? 0) + 1
    seqs.set(cabinet, seq)
    const event: WrittenEvent = {
      id: `${cabinet}-${seq}`,
      cabinet,
      seq,
      at: new Date(clock.now()).toISOString(),
      type,
      ...(compartment === undefined ? {} : { compartment }),
      ...(reference === undefined ? {} : { reference }),
    }
    logs.get(cabinet)!.push(event)
    deliveries += 1
    await push(`delivery-${deliveries}`, [event])
  }

  const push = async (id: string, events: readonly WrittenEvent[], attempt = 1): Promise<void> => {
    if (target === undefined || closed) return
    const status = await deliver(id, events)
    if (status !== 200 && attempt < pushTries)
      clock.after(pushedAgain * 2 ** (attempt - 1), () => {
        void push(id, events, attempt + 1)
      })
  }
  const deliver = (id: string, events: readonly WrittenEvent[], at = clock.now()): Promise<number> =>
    post(target!, id, JSON.stringify({ events }), at)
  const post = async (to: string, id: string, body: string, at = clock.now()): Promise<number> => {
    const url = new URL(to)
    underway += 1
    try {
      const headers =
        signing.how === 'bearer'
          ? { 'content-type': 'application/json', ...webhookHeaders(signing.hookKey, { id, at, body }) }
          : sudiyiHeaders(signing, { method: 'POST', path: url.pathname, body, at })
      const answer = await request(url, { method: 'POST', headers, body })
      await answer.body.dump()
      pushed.push(answer.statusCode)
      return answer.statusCode
    } catch {
      pushed.push(0)
      return 0
    } finally {
      underway -= 1
    }
  }
  const places = createCloudPlaces({
    clock,
    cabinets: new Set(settings.cabinets.map(one => one.id)),
    answers: settings.answers,
    tell: (cabinet, type, reference, box) => void happen(cabinet, type, box, reference),
    post: (url, body) => {
      deliveries += 1
      void post(url, `result-${deliveries}`, body)
    },
  })

  const maySpeak = (asked: PartyRequest): boolean => {
    if (signing.how === 'bearer') return asked.header('authorization') === `Bearer ${signing.key}`
    if (asked.header('content-md5') !== contentMd5(asked.body, signing.md5)) return false
    const { method, path, body, header } = asked
    return checkSudiyi(signing, { method, path, body, header }, clock.now()).ok
  }

  /** The cabinet answers when the spring has had its time. */
  const movement = async (): Promise<void> => {
    waiting += 1
    await pause(clock, opensAfter)
    waiting -= 1
  }
  const openDoor = async (id: string, channel: number, key: string): Promise<PartyReply> => {
    const door = doors.get(id)![channel - 1]
    if (!door) return { status: 404, body: '{}' }
    if (offline.has(id)) return { status: 409, body: '{"code":"cabinet-offline"}' }
    const accepted = { status: 202, body: '{"result":"accepted"}' }
    if (silent.has(id)) return accepted
    if (!carriedOut.has(key)) {
      opened.push(`${id}/${channel}`)
      door.pulse()
      if (door.jammed)
        clock.after(opensAfter, () => {
          if (!door.isOpen()) void happen(id, 'door.jammed', channel)
        })
    }
    carriedOut.add(key)
    if (settings.answers === 'later') return accepted
    await movement()
    return { status: 200, body: JSON.stringify({ result: door.isOpen() ? 'opened' : 'jammed' }) }
  }
  const look = (id: string): PartyReply => {
    if (silent.has(id)) return { status: 504, body: '' }
    const message: CabinetMessage = {
      online: !offline.has(id),
      seq: seqs.get(id) ?? 0,
      compartments: doors
        .get(id)!
        .map(door => ({ number: door.channel, door: door.isOpen() ? 'open' : 'closed' })),
    }
    return { body: JSON.stringify(message) }
  }
  const answer = async (
    call: string,
    asked: PartyRequest,
    id: string,
    channel: number,
  ): Promise<PartyReply> => {
    if (call === 'open') return openDoor(id, channel, asked.header('idempotency-key') ?? '')
    if (call === 'read') return look(id)
    const after = Number(asked.query.get('after'))
    const events = logs
      .get(id)!
      .filter(one => one.seq > after)
      .slice(0, 200)
    return { body: JSON.stringify({ events }) }
  }

  const faulty = (fault: CloudFault): PartyReply | undefined =>
    fault.kind === 'status'
      ? { status: fault.status, body: '{}', ...(fault.headers ? { headers: fault.headers } : {}) }
      : undefined
  const keep = (asked: PartyRequest): PartyReply | undefined => {
    const fault = faults.next('place')
    if (fault?.kind === 'cut-before' || fault?.kind === 'status') return faulty(fault)
    const reply = places.handle(asked)
    if (fault?.kind === 'cut-after') return undefined
    return fault?.kind === 'garbage' ? { body: '<html>' } : reply
  }

  const handle = async (asked: PartyRequest): Promise<PartyReply | undefined> => {
    if (!powered) return undefined
    calls.push(`${asked.method} ${asked.path}`)
    if (!maySpeak(asked)) return { status: 401, body: '{}' }
    if (asked.path.includes('/places') || asked.path.includes('/resv')) return keep(asked)
    const [, id, rest, channel] =
      /^\/v1\/cabinets\/([\w.-]+)(?:\/(events)|\/compartments\/(\d+)\/open)?$/.exec(asked.path) ?? []
    const call = channel ? 'open' : (rest ?? 'read')
    if (id === undefined || !doors.has(id) || (call === 'open') !== (asked.method === 'POST'))
      return { status: 404, body: '{}' }
    const fault = faults.next(call)
    if (fault?.kind === 'cut-before' || fault?.kind === 'status') return faulty(fault)
    const reply = await answer(call, asked, id, Number(channel))
    if (fault?.kind === 'cut-after') return undefined
    return fault?.kind === 'garbage' ? { body: '<html>' } : reply
  }
  const server = await startHttpParty(async asked => {
    underway += 1
    try {
      return await handle(asked)
    } finally {
      underway -= 1
    }
  })

  return {
    url: server.url,
    faults,
    places,
    calls,
    silent,
    offline,
    opened,
    pushed,
    door: (cabinet, channel) => {
      const door = doors.get(cabinet)?.[channel - 1]
      if (!door) throw new RangeError(`the sandbox has no compartment ${cabinet}/${channel}`)
      return door
    },
    happen,
    events: cabinet => logs.get(cabinet) ?? [],
    forget: (cabinet, seq) => {
      logs.set(
        cabinet,
        logs.get(cabinet)!.filter(one => one.seq > seq),
      )
    },
    pushTo: url => {
      target = url
    },
    deliver,
    power: on => {
      powered = on
    },
    busy: () => underway > waiting,
    waiting: () => waiting,
    close: async () => {
      closed = true
      await server.close()
    },
  }
}
