import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import { type Answer, no, yes } from '../../kernel/problem.ts'
import type {
  CabinetHealth,
  Door,
  DoorReading,
  HearsPushes,
  KeepsPlaces,
  LockerDriver,
  PlaceTold,
  PushReply,
  TellsEvents,
  TellsHealth,
} from '../locker.ts'
import { defineLocker } from '../make.ts'
import type { Caller } from '../transport/calls.ts'
import { createCloudCalls } from './vendor-cloud-calls.ts'
import { createCloudEvents } from './vendor-cloud-events.ts'
import {
  cabinetMessage,
  eventsMessage,
  openReply,
  pushMessage,
  readMessage,
} from './vendor-cloud-messages.ts'
import { createPlaces, readSudiyiPush } from './vendor-cloud-places.ts'
import { cabinetOffline, cabinetResting, noSuchDoor, tooMany } from './vendor-cloud-problems.ts'
import { type CloudCabinet, type CloudSettings, cloudSettings } from './vendor-cloud-settings.ts'
import { checkSudiyi, checkWebhook } from './vendor-cloud-signing.ts'

export type { CloudSettings } from './vendor-cloud-settings.ts'

/** `KeepsPlaces` where `places` is set. */
export type CloudDriver = LockerDriver & TellsEvents & TellsHealth & HearsPushes & Partial<KeepsPlaces>

const firstLook: Millis = 300
const betweenLooks: Millis = 1000
const missesUntilSilent = 2
const longestDelivery = 1024
/** After an opening, and after a change of doors, a cabinet is really looked at for so long. */
const afterOpening: Millis = 60_000
const afterChange: Millis = 5000
/** While the cloud wants to be left alone, this much of the past is believed. */
const longestBelief: Millis = 120_000

/** What is known of a cabinet without asking. */
interface Known {
  online: boolean
  at: Millis
  /** Undefined when something has happened since. */
  doors: readonly DoorReading[] | undefined
  stirredAt: Millis
  /** The cloud has said when to ask for this cabinet again. */
  restUntil: Millis
  quickUntil: Millis
}

