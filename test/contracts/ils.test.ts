import { expect, it } from 'vitest'
import { createManualIls, manualDesk } from '../../src/adapters/ils/manual.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { IlsState } from '../../src/sandbox/ils/state.ts'
import { library, start } from '../sandbox/ils/library.ts'
import { clerk, knowledgeOf } from './clerk.ts'
import { ilsContract } from './ils.ts'
import { dp2Site, link, oddSite, sites } from './sip2.ts'

ilsContract('a branch driven by hand', async () => {
  const clock = new ManualClock(start)
  const state = new IlsState(library(), clock)
  let present = true
  const type = clerk(state)
  const tasks = manualDesk(knowledgeOf(state), task => (present ? type(task) : undefined))
  return {
    ils: createManualIls({ name: 'by-hand', tasks, clock }),
    world: {
      state,
      clock,
      checksPins: false,
      itemsAre: 'barcode',
      vanish: async () => {
        present = false
      },
    },
    close: async () => {},
  }
})

for (const site of [...sites, oddSite]) {
  ilsContract(`SIP2, ${site.name},`, async () => {
    const { ils, sandbox, clock, close } = await link(site)
    return {
      ils,
      world: {
        state: sandbox.state,
        clock,
        checksPins: true,
        itemsAre: site.dialect.itemListContent,
        vanish: () => sandbox.close(),
      },
      close,
    }
  })
}

it('lends and takes back with a library system in the manner of dp2, and leaves alone what it does not serve', async () => {
  const { ils, sandbox, close } = await link(dp2Site)
  const act = { key: 'k', repeated: false, card: 'R0001', barcode: 'B1001', at: start }
  expect(await ils.patron({ card: 'R0002', pin: '1234' })).toMatchObject({
    ok: true,
    value: { name: '沈億東', pinValid: true },
  })
  expect(await ils.checkout(act)).toMatchObject({ ok: true, value: { title: '園林東西：億年之質' } })
  expect(await ils.checkin({ ...act, returnedAt: start, location: 'GSQ' })).toMatchObject({ ok: true })
  expect(await ils.placeHold(act)).toMatchObject({ ok: false, problem: { kind: 'refused', retry: 'never' } })
  expect(sandbox.heard()).not.toHaveProperty('15')
  await close()
})
