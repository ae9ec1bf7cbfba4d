import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import { type Answer, no, type Problem, ProblemError, type Words, yes } from '../../kernel/problem.ts'
import type { Transcript } from '../../kernel/transcript.ts'
import { createGuided, type Guided, type GuidedAct, type Learned } from '../../lockers/commission/guided.ts'
import { doorHolds } from '../../lockers/commission/guided-words.ts'
import type { KnownDoor } from '../../lockers/commission/layout.ts'
import { openLine, soundSettings } from '../../lockers/commission/open-line.ts'
import { sameDoor } from '../../lockers/commission/wired-line.ts'
import type { Door } from '../../lockers/locker.ts'
import type { LockerMake } from '../../lockers/make.ts'
import type { Libraries, LockerPlace } from '../libraries.ts'
import { audit } from '../store/audit.ts'
import type { Db, Store, Tx } from '../store/db.ts'
import { appendLockerEvent } from '../store/locker-events.ts'
import { holdingDoors } from '../store/locker-setup.ts'
import type { LentLine } from './lending-line.ts'
import type { Lockers } from './lockers.ts'
import { type ChosenLine, type ConfiguredLine, type NewLine, setupLines } from './setup-lines.ts'
import {
  type Ending,
  noSetup,
  notYourLine,
  setupElsewhere,
  setupOfProcess,
  somebody,
  tooOften,
  unknownLine,
} from './setup-words.ts'

export interface SetupOptions {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly libraries: Libraries
  readonly lockers: Pick<Lockers, 'lendLine' | 'setupElsewhere'>
  /** Clock and transcript of the wires. */
  readonly wire: { readonly clock: Clock; readonly transcript: Transcript }
  readonly makes: readonly LockerMake[]
  readonly lines: readonly ConfiguredLine[]
  readonly networks: readonly string[]
  lookup(host: string): Promise<readonly string[]>
  /** Whose frames these bytes hold, in words; also of boards that no driver runs. */
  recognise(heard: Uint8Array): readonly Words[]
  changed(libraryId: string): void
}

export interface SetupPerson {
  readonly libraryId: string
  /** `staff:<id>`. */
  readonly actor: string
  readonly name: string
}

export interface SetupWish {
  readonly line: { readonly id: string } | NewLine
  readonly addresses: readonly number[]
  readonly reason: string
  /** Goes on with what an earlier set-up of the same line has learned. */
  readonly goOn: boolean
}

/** A set-up, under way or just over. */
export interface Setup {
  readonly id: string
  readonly libraryId: string
  readonly by: SetupPerson
  readonly line: ChosenLine
  readonly lockers: readonly LockerPlace[]
  readonly known: readonly KnownDoor[]
  readonly guided: Guided
  readonly over: Ending | null
  /** What is on the line, where none of the boards looked for is. */
  sounds(): readonly Words[]
}

/** Setting up one line at a time, beside the running gateway, by a person who stands before the cabinet. */
export interface LineSetup {
  /** Lines of the settings that this library may set up. */
  lines(libraryId: string): readonly { readonly line: ChosenLine; readonly lockers: readonly LockerPlace[] }[]
  /** The set-up of this library that is under way, or the last one. */
  current(libraryId: string): Setup | undefined
  start(by: SetupPerson, wish: SetupWish): Promise<Answer<void>>
  act(by: SetupPerson, id: string, turn: number, act: GuidedAct): Promise<Answer<void>>
  /** The page is still there. */
  alive(by: SetupPerson, id: string): void
  /** By who began it, or anybody else who may begin one at this library. */
  end(by: SetupPerson, id: string): Promise<Answer<void>>
  /** The gateway stops: gives the line back. */
  stop(): Promise<void>
}

/** The page is taken for closed; the person for gone; the line for needed. */
const closedAfter: Millis = 180_000
const idleAfter: Millis = 20 * 60_000
const longest: Millis = 4 * 3_600_000
const looksEvery: Millis = 5_000
/** Lines that are not in the settings: so many begun in so long, whatever came of them. */
const tries = 12
const triesIn: Millis = 600_000
/** A serial server takes our call within this time, or calls us. */
const dialPatience: Millis = 6_000
const listenPatience: Millis = 60_000

interface Running extends Setup {
  over: Ending | null
  readonly lent: LentLine
  readonly startedAt: Millis
  heardAt: Millis
  actedAt: Millis
  cancel: () => void
  ending: Promise<void> | undefined
}

