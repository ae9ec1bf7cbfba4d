import { expect, it } from 'vitest'
import { createManualIls, manualDesk } from '../../src/adapters/ils/manual.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { serves } from '../../src/sandbox/ils/dialect.ts'
import { IlsState } from '../../src/sandbox/ils/state.ts'
import { library, start } from '../sandbox/ils/library.ts'
import { clerk, knowledgeOf } from './clerk.ts'
import { ilsContract } from './ils.ts'
import { link, oddSite, profileSites, sites } from './sip2.ts'

const commands = { hold: '15', block: '01', enable: '25' } as const

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

for (const site of [...sites, oddSite, ...profileSites]) {
  ilsContract(`SIP2, ${site.name},`, async () => {
    const { ils, sandbox, clock, close } = await link(site)
    const { checksPin, itemListContent, supported } = site.dialect
    return {
      ils,
      world: {
        state: sandbox.state,
        clock,
        checksPins: checksPin,
        itemsAre: itemListContent,
        lacks: (['hold', 'block', 'enable'] as const).filter(what => !serves(supported, commands[what])),
        vanish: () => sandbox.close(),
      },
      close,
    }
  })
}

it('never sends what dp2 claims to serve and does not', async () => {
  const { ils, sandbox, close } = await link(profileSites.find(({ name }) => name.endsWith(' dp2'))!)
  const act = { key: 'k', repeated: false, card: 'R0001', barcode: 'B1001', at: start }
  expect(await ils.checkout(act)).toMatchObject({ ok: true })
  expect(await ils.placeHold(act)).toMatchObject({ ok: false, problem: { kind: 'refused', retry: 'never' } })
  expect(sandbox.heard()).not.toHaveProperty('15')
  await close()
})
