/** What staff do around the cabinet of the pages' own tests; its doors open when told to, and door 9 never does. */
import { z } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import { doorLabels } from '../../src/gateway/http/api/locker-setup.ts'
import {
  kioskAnswer,
  type LockerPictureJson,
  lockerPicture,
  remoteOpen,
} from '../../src/gateway/http/api/staff.ts'
import {
  bulkOutcome,
  bulkWish,
  careNotes,
  doorHistory,
  doorService,
  drawing,
  type LockerCareJson,
  lockerCare,
  maintenance,
  settingsYaml,
  settleAlarm,
} from '../../src/gateway/http/api/staff-lockers.ts'
import { answer } from './fake-api.ts'
import { doors } from './fake-kiosk.ts'

const both = (zh: string, en: string) => ({ zh, en })
type State = LockerPictureJson['compartments'][number]['state']
const states: readonly State[] = [
  'free',
  'loaded',
  'free',
  'reserved',
  'expired',
  'returned',
  'out_of_service',
]
const at = '/api/staff/lockers/:id'

/** `opened`: doors told to open, in order. A look at the cabinet shuts what was open for one look before. */
export const fakeLockers =
  (opened: string[] = []) =>
  (app: Hono): void => {
    let alarms: LockerCareJson['alarms'] = [
      {
        compartmentId: 'door-7',
        label: '7',
        code: 'forced',
        say: both('门被强行打开，请检查物品', 'the door was forced; look what is inside'),
        since: '2026-11-22T09:40:00+08:00',
        settles: true,
      },
      {
        compartmentId: null,
        label: null,
        code: 'board-silent',
        say: both('2 号板没有回应', 'board 2 is silent'),
        since: '2026-11-22T09:58:00+08:00',
        settles: false,
      },
    ]
    let care: Omit<LockerCareJson, 'alarms'> = {
      maintenance: null,
      sanitary: '周一擦过',
      battery: '',
      noted: null,
      turnedAt: null,
      bulk: [
        {
          id: 'bulk-1',
          doors: 15,
          reason: '大扫除',
          askedBy: 'staff:other',
          mine: false,
          until: '2026-11-22T10:15:00+08:00',
        },
      ],
    }
    const out = new Set<string>()
    const open = new Map<string, number>([['door-7', Number.POSITIVE_INFINITY]])
    app.get('/api/staff/lockers', c => {
      const compartments = doors.map((door, index): LockerPictureJson['compartments'][number] => {
        const looks = open.get(door.id) ?? 0
        if (looks > 0) open.set(door.id, looks - 1)
        const state = states[index % states.length]!
        return {
          ...door,
          state: out.has(door.id) ? 'out_of_service' : state,
          door: looks > 0 ? 'open' : 'closed',
          since: index % 2 === 0 ? '2026-11-20T09:40:00+08:00' : '2026-11-22T07:40:00+08:00',
          titles: state === 'loaded' ? ['三体'] : [],
          alarm: alarms.find(one => one.compartmentId === door.id)?.say ?? null,
        }
      })
      return answer(c, z.array(lockerPicture), [
        {
          id: 'guanqian',
          name: both('观前街柜', 'Guanqian Street locker'),
          place: '观前街 12 号，美罗商场一楼东门内',
          online: true,
          boards: [
            { board: 1, silentSince: null },
            { board: 2, silentSince: '2026-11-22T09:58:00+08:00' },
          ],
          compartments,
        },
      ])
    })
    app.post(`${at}/compartments/:door/open`, async c => {
      remoteOpen.parse(await c.req.json())
      const door = doors.find(({ id }) => id === c.req.param('door'))!
      opened.push(door.id)
      const jams = door.id === 'door-9'
      if (!jams) open.set(door.id, 2)
      const { id, label, row, column } = door
      return answer(c, kioskAnswer, {
        signal: jams ? 'jammed' : 'open',
        say: jams ? both('门卡住了。', 'The door is stuck.') : both('门开了。', 'It is open.'),
        compartment: { id, label, row, column },
        titles: [],
        visit: null,
      })
    })
    app.get(`${at}/labels`, c =>
      answer(c, doorLabels, {
        items: doors.map(({ id, label }) => ({ id, label, url: `https://jieyue.example/l/guanqian/${id}` })),
      }),
    )
    app.get(`${at}/care`, c => answer(c, lockerCare, { ...care, alarms }))
    app.get(`${at}/compartments/:door/history`, c =>
      answer(c, doorHistory, {
        items: ['closed', 'forced', 'collected', 'loaded'].map((kind, n) => ({
          id: `event-${n}`,
          at: `2026-11-22T0${9 - n}:40:00+08:00`,
          kind,
          actor: n === 3 ? 'staff:librarian' : 'locker',
        })),
      }),
    )
    app.post(`${at}/alarms/settle`, async c => {
      const { compartmentId } = settleAlarm.parse(await c.req.json())
      alarms = alarms.filter(one => one.compartmentId !== compartmentId)
      open.delete(compartmentId ?? '')
      return c.body(null, 204)
    })
    app.post(`${at}/maintenance`, async c => {
      const { on, reason } = maintenance.parse(await c.req.json())
      const begun = { reason, by: 'staff:librarian', at: '2026-11-22T10:00:00+08:00' }
      care = { ...care, maintenance: on ? begun : null }
      return c.body(null, 204)
    })
    app.post(`${at}/notes`, async c => {
      care = { ...care, ...careNotes.parse(await c.req.json()) } as typeof care
      return c.body(null, 204)
    })
    app.post(`${at}/compartments/:door/service`, async c => {
      const { inService } = doorService.parse(await c.req.json())
      if (inService) out.delete(c.req.param('door'))
      else out.add(c.req.param('door'))
      return c.body(null, 204)
    })
    app.post(`${at}/bulk`, async c => {
      bulkWish.parse(await c.req.json())
      return c.body(null, 204)
    })
    app.post(`${at}/bulk/:bulk/:decision`, c => {
      care = { ...care, bulk: [] }
      return answer(c, bulkOutcome, { doors: [] })
    })
    app.post(`${at}/drawing`, async c => {
      const { doors: drawn } = drawing.parse(await c.req.json())
      const yaml = `lockers:\n  - id: guanqian\n    compartments:\n${drawn
        .map(door => `      - { id: ${door.id}, label: ${door.label}, size: ${door.size} }\n`)
        .join('')}`
      return answer(c, settingsYaml, { yaml })
    })
  }