export const createLineSetup = (options: SetupOptions): LineSetup => {
  const { store, clock, wire, ids, libraries } = options
  const chooser = setupLines(options)
  const last = new Map<string, Running>()
  const begun = new Map<string, Millis[]>()
  let starting = false

  const running = (): Running | undefined => [...last.values()].find(one => one.over === null)

  const lockersOn = (id: string | undefined): readonly LockerPlace[] =>
    id === undefined ? [] : libraries.all().flatMap(one => one.lockers.filter(locker => locker.bus === id))

  const note = (tx: Tx, by: SetupPerson, action: string, subject: string, reason: string, data = {}) =>
    audit(tx, { libraryId: by.libraryId, at: clock.now(), actor: by.actor, action, subject, reason, data })

  /** A door that is in the settings has this in its own history too. */
  const inHistory = async (
    tx: Tx,
    { actor }: SetupPerson,
    lockers: readonly LockerPlace[],
    door: Door,
  ): Promise<void> => {
    const at = clock.now()
    for (const { libraryId, id: lockerId, compartments } of lockers)
      for (const { id: compartmentId } of compartments.filter(one => sameDoor(one, door))) {
        const event = { id: ids.next(), compartmentId, kind: 'remote-open', at, actor }
        await appendLockerEvent(
          tx,
          { libraryId, lockerId },
          { ...event, visitId: null, contents: null, data: { setup: true } },
          at,
        )
      }
  }

  const choose = async (by: SetupPerson, wanted: SetupWish['line']): Promise<Answer<ChosenLine>> => {
    if ('id' in wanted) {
      const line = chooser.configured(wanted.id)
      return line ? yes(line) : no(unknownLine)
    }
    const now = wire.clock.now()
    const recent = (begun.get(by.libraryId) ?? []).filter(at => at > now - triesIn)
    if (recent.length >= tries) return no(tooOften)
    begun.set(by.libraryId, [...recent, now])
    return chooser.named(wanted)
  }

  const start = async (by: SetupPerson, wish: SetupWish): Promise<Answer<void>> => {
    for (const one of last.values()) await one.ending
    const taken = running()
    if (taken) return no(setupElsewhere(taken.libraryId === by.libraryId ? named(taken.by) : somebody))
    const chosen = await choose(by, wish.line)
    if (!chosen.ok) return chosen
    const line = chosen.value
    const lockers = lockersOn(line.id)
    if (lockers.some(one => one.libraryId !== by.libraryId)) return no(notYourLine)
    // Wrong settings are told before the line is taken from anybody.
    const sound = soundSettings(line.make, line.facts, line.settings)
    if (!sound.ok) return sound
    const name = line.id ?? JSON.stringify(line.address)
    const lent = await options.lockers.lendLine(name)
    if (!lent.ok) return lent
    try {
      await store.tx(tx => note(tx, by, 'locker-setup-started', name, wish.reason, { make: line.make.name }))
      const ear = createEar(wire.transcript)
      const opened = openLine(line.make, line.facts, line.settings, {
        name: `locker-line:${line.id ?? 'new'}`,
        clock: wire.clock,
        transcript: ear.hear,
      })
      if (!opened.ok) {
        await lent.value.back()
        return opened
      }
      const before = last.get(by.libraryId)
      const learned = wish.goOn && before && sameLine(before.line, line) ? before.guided.learned() : undefined
      begin(by, { line, lockers, learned, lent: lent.value, name, opened: opened.value, wish, ear })
      return yes(undefined)
    } catch (error) {
      await lent.value.back()
      throw error
    }
  }

  interface Beginning {
    readonly line: ChosenLine
    readonly lockers: readonly LockerPlace[]
    readonly learned: Learned | undefined
    readonly lent: LentLine
    readonly name: string
    readonly opened: Parameters<typeof createGuided>[0]['line']
    readonly wish: SetupWish
    readonly ear: Ear
  }
  const begin = (
    by: SetupPerson,
    { line, lockers, learned, lent, name, opened, wish, ear }: Beginning,
  ): void => {
    const known = lockers.flatMap(locker => locker.compartments.map(one => ({ ...one, locker: locker.id })))
    const keys = lockers.map(({ libraryId, id }) => ({ libraryId, lockerId: id }))
    const holding = (db: Db = store.db) => holdingDoors(db, keys)
    const beforePulse = (door: Door): Promise<void> =>
      store.tx(async tx => {
        if (!(await lent.stillOurs(tx))) throw new ProblemError(noSetup)
        if ((await holding(tx)).some(one => sameDoor(one, door))) throw new ProblemError(doorHolds(door))
        await note(tx, by, 'locker-tested', `${name}/${door.board}/${door.channel}`, wish.reason)
        await inHistory(tx, by, lockers, door)
      })
    const guided = createGuided({
      line: opened,
      facts: line.facts,
      settled: line.boards,
      known,
      ...(learned ? { learned } : {}),
      clock: wire.clock,
      patience: 'listen' in line.address ? listenPatience : dialPatience,
      holding: () => holding(),
      beforePulse,
      changed: () => options.changed(by.libraryId),
    })
    const now = wire.clock.now()
    const made: Running = {
      ...{ id: ids.next(), libraryId: by.libraryId, by, line, lockers, known, guided, lent },
      ...{ over: null, startedAt: now, heardAt: now, actedAt: now, ending: undefined },
      cancel: () => {},
      sounds: () => options.recognise(ear.heard()),
    }
    last.set(by.libraryId, made)
    watch(made)
    void guided.act(0, { act: 'look', addresses: wish.addresses })
  }

  const watch = (one: Running): void => {
    one.cancel = wire.clock.after(looksEvery, () => {
      if (one.over !== null) return
      const now = wire.clock.now()
      const why: Ending | undefined = !one.lent.held()
        ? 'line-lost'
        : now - one.heardAt >= closedAfter
          ? 'page-closed'
          : now - one.actedAt >= idleAfter
            ? 'idle'
            : now - one.startedAt >= longest
              ? 'too-long'
              : undefined
      if (why) void finish(one, why)
      else watch(one)
    })
  }

  /** Whatever fails on the way, the line comes back. */
  const finish = (one: Running, why: Ending): Promise<void> => {
    one.ending ??= (async () => {
      one.cancel()
      one.over = why
      const { doors, none } = one.guided.learned()
      try {
        await one.guided.close()
        const name = one.line.id ?? JSON.stringify(one.line.address)
        const counts = { why, doors: doors.length, none: none.length }
        await store.tx(tx => note(tx, one.by, 'locker-setup-ended', name, why, counts))
      } catch (error) {
        options.log.error({ problem: String(error) }, 'a set-up of a line did not end as it should')
      } finally {
        await one.lent.back()
        options.changed(one.libraryId)
      }
    })()
    return one.ending
  }

  /** Not here: over, or in another process, which is told. */
  const notHere = async (): Promise<{ readonly ok: false; readonly problem: Problem }> => {
    const elsewhere = await options.lockers.setupElsewhere()
    return no(elsewhere === undefined ? noSetup : setupOfProcess(elsewhere))
  }

  const mine = (by: SetupPerson, id: string): Answer<Running> | undefined => {
    const one = last.get(by.libraryId)
    if (one?.id !== id) return undefined
    if (one.over !== null) return no(noSetup)
    return one.by.actor === by.actor ? yes(one) : no(setupElsewhere(named(one.by)))
  }

  return {
    lines: libraryId =>
      options.lines.flatMap(({ id }) => {
        const line = chooser.configured(id)
        const lockers = lockersOn(id)
        return line && lockers.every(one => one.libraryId === libraryId) ? [{ line, lockers }] : []
      }),
    current: libraryId => last.get(libraryId),
    start: async (by, wish) => {
      if (starting) return no(setupElsewhere(somebody))
      starting = true
      try {
        return await start(by, wish)
      } finally {
        starting = false
      }
    },
    act: async (by, id, turn, act) => {
      const found = mine(by, id) ?? (await notHere())
      if (!found.ok) return found
      const one = found.value
      one.heardAt = wire.clock.now()
      if (act.act !== 'check') one.actedAt = one.heardAt
      const answer = await one.guided.act(turn, act)
      one.heardAt = wire.clock.now()
      return answer
    },
    alive: (by, id) => {
      const found = mine(by, id)
      if (found?.ok) found.value.heardAt = wire.clock.now()
    },
    end: async (by, id) => {
      const one = last.get(by.libraryId)
      if (one?.id !== id) return notHere()
      await finish(one, 'done')
      return yes(undefined)
    },
    stop: async () => {
      const one = running()
      if (one) await finish(one, 'stopping')
    },
  }
}

interface Ear {
  readonly hear: Transcript
  heard(): Uint8Array
}
const earLimit = 4096

/** Keeps the last bytes that came over the line, to tell what hangs on it. */
const createEar = (transcript: Transcript): Ear => {
  let text = ''
  return {
    hear: line => {
      transcript(line)
      if (line.direction !== '<') return
      const hex = /((?: [0-9A-F]{2})+)$/.exec(line.text)?.[1] ?? ''
      text = (text + hex).slice(-3 * earLimit)
    },
    heard: () => Uint8Array.from(text.trim().split(' ').filter(Boolean), byte => Number.parseInt(byte, 16)),
  }
}

const named = ({ name }: SetupPerson): Words => ({ zh: name, en: name })

const sameLine = (a: ChosenLine, b: ChosenLine): boolean =>
  a.id === b.id && a.make.name === b.make.name && JSON.stringify(a.address) === JSON.stringify(b.address)
