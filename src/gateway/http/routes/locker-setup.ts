import { createRoute, z } from '@hono/zod-openapi'
import { orThrow, type Problem, ProblemError } from '../../../kernel/problem.ts'
import { boardFacts } from '../../../lockers/commission/facts.ts'
import { lineForm } from '../../../lockers/commission/form.ts'
import type { GuidedAct } from '../../../lockers/commission/guided.ts'
import { layOver } from '../../../lockers/commission/layout.ts'
import { settingsText } from '../../../lockers/commission/settings-text.ts'
import type { LineSetup, Setup, SetupWish } from '../../lockers/setup.ts'
import type { ChosenLine } from '../../lockers/setup-lines.ts'
import { endings, noSetup, settingsHead } from '../../lockers/setup-words.ts'
import {
  type LockerSetupJson,
  lockerSetup,
  type SetupJson,
  type SetupNamesJson,
  setupAct,
  setupNames,
  setupSettings,
  startSetup,
} from '../api/locker-setup.ts'
import { actorOf, type Ctx, type Deps, type Routes, staff } from '../deps.ts'
import { body, json, refusals } from './shape.ts'

/** A fault of the written settings, at its place in them. */
export interface TextFault {
  readonly line: number
  readonly column: number
  readonly path: string
  readonly message: string
}

export interface LockerSetupDeps extends Deps {
  readonly setup: LineSetup
  readonly networks: readonly string[]
  readonly makes: readonly ChosenLine['make'][]
  /** Whether the settings file would take this text for the lockers of the library. */
  readonly check: (libraryId: string, text: string) => readonly TextFault[]
}

const at = '/api/staff/locker-setup'
const params = z.object({ id: z.string().max(64) })
const shown = { 200: json(lockerSetup, 'what can be, and is being, set up'), ...refusals }

const get = createRoute({
  method: 'get',
  path: at,
  tags: ['staff'],
  summary: 'Lines that can be set up, and the set-up under way',
  responses: shown,
})
const start = createRoute({
  method: 'post',
  path: at,
  tags: ['staff'],
  summary: 'Take a line from the gateway and look for boards; no door moves',
  request: body(startSetup),
  responses: shown,
})
const act = createRoute({
  method: 'post',
  path: `${at}/{id}/act`,
  tags: ['staff'],
  summary: 'One step of the set-up; `open` gives one pulse, written down before it leaves',
  request: { params, ...body(setupAct) },
  responses: shown,
})
const end = createRoute({
  method: 'post',
  path: `${at}/{id}/end`,
  tags: ['staff'],
  summary: 'Give the line back to the gateway; what was learned stays',
  request: { params },
  responses: shown,
})
const write = createRoute({
  method: 'post',
  path: `${at}/{id}/settings`,
  tags: ['staff'],
  summary: 'The settings of what was learned, and whether the settings file takes them',
  request: { params, ...body(setupNames) },
  responses: { 200: json(setupSettings, 'to be put into the settings file'), ...refusals },
})

/** Guided set-up of a line, beside the running gateway. */
export const lockerSetupRoutes =
  (deps: LockerSetupDeps): Routes =>
  app => {
    const { setup } = deps
    const makes: LockerSetupJson['makes'] = deps.makes.flatMap(make => {
      const facts = boardFacts(make)
      if (!facts) return []
      const { line, everyBoard } = lineForm(make, facts)
      const form = { line: line.map(plainField), everyBoard: everyBoard.map(plainField) }
      return [{ driver: make.name, title: make.title, addresses: facts.addresses, form }]
    })
    const who = (c: Ctx) => {
      const { libraryId, name } = staff(c)
      return { libraryId, name, actor: actorOf(c.get('who')) }
    }
    const view = (c: Ctx): LockerSetupJson => {
      const { libraryId, actor } = who(c)
      const current = setup.current(libraryId)
      return {
        makes,
        lines: setup.lines(libraryId).map(({ line, lockers }) => ({
          id: line.id ?? '',
          driver: line.make.name,
          where: whereOf(line.address),
          boards: line.boards.map(one => one.address),
          lockers: lockers.map(({ id, name }) => ({ id, name })),
        })),
        networks: [...deps.networks],
        current: current ? currentJson(current, current.by.actor === actor) : null,
      }
    }
    app.openapi(get, async c => {
      const by = who(c)
      const id = setup.current(by.libraryId)?.id
      if (id !== undefined) setup.alive(by, id)
      return c.json(view(c), 200)
    })
    app.openapi(start, async c => {
      orThrow(await setup.start(who(c), c.req.valid('json') as SetupWish))
      return c.json(view(c), 200)
    })
    app.openapi(act, async c => {
      const { turn, act: wanted } = c.req.valid('json')
      orThrow(await setup.act(who(c), c.req.valid('param').id, turn, wanted as GuidedAct))
      return c.json(view(c), 200)
    })
    app.openapi(end, async c => {
      orThrow(await setup.end(who(c), c.req.valid('param').id))
      return c.json(view(c), 200)
    })
    app.openapi(write, async c => {
      const { libraryId } = who(c)
      const current = setup.current(libraryId)
      if (current?.id !== c.req.valid('param').id) throw new ProblemError(noSetup)
      const day = deps.libraries.time(libraryId, deps.clock.now()).slice(0, 10)
      const yaml = textOf(current, c.req.valid('json'), day)
      return c.json({ yaml, faults: [...deps.check(libraryId, yaml)] }, 200)
    })
  }