/** Cabinets that only their vendor's cloud speaks to. */
export const vendorCloud = defineLocker({
  name: 'vendor-cloud',
  title: { zh: '厂商云平台（HTTPS，推送带签名）', en: 'Vendor cloud (HTTPS, signed pushes)' },
  settings: cloudSettings,
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
  const boards = new Map(chosen.cabinets.map(one => [one.id, one.board]))
  const known = new Map<number, Known>()
  const deliveries = new Map<string, Promise<boolean>>()
  const calling = createCloudCalls(chosen, { clock, calls })
  const { read } = calling
  const belief = (chosen.pollSeconds ?? (chosen.hookSecret === undefined ? 5 : 30)) * 1000
  let openings = 0
  let dropped = 0
  let down = false
  let tellPlace: ((board: number | undefined, told: PlaceTold) => Promise<void>) | undefined

  /** True when it was taken in; false when it must come again. */
  const placeTold = async (board: number | undefined, told: PlaceTold): Promise<boolean> => {
    if (!tellPlace) return false
    try {
      await tellPlace(board, told)
      return true
    } catch {
      return false
    }
  }

  const events = createCloudEvents({
    clock,
    boards,
    place: placeTold,
    fetch: async (board, after) => {
      const { id } = cabinets.get(board)!
      const ask = { path: `/v1/cabinets/${id}/events?after=${after}`, note: `events ${board}` }
      const page = await read(ask, eventsMessage)
      return page.ok ? yes(page.value.events.filter(one => one.cabinet === id)) : page
    },
  })

  const remember = (board: number, what: Partial<Known>): void => {
    const never = {
      online: false,
      at: 0,
      doors: undefined,
      stirredAt: 0,
      quickUntil: 0,
      restUntil: 0,
    }
    known.set(board, { ...never, ...known.get(board), ...what })
  }
  const doorsOf = async (cabinet: CloudCabinet, urgent = false): Promise<Answer<readonly DoorReading[]>> => {
    const { board, id, channels } = cabinet
    const begun = clock.now()
    const answer = await read({ path: `/v1/cabinets/${id}`, note: `read ${board}`, urgent }, cabinetMessage)
    const before = known.get(board)
    if (!answer.ok) {
      const { code, notBefore = 0 } = answer.problem
      if (before && code !== tooMany.code) before.doors = undefined
      if (notBefore > clock.now() && code !== tooMany.code) remember(board, { restUntil: notBefore })
      return answer
    }
    const { online, seq, compartments } = answer.value
    void events.seen(board, seq)
    const told = new Map(compartments.map(one => [one.number, one]))
    const doors = Array.from({ length: channels }, (_, at) => {
      const one = told.get(at + 1)
      const occupied = one?.item === 'present' ? true : one?.item === 'empty' ? false : undefined
      const door = one?.door ?? 'unknown'
      return { board, channel: at + 1, door, ...(occupied === undefined ? {} : { occupied }) }
    })
    const now = clock.now()
    const same = before?.doors !== undefined && sameDoors(before.doors, doors)
    // Something may have happened while the answer was on its way: then it is looked at again.
    const stirred = (before?.stirredAt ?? 0) >= begun
    remember(board, {
      online,
      at: now,
      doors: online && !stirred ? doors : undefined,
      quickUntil: Math.max(before?.quickUntil ?? 0, same ? 0 : now + afterChange),
      restUntil: 0,
    })
    return online ? yes(doors) : no(cabinetOffline)
  }

  /** A push, or an opening of ours: what was known of the doors may be so no more. */
  const stir = (board: number, online?: boolean): void => {
    const now = clock.now()
    remember(board, {
      doors: undefined,
      stirredAt: now,
      ...(online === undefined ? {} : { online, at: now }),
    })
  }
  /** Nobody is at the cabinet, and it was looked at not long ago. */
  const believed = (board: number): readonly DoorReading[] | undefined => {
    const now = clock.now()
    const one = known.get(board)
    if (!one?.doors) return undefined
    if (now < calling.restUntil()) return now - one.at < longestBelief ? one.doors : undefined
    if (now - one.at >= belief || now < one.quickUntil) return undefined
    return one.doors.some(({ door }) => door === 'open') ? undefined : one.doors
  }

  /** What became of an opening, by a push or by looking, whichever is first. Undefined: nothing within the time. */
  const outcome = async (
    cabinet: CloudCabinet,
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
        const seen = await doorsOf(cabinet, true)
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
    stir(door.board)
    remember(door.board, { quickUntil: clock.now() + afterOpening })
    const sent = await calling.call({
      method: 'POST',
      path: `/v1/cabinets/${cabinet.id}/compartments/${door.channel}/open`,
      // A command that lies in a queue must not open a door in front of nobody hours later.
      body: JSON.stringify({ expiresAt: new Date(clock.now() + chosen.doorWithin * 1000).toISOString() }),
      headers: { 'Idempotency-Key': `${wire.name}:${clock.now()}:${openings}` },
      urgent: true,
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
    const place = chosen.places?.form === 'sudiyi' ? readSudiyiPush(chosen.places, push.body) : undefined
    if (place)
      return (await takeOnce(checked.id, () => placeTold(undefined, place)))
        ? taken
        : { status: 503, why: 'not now' }
    const message = readMessage(pushMessage, push.body)
    if (!message) {
      dropped += 1
      return { status: 400, why: 'not readable' }
    }
    const told = 'events' in message ? message.events : [message]
    for (const one of told) {
      const board = boards.get(one.cabinet)
      if (board !== undefined && !one.type.startsWith('place.')) stir(board, one.type !== 'cabinet.offline')
    }
    return (await takeOnce(checked.id, () => events.take(told))) ? taken : { status: 503, why: 'not now' }
  }

  const keeping: Partial<KeepsPlaces> = chosen.places
    ? {
        ...createPlaces(chosen.places, {
          calls: calling,
          now: () => clock.now(),
          cabinet: board => cabinets.get(board),
        }),
        onPlace: listener => {
          tellPlace = listener
          return () => {
            if (tellPlace === listener) tellPlace = undefined
          }
        },
      }
    : {}

  return {
    ...keeping,
    name: vendorCloud.name,
    open,
    atOnce: 8,
    read: async (board, urgent = false) => {
      const cabinet = cabinets.get(board)
      if (!cabinet) return no(noSuchDoor({ board, channel: 0 }))
      const rest = known.get(board)?.restUntil ?? 0
      if (!urgent && clock.now() < rest) return no({ ...cabinetResting, notBefore: rest })
      const doors = urgent ? undefined : believed(board)
      return doors ? yes(doors) : doorsOf(cabinet, urgent)
    },
    close: async () => {
      down = true
      calling.close()
    },
    hear,
    hookSecret: chosen.hookSecret,
    onEvent: events.onEvent,
    health: (board): CabinetHealth => ({
      online: known.get(board)?.online ?? false,
      lastHeardAt: known.get(board)?.at || null,
      uptimeSeconds: null,
      clockOffset: null,
      dropped,
    }),
  }
}

const taken: PushReply = { status: 200 }

const sameDoors = (one: readonly DoorReading[], other: readonly DoorReading[]): boolean =>
  one.every(({ door, occupied }, at) => other[at]?.door === door && other[at]?.occupied === occupied)
