import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { Agent } from 'undici'
import { createHttp } from '../../adapters/http.ts'
import { manualDesk } from '../../adapters/ils/manual.ts'
import type { Config, DriverSettings } from '../../config.ts'
import { openStore, pendingMigrations } from '../../gateway/store/db.ts'
import { noLog } from '../../kernel/log.ts'
import { asProblem, type Problem, type Words } from '../../kernel/problem.ts'
import { noTranscript, type Transcript } from '../../kernel/transcript.ts'
import { echoes, readWhenUp } from '../../lockers/commission/survey.ts'
import { clock, configOption, ids } from '../data.ts'
import { isServed, lineTaken } from '../locker-lines.ts'
import { builtPages } from '../serve.ts'
import { findConfigured, type Place } from '../settings.ts'
import { makeIls, makeLockerLine, type Workshop } from '../vendors.ts'
import { addFramesDoctor, heardInstead } from './doctor-frames.ts'
import { addLockerDoctor } from './doctor-locker.ts'
import { addSip2Doctor } from './doctor-sip2.ts'

interface Finding {
  readonly what: string
  readonly state: 'ok' | 'look' | 'bad'
  readonly say: Words
  /** Of what does not work: `unreachable/ils-unreachable`, and what the other side or the socket said. */
  readonly problem?: string
  readonly their?: string
}

/**
 * Adds `shuqiao doctor`: looks at everything the settings name, and changes nothing out there; and `doctor sip2`,
 * `doctor locker`, `doctor frames`.
 */
export const addDoctorVerb = (program: Command): void => {
  const doctor = program
    .command('doctor')
    .enablePositionalOptions()
    .description('check the settings, the data, the library systems and the lockers; nothing is changed')
    .option('--json', 'one JSON object a line')
    .option('--wire', 'show every message that is exchanged, masked, on standard error')
    .option(...configOption)
    .action(async (flags: { config?: string; json?: boolean; wire?: boolean }) => {
      const place = findConfigured(flags.config, process.env)
      let bad = 0
      for await (const finding of examine(place, flags.wire ? showWire : noTranscript)) {
        if (finding.state === 'bad') bad += 1
        process.stdout.write(flags.json ? `${JSON.stringify(finding)}\n` : `${lineOf(finding)}\n`)
      }
      if (bad > 0) process.exitCode = 1
    })
  addSip2Doctor(doctor)
  addLockerDoctor(doctor)
  addFramesDoctor(doctor)
}

const marks = { ok: '✓', look: '!', bad: '✗' } as const
const lineOf = ({ what, state, say, problem, their }: Finding): string =>
  [
    `${marks[state]} ${what}: ${say.zh} / ${say.en}`,
    ...(problem === undefined ? [] : [`[${problem}]`]),
    ...(their === undefined ? [] : [their]),
  ].join('  ')

const broken = (what: string, { kind, code, say, their }: Problem): Finding => {
  const words = [their?.code, their?.text].filter(word => word !== undefined).join(' ')
  return { what, state: 'bad', say, problem: `${kind}/${code}`, ...(words === '' ? {} : { their: words }) }
}

const showWire: Transcript = ({ peer, direction, text }) => {
  process.stderr.write(`  ${peer} ${direction} ${text}\n`)
}

async function* examine(
  place: Place & { readonly config: Config },
  transcript: Transcript,
): AsyncGenerator<Finding> {
  yield runtime()
  yield await database(place)
  yield pages()
  const agent = new Agent()
  const shop = workshop(agent, transcript)
  try {
    for (const { id, ils } of place.config.libraries) yield await librarySystem(id, ils, shop)
    const served = await isServed(place)
    for (const bus of place.config.lockerBuses)
      if (served) yield { what: `locker line ${bus.id}`, state: 'look', say: lineTaken }
      else yield* lockerLine(place.config, bus, shop)
  } finally {
    await agent.close()
  }
}

const runtime = (): Finding => {
  const major = Number(process.versions.node.split('.')[0])
  return major >= 26
    ? { what: 'Node', state: 'ok', say: { zh: `版本 ${process.version}`, en: `version ${process.version}` } }
    : {
        what: 'Node',
        state: 'bad',
        say: {
          zh: `版本 ${process.version} 太旧，请用 npm 脚本启动`,
          en: `${process.version} is too old: start through npm`,
        },
      }
}

