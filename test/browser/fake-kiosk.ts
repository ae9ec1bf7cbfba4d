/** The cabinet of the pages' own tests: three columns, door 3 opens, the code 000000 finds it jammed. */

import type { z } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import { phoneCorner } from '../../src/gateway/http/api/here.ts'
import {
  kioskAgain,
  kioskAnswer,
  kioskCollect,
  kioskDeposit,
  kioskReturn,
  kioskState,
} from '../../src/gateway/http/api/staff.ts'
import { keypadLocked, putItBack } from '../../src/gateway/lockers/words.ts'
import { answer, refuse } from './fake-api.ts'

const both = (zh: string, en: string) => ({ zh, en })
const sizes = ['small', 'small', 'medium', 'small', 'large'] as const

export const doors = [1, 2, 3].flatMap(column =>
  sizes.map((size, at) => ({
    id: `door-${(column - 1) * 5 + at + 1}`,
    label: String((column - 1) * 5 + at + 1),
    size,
    row: at + 1,
    column,
  })),
)
const third = { id: 'door-3', label: '3', row: 3, column: 1 }

type Answer = z.input<typeof kioskAnswer>
/** Whom the fake cabinet serves by phone. */
export const atPhone: { served: z.input<typeof phoneCorner>['served']; closesAt: string | null } = {
  served: null,
  closesAt: null,
}
/** What people asked of a door that was open or just shut. */
export const asked: string[] = []
let visits = 0
const opened = (titles: string[]): Answer => ({
  signal: 'open',
  say: both('门开了', 'Open'),
  compartment: third,
  titles,
  visit: `visit-${++visits}`,
})

export const kioskRoutes = (app: Hono): void => {
  const closed = new Set<string>()
  app.use('/api/kiosk/*', async (c, next) =>
    c.req.header('Authorization') === 'Device kiosk-key'
      ? next()
      : refuse(c, 401, ['没有登记', 'Not registered']),
  )
  app.get('/api/kiosk/state', c => {
    const visit = c.req.query('visit')
    const over = visit !== undefined && closed.has(visit)
    return answer(c, kioskState, {
      locker: {
        id: 'guanqian',
        name: both('观前街柜', 'Guanqian Street locker'),
        phone: '0512-00000001',
        online: true,
        closesAt: atPhone.closesAt,
      },
      compartments: doors.map(door => ({
        ...door,
        door: visit && !over && door.id === 'door-3' ? ('open' as const) : ('closed' as const),
      })),
      visit: visit
        ? {
            id: visit,
            door: over ? 'closed' : 'open',
            finished: over,
            say: both('取好了，祝你读得开心。', 'Enjoy the book.'),
          }
        : null,
    })
  })
  app.get('/api/kiosk/phone', c =>
    answer(c, phoneCorner, {
      url: atPhone.served ? null : '/#/here/SQH1.guanqian.592000010001.abcdefghijklmnopqrstuv',
      renewIn: 20,
      served: atPhone.served,
    }),
  )
  app.post('/api/kiosk/next-phone', c => {
    atPhone.served = null
    return c.body(null, 204)
  })
  app.post('/api/kiosk/collect', async c => {
    const { code } = kioskCollect.parse(await c.req.json())
    if (code === '482913') return answer(c, kioskAnswer, opened(['三体']))
    if (code === '11111111')
      return answer(c, kioskAnswer, {
        signal: 'no',
        say: keypadLocked(60).say,
        compartment: null,
        titles: [],
        visit: null,
      })
    if (code === '000000')
      return answer(c, kioskAnswer, {
        ...opened([]),
        signal: 'jammed',
        say: both('门可能被卡住了。', 'It may be stuck.'),
      })
    return answer(c, kioskAnswer, {
      signal: 'no',
      say: both('没有这个取书码，看看手机上的是不是它。', 'No such code; look at your phone again.'),
      compartment: null,
      titles: [],
      visit: null,
    })
  })
  app.post('/api/kiosk/return', async c => {
    kioskReturn.parse(await c.req.json())
    return answer(c, kioskAnswer, opened(['活着']))
  })
  app.post('/api/kiosk/deposit', async c => {
    kioskDeposit.parse(await c.req.json())
    return answer(c, kioskAnswer, opened(['三体']))
  })
  app.post('/api/kiosk/again', async c => {
    const { how, visit } = kioskAgain.parse(await c.req.json())
    asked.push(how)
    if (how === 'wrong-item')
      return answer(c, kioskAnswer, {
        ...opened([]),
        signal: 'done',
        say: putItBack('0512-00000001'),
        visit,
      })
    if (how === 'other-door')
      return answer(c, kioskAnswer, {
        ...opened(['三体']),
        compartment: { ...third, id: 'door-5', label: '5', row: 5 },
      })
    if (how === 'call-staff')
      return answer(c, kioskAnswer, {
        signal: 'done',
        say: both('已经告诉馆员了，请稍等。', 'Staff have been told.'),
        compartment: null,
        titles: [],
        visit: null,
      })
    if (how === 'nothing-in')
      return answer(c, kioskAnswer, {
        ...opened([]),
        signal: 'done',
        say: both('请把书带走，关好门。', 'Take your book along and close the door.'),
      })
    return answer(c, kioskAnswer, opened(['三体']))
  })
  app.post('/api/demo/hand', async c => {
    const { visit } = (await c.req.json()) as { visit: string }
    closed.add(visit)
    return c.body(null, 204)
  })
}
