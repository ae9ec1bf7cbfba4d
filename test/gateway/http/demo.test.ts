import { afterEach, expect, it } from 'vitest'
import { type DemoJson, demo } from '../../../src/gateway/http/api/demo.ts'
import { demoRoutes } from '../../../src/gateway/http/routes/demo.ts'
import { createLibraries } from '../../../src/gateway/libraries.ts'
import { insertVisit } from '../../../src/gateway/store/door-visits.ts'
import { type TestApp, testApp } from '../../harness/app.ts'
import { layout } from '../lockers/rig.ts'

const guide: DemoJson = {
  reader: { library: 'sucheng', card: '1', pin: '1' },
  staff: { user: 'a', password: 'b', badge: 'c' },
  kiosks: [{ lockerId: 'l1', key: 'k' }],
  book: { recordId: 'r', title: '三体' },
}

let t: TestApp
afterEach(() => t.close())
const begin = async (isDemo: boolean) => {
  const shut: string[] = []
  t = await testApp(deps => {
    const [own] = deps.libraries.all()
    const locker = {
      ...{ id: 'l1', libraryId: own!.id, name: { zh: '柜', en: 'l1' }, place: '', bus: 'bus' },
      ...{ hours: own!.hours, hoursText: { zh: '', en: '' }, compartments: layout },
    }
    const libraries = createLibraries([{ ...own!, lockers: [locker] }])
    const hand = (...door: [string, number, number]): void => {
      shut.push(door.join('/'))
    }
    return [demoRoutes({ ...deps, libraries, demo: isDemo, guide: () => guide, hand })]
  })
  return shut
}
const visit = (id: string, lockerId: string): Promise<void> =>
  t.store.tx(tx =>
    insertVisit(
      tx,
      { libraryId: 'sucheng', lockerId },
      {
        ...{ id, compartmentId: 'A09', purpose: 'collect', contents: null, actor: 'x', reason: null },
        ...{ codeId: null, follows: null, nothingIn: false, state: 'open', outcome: null },
        ...{ intendedAt: 0, openedAt: 0, closedAt: null, settledAt: null },
      },
    ),
  )
const hand = async (id: string) =>
  (await t.send('POST', '/api/demo/hand', { json: { visit: id }, headers: await t.as('device') })).status

it('the demo tells everybody whom to be', async () => {
  await begin(true)
  expect(demo.parse(await (await t.send('GET', '/api/demo')).json())).toEqual(guide)
})

it('where there is no tour, or not yet, nothing is told', async () => {
  t = await testApp(deps => [demoRoutes({ ...deps, guide: () => undefined, hand: () => {} })])
  expect((await t.send('GET', '/api/demo')).status).toBe(404)
})

it('the hand shuts the door of a visit at its own locker, and no other', async () => {
  const shut = await begin(true)
  await visit('v1', 'l1')
  await visit('v2', 'l2')
  expect([await hand('v1'), await hand('v2'), await hand('nothing')]).toEqual([204, 404, 404])
  expect(shut).toEqual(['bus/2/1'])
})

it('there is no hand in a real town', async () => {
  const shut = await begin(false)
  await visit('v1', 'l1')
  expect([await hand('v1'), shut]).toEqual([404, []])
})
