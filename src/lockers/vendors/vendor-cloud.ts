import { z } from 'zod'
import { type Clock, pause } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, yes } from '../../kernel/problem.ts'
import type {
  CabinetHealth,
  Door,
  DoorReading,
  HearsPushes,
  LockerDriver,
  PushReply,
  TellsEvents,
  TellsHealth,
} from '../locker.ts'
import { defineLocker } from '../make.ts'
import type { Call, Caller, CallReply } from '../transport/calls.ts'
import { createCloudEvents } from './vendor-cloud-events.ts'
import {
  cabinetMessage,
  type EventMessage,
  eventMessage,
  eventsMessage,
  mostCompartments,
  openReply,
  readMessage,
} from './vendor-cloud-messages.ts'
import {
  cabinetOffline,
  keyRefused,
  lineClosed,
  noSuchDoor,
  refusalOf,
  unreadable,
} from './vendor-cloud-problems.ts'
import { checkSudiyi, checkWebhook, type Md5Form, sudiyiHeaders } from './vendor-cloud-signing.ts'

const secret = z.string().min(8).max(512)
const onThisMachine = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/

const settings = z
  .strictObject({
    url: z
      .url()
      .refine(url => url.startsWith('https://') || onThisMachine.test(url), {
        error: 'must begin with https://',
      })
      .describe("where the vendor's interface begins; /v1/... is put behind it"),
    cabinets: z
      .array(
        z.strictObject({
          board: z
            .int()
            .min(1)
            .max(999)
            .describe('by which number compartments of lockers name this cabinet'),
          id: z
            .string()
            .regex(/^[\w.-]{1,64}$/)
            .describe("the vendor's own name of the cabinet"),
          channels: z.int().min(1).max(mostCompartments).describe('compartments of the cabinet'),
        }),
      )
      .min(1)
      .max(200)
      .refine(all => new Set(all.map(one => one.board)).size === all.length, {
        error: 'two cabinets have one number',
      })
      .refine(all => new Set(all.map(one => one.id)).size === all.length, {
        error: 'two cabinets have one name',
      }),
    signing: z
      .discriminatedUnion('how', [
        z.strictObject({
          how: z.literal('bearer'),
          key: secret.describe('sent with every call'),
          hookKeys: z
            .array(secret)
            .min(1)
            .max(3)
            .optional()
            .describe('keys of the signatures of pushes; two or three while one is exchanged'),
        }),
        z.strictObject({
          how: z.literal('sudiyi'),
          partnerId: z.string().regex(/^[\w.-]{1,64}$/),
          secret,
          md5: z
            .enum(['raw', 'hex16'])
            .default('raw')
            .describe("digest of the body, in either of the platform's two ways"),
        }),
      ])
      .describe(
        '`bearer`: a key in calls, Standard Webhooks in pushes; `sudiyi`: both signed as Sudiyi does',
      ),
    hookSecret: z
      .string()
      .regex(/^[\w-]{16,128}$/)
      .optional()
      .describe(
        'last part of the address its pushes come to: /hooks/<this>; without it everything is asked for',
      ),
    doorWithin: z
      .int()
      .min(3)
      .max(60)
      .default(12)
      .describe('seconds within which a cabinet has opened its door, or has not'),
  })
  .refine(one => !(one.hookSecret && one.signing.how === 'bearer' && !one.signing.hookKeys), {
    path: ['signing', 'hookKeys'],
    error: 'pushes cannot be known without the key of their signature',
  })

export type CloudSettings = z.output<typeof settings>
type Cabinet = CloudSettings['cabinets'][number]
export type CloudDriver = LockerDriver & TellsEvents & TellsHealth & HearsPushes

const callDeadline = 8000
const firstLook = 300
const betweenLooks = 1000
const missesUntilSilent = 2
const longestDelivery = 1024

/** Cabinets that only their vendor's cloud speaks to. */
export const vendorCloud = defineLocker({
  name: 'vendor-cloud',
  title: { zh: '厂商云平台（HTTPS，推送带签名）', en: 'Vendor cloud (HTTPS, signed pushes)' },
  settings,
  create: (chosen, wire) => {
    if (!wire.calls) throw new Error('a driver of a cloud is made with a way out')
    return createCloudDriver(chosen, { name: wire.name, clock: wire.clock, calls: wire.calls })
  },
})

