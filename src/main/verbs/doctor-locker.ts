import { createInterface } from 'node:readline/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { splitDriver } from '../../config/load.ts'
import type { LockerBusConfig } from '../../config.ts'
import { addressesBy, lineBehind } from '../../gateway/lockers/setup-lines.ts'
import type { Store } from '../../gateway/store/db.ts'
import { holdsLease, takeLease } from '../../gateway/store/leases.ts'
import { lineLease } from '../../gateway/store/locker-lines.ts'
import { holdingDoors } from '../../gateway/store/locker-setup.ts'
import { misconfigured, orThrow, ProblemError, unreachable, type Words } from '../../kernel/problem.ts'
import { noTranscript, type Transcript } from '../../kernel/transcript.ts'
import { type BoardFacts, boardFacts } from '../../lockers/commission/facts.ts'
import { type OpenLine, openLine } from '../../lockers/commission/open-line.ts'
import { wirings } from '../../lockers/commission/polarity.ts'
import { type MappedDoor, settingsText } from '../../lockers/commission/settings-text.ts'
import { type FoundBoard, survey } from '../../lockers/commission/survey.ts'
import { sameDoor, type WiringOf } from '../../lockers/commission/wired-line.ts'
import { addressesOf } from '../addresses.ts'
import { checkLibrary, clock, configOption, ids, noteCommand, withData } from '../data.ts'
import { type Person, walk } from '../locker-doctor.ts'
import { words } from '../locker-doctor-words.ts'
import { lineTaken, standAlone } from '../locker-lines.ts'
import { findPlace, type Place } from '../settings.ts'
import { type Lang, writeSettings } from '../sip2-doctor.ts'
import { lockerMakeNames, lockerMakeOf } from '../vendors.ts'
import { hostAndPort } from './doctor-sip2.ts'

interface Flags {
  readonly library: string
  readonly make: string
  readonly boards: readonly number[]
  readonly locker: string
  readonly look?: true
  readonly write?: string
  readonly wire?: true
  readonly config?: string
  readonly lang: Lang
}

const addresses = (text: string): readonly number[] => {
  const all = text.split(',').flatMap(part => {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part)
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])]
    if (!match || to < from || to > 255) throw new InvalidArgumentError('such as 1-8 or 1,2,5')
    return Array.from({ length: to - from + 1 }, (_, at) => from + at)
  })
  return [...new Set(all)]
}

/** Adds `shuqiao doctor locker`. */
export const addLockerDoctor = (doctor: Command): void => {
  doctor
    .command('locker')
    .description('find the boards of a line, learn its doors with a person watching, and write the settings')
    .argument('<line>', 'a line of the settings file by its id, or HOST:PORT of a serial server')
    .requiredOption('-l, --library <id>', 'whose cabinet it is: the audit log is kept there')
    .addOption(new Option('--make <driver>', 'of the boards').choices(lockerMakeNames).default('xor-8a'))
    .option('--boards <addresses>', 'addresses to look at: 1-8, or 1,2,5', addresses, addresses('1-8'))
    .option('--locker <id>', 'id of the locker in the settings that are written', 'new-locker')
    .option('--look', 'find the boards only; no door is opened')
    .option('--write <file>', 'write the settings here (otherwise they are printed)')
    .option('--wire', 'show every frame on standard error')
    .option(...configOption)
    .addOption(new Option('--lang <language>', 'of what is said').choices(['zh', 'en']).default('zh'))
    .action(run)
}

/** The line as the settings have it, or a new one behind this serial server. */
interface Line {
  readonly id: string
  readonly driver: string
  readonly address: Readonly<Record<string, unknown>>
  readonly more: Readonly<Record<string, unknown>>
  /** Undefined: to be looked for. */
  readonly boards: readonly FoundBoard[] | undefined
}

/** By its id, or by the serial server it leads to, however that is written. */
export const lineOf = async (
  name: string,
  make: string,
  buses: readonly LockerBusConfig[],
  lookup: (host: string) => Promise<readonly string[]>,
): Promise<Line> => {
  const bus = buses.find(one => one.id === name)
  if (bus) return configured(bus)
  const dial = hostAndPort(name)
  const known = buses.map(configured).filter(one => one.address !== undefined)
  const same = await lineBehind(known, { dial }, await addressesBy(lookup)(dial.host), lookup)
  if (same) return same
  return { id: 'new-line', driver: make, address: { dial }, more: {}, boards: undefined }
}

const configured = (bus: LockerBusConfig): Line => {
  const { driver, settings } = splitDriver('lockerBus', bus)
  const { address, boards, ...more } = settings
  return {
    id: bus.id,
    driver,
    address: address as Line['address'],
    more,
    boards: boards as readonly FoundBoard[] | undefined,
  }
}

const run = async (name: string, flags: Flags): Promise<void> => {
  const place = findPlace(flags.config, process.env)
  checkLibrary(place, flags.library)
  const end = standAlone(place)
  try {
    await withData(flags.config, async store => {
      const line = await lineOf(name, flags.make, place.config?.lockerBuses ?? [], addressesOf)
      const lease = await keepLine(store, line)
      try {
        await withPerson(flags.lang, person =>
          examine(line, { flags, place, store, person, ours: lease.ours }),
        )
      } finally {
        await lease.end()
      }
    })
  } finally {
    await end()
  }
}

const leaseFor = 60_000

