import { afterEach, describe, expect, it } from 'vitest'
import { patiently } from '../../../contracts/ils.ts'
import { type Link, link, oddSite, type Site, sites } from '../../../contracts/sip2.ts'
import { at } from '../../../sandbox/ils/library.ts'

const returned = {
  key: 'k',
  repeated: true,
  barcode: 'B2001',
  returnedAt: at('2026-10-15T08:00:00'),
  at: at('2026-10-15T08:00:00'),
}
const loanOf = ({ sandbox }: Link, barcode: string) =>
  sandbox.state.snapshot().loans.find(loan => loan.barcode === barcode)?.card

const each: readonly Site[] = [...sites, oddSite]

describe.each(each)('a repeated return, $name', site => {
  let open: Link | undefined
  const fresh = async (): Promise<Link> => {
    open = await link(site)
    return open
  }
  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  it('never takes back a newer loan of somebody else', async () => {
    const on = await fresh()
    on.sandbox.state.desk.lend('R0001', 'B2001')
    const answer = await patiently(on.ils.checkin({ ...returned, card: 'R0002' }), on.clock)
    expect(answer).toMatchObject({ ok: true, value: { foundDone: true, lentSince: true } })
    expect(loanOf(on, 'B2001')).toBe('R0001')
    expect(on.sandbox.state.counts().checkin.done).toBe(0)
  })

  it('takes back the loan of the reader who had it', async () => {
    const on = await fresh()
    on.sandbox.state.desk.lend('R0002', 'B2001')
    const answer = await patiently(on.ils.checkin({ ...returned, card: 'R0002' }), on.clock)
    expect(answer.ok).toBe(true)
    expect(loanOf(on, 'B2001')).toBeUndefined()
    expect(on.sandbox.state.counts().checkin.done).toBe(1)
  })

  it('leaves it to a person when only the due date is known and it is another by now', async () => {
    const on = await fresh()
    on.sandbox.state.desk.lend('R0001', 'B2001')
    const dueBefore = at('2026-09-30T23:59:59')
    const answer = await patiently(on.ils.checkin({ ...returned, dueBefore }), on.clock)
    expect(answer).toMatchObject({ ok: false, problem: { code: 'ils-may-be-lent-again', retry: 'never' } })
    expect(loanOf(on, 'B2001')).toBe('R0001')
  })
})