const database = async ({ databaseUrl }: Place): Promise<Finding> => {
  const what = databaseUrl.startsWith('sqlite') ? 'SQLite' : 'PostgreSQL'
  if (databaseUrl.startsWith('sqlite:') && !existsSync(databaseUrl.slice(7)))
    return {
      what,
      state: 'look',
      say: { zh: '还没有数据，首次启动时建立', en: 'no data yet: made at the first start' },
    }
  const store = openStore(databaseUrl)
  try {
    const ready = (await pendingMigrations(store)).length === 0
    return ready
      ? { what, state: 'ok', say: { zh: '可以读，结构是新的', en: 'can be read, and is up to date' } }
      : {
          what,
          state: 'look',
          say: { zh: '结构是旧的，启动时会更新', en: 'will be brought up to date at the start' },
        }
  } catch (thrown) {
    return broken(what, asProblem(thrown))
  } finally {
    await store.close()
  }
}

const pages = (): Finding =>
  existsSync(builtPages)
    ? { what: 'pages', state: 'ok', say: { zh: '页面已生成', en: 'the pages are built' } }
    : {
        what: 'pages',
        state: 'look',
        say: { zh: '页面还没生成：npm run pages', en: 'the pages are not built yet: npm run pages' },
      }

/** An item that no library has: any answer shows that the system is there and understands us. */
const nobodysItem = 'SHUQIAO-DOCTOR-0'

const librarySystem = async (
  id: string,
  settings: Config['libraries'][number]['ils'],
  shop: Workshop,
): Promise<Finding> => {
  const what = `ILS ${id}`
  if (settings.driver === 'manual')
    return { what, state: 'ok', say: { zh: '没有连接，由馆员手工办理', en: 'no link: staff act by hand' } }
  const ils = makeIls(id, settings, shop)
  try {
    const started = clock.now()
    const answer = await ils.item(nobodysItem)
    const took = clock.now() - started
    if (answer.ok || answer.problem.kind === 'refused')
      return { what, state: 'ok', say: { zh: `已连通，应答 ${took} 毫秒`, en: `answers, in ${took} ms` } }
    return broken(what, answer.problem)
  } finally {
    await ils.close()
  }
}

/** Without a name on its broker: the gateway that runs would be cut off by another one under the same. */
const asGuest = (bus: DriverSettings): DriverSettings => {
  const { broker } = bus
  if (typeof broker !== 'object' || broker === null || !('clientId' in broker)) return bus
  const { clientId: _, ...rest } = broker
  return { ...bus, broker: rest }
}

async function* lockerLine(
  config: Config,
  bus: Config['lockerBuses'][number],
  shop: Workshop,
): AsyncGenerator<Finding> {
  const driver = makeLockerLine(bus.id, asGuest(bus), shop)
  const compartments = config.libraries
    .flatMap(library => library.lockers)
    .filter(locker => locker.bus === bus.id)
  const boards = new Set(compartments.flatMap(locker => locker.compartments.map(one => one.board)))
  try {
    for (const board of boards) {
      const what = `locker line ${bus.id}, board ${board}`
      const answer = await readWhenUp(driver, board, clock)
      if (!answer.ok) {
        yield broken(what, answer.problem)
        const say = heardInstead(answer.problem)
        if (say) yield { what, state: 'look', say }
      } else {
        const open = answer.value.filter(reading => reading.door === 'open').length
        yield {
          what,
          state: open > 0 ? 'look' : 'ok',
          say: {
            zh: `${answer.value.length} 个门，${open} 个开着${echoes(driver) ? '；转换器会回送所发字节' : ''}`,
            en: `${answer.value.length} doors, ${open} open${echoes(driver) ? '; the adapter repeats what it sends' : ''}`,
          },
        }
      }
    }
  } finally {
    await driver.close()
  }
}

const workshop = (agent: Agent, transcript: Transcript): Workshop => ({
  clock,
  random: randomBytes,
  ids,
  log: noLog,
  transcript,
  http: createHttp({ agent, clock, transcript }),
  manualTasks: () => manualDesk({ patron: async () => undefined, item: async () => undefined }),
})
