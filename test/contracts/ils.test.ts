import { createManualIls, manualDesk } from '../../src/adapters/ils/manual.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { IlsState } from '../../src/sandbox/ils/state.ts'
import { library, start } from '../sandbox/ils/library.ts'
import { clerk, knowledgeOf } from './clerk.ts'
import { ilsContract } from './ils.ts'
import { link, sites } from './sip2.ts'

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

for (const site of sites) {
  ilsContract(`SIP2, ${site.name},`, async () => {
    const { ils, sandbox, clock, close } = await link(site)
    return {
      ils,
      world: {
        state: sandbox.state,
        clock,
        checksPins: true,
        itemsAre: 'barcode',
        vanish: () => sandbox.close(),
      },
      close,
    }
  })
}
