/** A reader before the fake cabinet, with a phone: the test says what the door does. */
import type { Hono } from 'hono'
import {
  actedHere,
  arrival,
  type HereJson,
  maybeHere,
  openHere,
  returnHere,
} from '../../src/gateway/http/api/here.ts'
import { type KioskAnswerJson, kioskAgain } from '../../src/gateway/http/api/staff.ts'
import { hereCodeStale, otherPhone } from '../../src/gateway/lockers/here-words.ts'
import { jammedInside, lockerFull, unclearWords } from '../../src/gateway/lockers/words.ts'
import { answer, refuse } from './fake-api.ts'

const both = (zh: string, en: string) => ({ zh, en })
type Visit = NonNullable<HereJson['visit']>

export const visitOf = (state: Visit['state'], more: Partial<Visit> = {}): Visit => ({
  id: 'visit-1',
  errand: 'collect',
  state,
  done: false,
  door: state === 'open' ? 'open' : 'closed',
  label: '3',
  titles: ['三体'],
  say:
    { jammed: jammedInside('3'), unclear: unclearWords('3') }[state as 'jammed'] ??
    both('请关好门。', 'Close it.'),
  endedAt: null,
  ...more,
})

/** What the phone is told, and what it asked. */
export const standing: {
  here: HereJson | null
  next: Visit | null
  answer: Partial<KioskAnswerJson>
  asked: string[]
} = {
  here: null,
  next: null,
  answer: {},
  asked: [],
}

export const hereNow = (more: Partial<HereJson> = {}): HereJson => ({
  locker: {
    id: 'guanqian',
    name: both('观前街柜', 'Guanqian Street locker'),
    place: '观前街 1 号门厅',
    phone: '0512-00000001',
    online: true,
  },
  until: '2026-11-23T12:03:00+08:00',
  parcels: [
    { parcel: 'P1', orderId: 'order-1', label: '3', titles: ['三体', '三体（二）：黑暗森林'] },
    { parcel: 'P2', orderId: 'order-2', label: '7', titles: ['活着'] },
  ],
  loans: [{ orderId: 'order-3', lineId: 'line-3', title: '万历十五年：一五八七，无关紧要的一年' }],
  visit: null,
  ...more,
})

export const hereRoutes = (app: Hono): void => {
  app.get('/api/me/here', c => answer(c, maybeHere, { here: standing.here }))
  app.post('/api/me/here', async c => {
    const { code } = arrival.parse(await c.req.json())
    if (code === 'old') return refuse(c, 409, [hereCodeStale.say.zh, hereCodeStale.say.en])
    if (code === 'busy') return refuse(c, 409, [otherPhone.say.zh, otherPhone.say.en])
    standing.here = hereNow()
    return answer(c, maybeHere, { here: standing.here })
  })
  app.delete('/api/me/here', c => {
    standing.here = null
    return c.body(null, 204)
  })
  for (const [name, shape] of [
    ['open', openHere],
    ['return', returnHere],
    ['again', kioskAgain],
  ] as const)
    app.post(`/api/me/here/${name}`, async c => {
      const body = shape.parse(await c.req.json())
      standing.asked.push('how' in body ? body.how : name)
      if (standing.here && standing.next) standing.here = { ...standing.here, visit: standing.next }
      const said: KioskAnswerJson = {
        signal: 'open',
        say: lockerFull.say,
        compartment: null,
        titles: [],
        visit: standing.here?.visit?.id ?? null,
        ...standing.answer,
      }
      return answer(c, actedHere, { answer: said, here: standing.here })
    })
}