/** Holds the line's lease; a gateway that holds it is not disturbed. */
const keepLine = async (store: Store, { id, address }: Line) => {
  const name = lineLease(id === 'new-line' ? JSON.stringify(address) : id)
  const keeper = await takeLease({ store, clock, name, owner: `doctor:${ids.next()}`, duration: leaseFor })
  if (!keeper) throw new ProblemError(unreachable('locker-line-elsewhere', lineTaken))
  return {
    ours: async (note: (tx: Parameters<typeof holdsLease>[0]) => Promise<void>): Promise<void> =>
      store.tx(async tx => {
        const lease = keeper.held()
        if (!lease || !(await holdsLease(tx, lease, clock.now())))
          throw new ProblemError(unreachable('locker-line-elsewhere', lineTaken))
        await note(tx)
      }),
    end: keeper.close,
  }
}

interface Room {
  readonly flags: Flags
  readonly place: Place
  readonly store: Store
  readonly person: Person
  readonly ours: Awaited<ReturnType<typeof keepLine>>['ours']
}

const examine = async (line: Line, room: Room): Promise<void> => {
  const make = lockerMakeOf(line.driver)
  const facts = boardFacts(make)
  if (!facts) throw new ProblemError(noBoards(line.driver))
  const transcript: Transcript = room.flags.wire ? shown : noTranscript
  const wire = { name: `locker-line:${line.id}`, clock, transcript }
  const { address, more } = line
  const opened = orThrow(openLine(make, facts, { address, more, everyBoard: {} }, wire))
  try {
    orThrow(await opened.whenUp('listen' in address ? listenPatience : dialPatience))
    await examineOn(opened, facts, line, room)
  } finally {
    await opened.close()
  }
}

/** A serial server takes our call within this time, or calls us. */
const dialPatience = 6_000
const listenPatience = 60_000

const examineOn = async (
  opened: OpenLine,
  facts: BoardFacts,
  line: Line,
  { flags, place, store, person, ours }: Room,
): Promise<void> => {
  const { driver } = opened
  const boards = line.boards ?? (await find())
  async function find(): Promise<readonly FoundBoard[]> {
    person.say(words.searching(flags.boards[0] ?? 0, flags.boards.at(-1) ?? 0))
    const heardEcho = () => person.say(words.echo)
    return survey({ facts, addresses: flags.boards, driver, clock, echoes: heardEcho })
  }
  for (const { address, channels } of boards) person.say(words.found(address, channels))
  if (boards.length === 0) {
    person.say(words.noBoards)
    process.exitCode = 1
    return
  }
  const wired = (of: WiringOf) => boards.map(board => ({ ...board, ...of(board.address) }))
  const known = knownDoors(place, line)
  const full = await holdingDoors(store.db, lockersOn(place, line))
  const walked = flags.look
    ? undefined
    : await walk({
        boards,
        wirings: wirings(facts.switches),
        driver: of => driver(wired(of)),
        known,
        holds: door => full.some(one => sameDoor(one, door)),
        beforePulse: ({ board, channel }) =>
          ours(tx => noteCommand(tx, flags.library, 'locker-tested', `${line.id}/${board}/${channel}`)),
        clock,
        person,
      })
  const unsure = walked?.unsure ?? boards.map(one => one.address)
  const day = Temporal.Instant.fromEpochMilliseconds(clock.now()).toString().slice(0, 10)
  const text = settingsText(
    {
      bus: line.id,
      driver: line.driver,
      address: line.address,
      boards: walked ? wired(walked.wiring) : boards,
      more: line.more,
      locker: flags.locker,
      doors: walked?.doors ?? [],
    },
    words.head(line.id, day, unsure),
  )
  if (flags.write === undefined) process.stdout.write(`\n${text}`)
  else writeSettings(flags.write, text)
}

const lockersOn = ({ config }: Place, line: Line) =>
  (config?.libraries ?? []).flatMap(library =>
    library.lockers
      .filter(locker => locker.bus === line.id)
      .map(locker => ({ libraryId: library.id, lockerId: locker.id })),
  )

const knownDoors = (
  { config }: Place,
  line: Line,
): readonly (MappedDoor & { readonly locker: string; readonly id: string })[] =>
  (config?.libraries ?? [])
    .flatMap(library => library.lockers)
    .filter(locker => locker.bus === line.id)
    .flatMap(locker =>
      locker.compartments.map(one => ({ ...one, label: one.label ?? one.id, locker: locker.id })),
    )

const shown: Transcript = ({ direction, text }) => {
  process.stderr.write(`  ${direction} ${text}\n`)
}

/** A person at the keyboard; what is said goes to standard error, standard output is for the settings. */
const withPerson = async (lang: Lang, work: (person: Person) => Promise<void>): Promise<void> => {
  const keyboard = createInterface({ input: process.stdin, output: process.stderr })
  const lines = keyboard[Symbol.asyncIterator]()
  const say = (line: Words): void => {
    process.stderr.write(`${line[lang]}\n`)
  }
  try {
    await work({
      say,
      ask: async question => {
        process.stderr.write(question[lang])
        const next = await lines.next()
        return next.done ? undefined : next.value
      },
    })
  } finally {
    keyboard.close()
  }
}

const noBoards = (driver: string) =>
  misconfigured('locker-no-boards', {
    zh: `${driver} 不是线路上的锁控板，没有可以查找的板；请在馆员页面的“自助柜”里逐个试门。`,
    en: `${driver} has no boards on a line to look for; test its doors on the lockers page of the staff console.`,
  })