/** The driver with the way out to its cloud. Nothing is called before the first reading. */
export const createCloudDriver = (
  chosen: CloudSettings,
  wire: { readonly name: string; readonly clock: Clock; readonly calls: Caller },
): CloudDriver => {
  const { clock, calls } = wire
  const cabinets = new Map(chosen.cabinets.map(one => [one.board, one]))
  const heard = new Map<number, { online: boolean; at: number }>()
  const deliveries = new Map<string, Promise<boolean>>()
  let md5: Md5Form = chosen.signing.how === 'sudiyi' ? chosen.signing.md5 : 'raw'
  let openings = 0
  let dropped = 0
  let shut: (problem: Problem) => void = () => {}
  const closed = new Promise<Problem>(resolve => {
    shut = resolve
  })
  let down = false

  const headersFor = (method: string, path: string, body: string): Readonly<Record<string, string>> =>
    chosen.signing.how === 'bearer'
      ? {
          Authorization: `Bearer ${chosen.signing.key}`,
          ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
        }
      : sudiyiHeaders({ ...chosen.signing, md5 }, { method, path, body, at: clock.now() })

  const send = async (what: {
    readonly method: Call['method']
    readonly path: string
    readonly body?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly note: string
  }): Promise<Answer<CallReply>> => {
    const url = new URL(`${chosen.url.replace(/\/$/, '')}${what.path}`)
    const answer = calls.send({
      method: what.method,
      url: url.href,
      headers: { ...headersFor(what.method, url.pathname, what.body ?? ''), ...what.headers },
      ...(what.body === undefined ? {} : { body: what.body }),
      deadline: callDeadline,
      maxBytes: 256 * 1024,
      note: { request: what.note, reply: reply => `${what.note} ${reply.status}` },
    })
    const first = await Promise.race([answer, closed.then(no)])
    return first.ok && first.value.status >= 400 ? refusalOf(first.value.status) : first
  }
  /** Where the cloud refuses a signature, the other form of the body's digest is tried once and kept when it fits. */
  const call = async (what: Parameters<typeof send>[0]): Promise<Answer<CallReply>> => {
    const first = await send(what)
    if (first.ok || first.problem !== keyRefused || chosen.signing.how !== 'sudiyi') return first
    const before = md5
    md5 = before === 'raw' ? 'hex16' : 'raw'
    const second = await send(what)
    if (!second.ok && second.problem === keyRefused) md5 = before
    return second
  }
  const read = async <T>(path: string, schema: z.ZodType<T>, note: string): Promise<Answer<T>> => {
    const answer = await call({ method: 'GET', path, note })
    if (!answer.ok) return answer
    const message = readMessage(schema, answer.value.body.toString('utf8'))
    return message === undefined ? no(unreadable) : yes(message)
  }

  const events = createCloudEvents({
    clock,
    boards: new Map(chosen.cabinets.map(one => [one.id, one.board])),
    fetch: async (board, after) => {
      const { id } = cabinets.get(board)!
      const page = await read(`/v1/cabinets/${id}/events?after=${after}`, eventsMessage, `events ${board}`)
      return page.ok ? yes(page.value.events.filter(one => one.cabinet === id)) : page
    },
  })

  const doorsOf = async (cabinet: Cabinet): Promise<Answer<readonly DoorReading[]>> => {
    const { board, id, channels } = cabinet
    const answer = await read(`/v1/cabinets/${id}`, cabinetMessage, `read ${board}`)
    if (!answer.ok) return answer
    const { online, seq, compartments } = answer.value
    heard.set(board, { online, at: clock.now() })
    void events.seen(board, seq)
    if (!online) return no(cabinetOffline)
    const told = new Map(compartments.map(one => [one.number, one]))
    return yes(
      Array.from({ length: channels }, (_, at) => {
        const one = told.get(at + 1)
        const occupied = one?.item === 'present' ? true : one?.item === 'empty' ? false : undefined
        const door = one?.door ?? 'unknown'
        return { board, channel: at + 1, door, ...(occupied === undefined ? {} : { occupied }) }
      }),
    )
  }

  /** What became of an opening, by a push or by looking, whichever is first. Undefined: nothing within the time. */
  const outcome = async (
    cabinet: Cabinet,
    { board, channel }: Door,
  ): Promise<Answer<boolean | undefined>> => {
    let told: boolean | undefined
    const until = clock.now() + chosen.doorWithin * 1000
    const stop = events.watch(board, event => {
      if (event.compartment !== channel) return
      if (event.type === 'door.opened') told = true
      else if (event.type === 'door.jammed') told ??= false
    })
    try {
      let misses = 0
      let last: Answer<boolean | undefined> = yes(undefined)
      for (let wait = firstLook; clock.now() < until && !down; wait = betweenLooks) {
        await pause(clock, wait)
        if (told !== undefined) return yes(told)
        const seen = await doorsOf(cabinet)
        misses = seen.ok ? 0 : misses + 1
        if (!seen.ok && (misses === missesUntilSilent || down)) return seen
        const door = seen.ok ? seen.value[channel - 1]?.door : 'unknown'
        if (door === 'open') return yes(true)
        last = seen.ok ? yes(door === 'closed' ? false : undefined) : seen
      }
      return told === undefined ? last : yes(told)
    } finally {
      stop()
    }
  }

  const open: LockerDriver['open'] = async door => {
    const cabinet = cabinets.get(door.board)
    if (!cabinet || !Number.isInteger(door.channel) || door.channel < 1 || door.channel > cabinet.channels)
      return no(noSuchDoor(door))
    openings += 1
    const sent = await call({
      method: 'POST',
      path: `/v1/cabinets/${cabinet.id}/compartments/${door.channel}/open`,
      // A command that lies in a queue must not open a door in front of nobody hours later.
      body: JSON.stringify({ expiresAt: new Date(clock.now() + chosen.doorWithin * 1000).toISOString() }),
      headers: { 'Idempotency-Key': `${wire.name}:${clock.now()}:${openings}` },
      note: `open ${door.board}/${door.channel}`,
    })
    if (!sent.ok && (!sent.problem.maybeDone || down)) return sent
    const said = sent.ok ? readMessage(openReply, sent.value.body.toString('utf8'))?.result : undefined
    if (said === 'opened' || said === 'jammed') return yes({ opened: said === 'opened' })
    const seen = await outcome(cabinet, door)
    if (!seen.ok) return no({ ...seen.problem, maybeDone: true })
    if (seen.value !== undefined) return yes({ opened: seen.value })
    return sent.ok ? yes({ opened: 'unconfirmed' }) : sent
  }

  /** The same delivery, told again while or after it was taken in, is not told a second time. */
  const takeOnce = async (id: string, taking: () => Promise<boolean>): Promise<boolean> => {
    const known = deliveries.get(id)
    if (known) return known
    const begun = taking()
    deliveries.set(id, begun)
    if (deliveries.size > longestDelivery) deliveries.delete(deliveries.keys().next().value!)
    const done = await begun.catch(() => false)
    if (!done) deliveries.delete(id)
    return done
  }

  const hear: HearsPushes['hear'] = async push => {
    const { signing } = chosen
    const checked =
      signing.how === 'sudiyi'
        ? checkSudiyi(signing, push, clock.now())
        : checkWebhook(signing.hookKeys ?? [], push, clock.now())
    if (!checked.ok) {
      dropped += 1
      return { status: 401, why: checked.why }
    }
    const message = readMessage(pushMessage, push.body)
    if (!message) {
      dropped += 1
      return { status: 400, why: 'not readable' }
    }
    const told: readonly EventMessage[] = 'events' in message ? message.events : [message]
    for (const one of told) {
      const board = chosen.cabinets.find(cabinet => cabinet.id === one.cabinet)?.board
      if (board !== undefined) heard.set(board, { online: one.type !== 'cabinet.offline', at: clock.now() })
    }
    return (await takeOnce(checked.id, () => events.take(told))) ? taken : { status: 503, why: 'not now' }
  }

  return {
    name: vendorCloud.name,
    open,
    read: async board => {
      const cabinet = cabinets.get(board)
      return cabinet ? doorsOf(cabinet) : no(noSuchDoor({ board, channel: 0 }))
    },
    close: async () => {
      down = true
      shut(lineClosed)
    },
    hear,
    hookSecret: chosen.hookSecret,
    onEvent: events.onEvent,
    health: (board): CabinetHealth => ({
      online: heard.get(board)?.online ?? false,
      lastHeardAt: heard.get(board)?.at ?? null,
      uptimeSeconds: null,
      clockOffset: null,
      dropped,
    }),
  }
}

const taken: PushReply = { status: 200 }
/** A push is one event, or several. */
const pushMessage = z.union([eventsMessage, eventMessage])