const textOf = ({ line, known, guided }: Setup, names: SetupNamesJson, day: string): string => {
  const { name, place = '', lat, lng } = names
  const { boards, sure, doors } = guided.learned()
  const { known: laid, fresh } = layOver(known, doors)
  const id = line.id ?? names.line
  return settingsText(
    {
      bus: id,
      driver: line.make.name,
      address: line.address,
      boards: boards.map(board => ({ ...line.settings.everyBoard, ...board })),
      more: line.settings.more,
      locker: names.locker,
      doors: fresh,
      ...(name ? { about: { name, place, lat, lng } } : {}),
      known: laid,
    },
    settingsHead(
      id,
      day,
      boards.map(one => one.address).filter(one => !sure.includes(one)),
    ),
  )
}

const whereOf = (address: Readonly<Record<string, unknown>>): string => {
  const { dial, listen } = address as {
    dial?: { host: string; port: number }
    listen?: { host: string; port: number; from?: string }
  }
  if (dial) return `→ ${dial.host}:${dial.port}`
  return listen ? `← ${listen.from ?? '*'} (${listen.host}:${listen.port})` : ''
}

const troubleJson = (problem: Problem): NonNullable<SetupJson['problem']> => ({
  say: problem.say,
  ...(problem.their?.text ? { their: problem.their.text.slice(0, 200) } : {}),
})

const plainField = <T extends { readonly values?: readonly string[] }>({ values, ...field }: T) => ({
  ...field,
  ...(values ? { values: [...values] } : {}),
})

const currentJson = (setup: Setup, mine: boolean): SetupJson => {
  const { id, by, line, lockers, known, over, guided } = setup
  const view = guided.view()
  const { boards } = view
  const none = view.step === 'found' && !boards.some(one => one.heard === 'board')
  return {
    id,
    mine,
    by: by.name,
    line: { id: line.id ?? null, driver: line.make.name, where: whereOf(line.address) },
    lockers: lockers.map(locker => ({ id: locker.id, name: locker.name })),
    layout: known.map(({ board, channel, label, size, row, column }) => ({
      ...{ board, channel, label, size, row, column },
    })),
    over: over === null ? null : endings[over],
    step: view.step,
    turn: view.turn,
    progress: view.progress,
    problem: view.problem && troubleJson(view.problem),
    echo: view.echo,
    boards: [...boards],
    sounds: none ? setup.sounds().slice(0, 3) : [],
    wirings: view.wirings.map(({ board, sure, candidates }) => ({
      board,
      sure,
      candidates: candidates.map(one => ({ wiring: { ...one.wiring }, open: one.open })),
    })),
    idle: [...view.idle],
    channels: [...view.channels],
    holding: [...view.holding],
    doors: [...view.doors],
    none: [...view.none],
    at: view.at && {
      ...view.at,
      seen: [...view.at.seen],
      problem: view.at.problem && troubleJson(view.at.problem),
    },
    stillOpen: [...view.stillOpen],
    taught: view.taught,
    silent: view.silent.map(({ board, problem }) => ({ board, say: problem.say })),
  }
}
