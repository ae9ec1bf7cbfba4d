import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Lockers } from '../../../src/gateway/lockers/lockers.ts'
import { sqliteStore, type TestStore } from '../../harness/store.ts'
import { handDriver } from './hand-driver.ts'
import { boards, layout, lockersOver, parcel, site } from './rig.ts'

const acts = [
  ...['reserve', 'deposit', 'deposit', 'collect', 'collect', 'hand-out', 'expire', 'release', 'give-back'],
  ...['shut', 'shut', 'shut', 'other-door', 'same-door', 'recover', 'empty', 'jam', 'unjam', 'kill', 'wait'],
  ...['kill-before-pulse', 'kill-after-pulse'],
] as const

const act = fc.record({ what: fc.constantFrom(...acts), who: fc.nat(4), door: fc.nat(11) })
const doorKey = (id: string) => {
  const { board, channel } = layout.find(one => one.id === id)!
  return `${board}/${channel}`
}

/** What is really in the cabinet, whatever the database believes. */
class World {
  readonly inside = new Map<string, Set<string>>()
  readonly standing = new Map<string, { put?: string; take?: true }>()
  readonly visits: string[] = []

  things(id: string): Set<string> {
    const known = this.inside.get(id) ?? new Set<string>()
    this.inside.set(id, known)
    return known
  }
  shut(id: string): void {
    const person = this.standing.get(id)
    if (person?.take) this.things(id).clear()
    if (person?.put) this.things(id).add(person.put)
    this.standing.delete(id)
  }
}

const run = async (
  base: TestStore,
  script: readonly (typeof act extends fc.Arbitrary<infer A> ? A : never)[],
) => {
  const hand = handDriver(boards)
  const lines = new Map([['a', hand.driver]])
  const world = new World()
  const told = new Map<string, string>()
  const ingest = async (e: { id: string; what: string; lineId: string }) => {
    told.set(e.id, `${e.what} ${e.lineId}`)
  }
  let lockers: Lockers
  const begin = async () => {
    ;({ lockers } = lockersOver(base, lines, { ingest }))
    await lockers.start()
    await lockers.stop()
  }
  const looks = async () => {
    for (let i = 0; i < 2; i++) {
      await base.clock.advance(500)
      await lockers.look(site.id)
    }
  }
  await begin()
  await looks()

  type Answer = Awaited<ReturnType<Lockers['collect']>>
  /** A person acts; killed in the middle, the program begins anew and the person stands at the door that opened. */
  const at = async (acting: Promise<Answer>, person: { put?: string; take?: true }) => {
    const before = new Set(hand.open)
    let answer: Answer
    try {
      answer = await acting
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'killed') throw error
      const opened = layout.find(one => hand.open.has(doorKey(one.id)) && !before.has(doorKey(one.id)))
      if (opened) {
        for (const [id, { put }] of world.standing) if (put && put === person.put) world.standing.set(id, {})
        world.standing.set(opened.id, person)
      }
      await begin()
      return
    }
    if (answer.visit) world.visits.push(answer.visit)
    if (answer.signal !== 'open' || !answer.compartment) return
    const { id } = answer.compartment
    if (!hand.open.has(doorKey(id))) throw new Error(`${id} is said to be open`)
    if (person.put && !world.standing.has(id))
      for (const thing of world.things(id)) expect([id, thing]).toEqual([id, person.put])
    world.standing.set(id, person)
  }
  const perform = async ({ what, who, door }: { what: (typeof acts)[number]; who: number; door: number }) => {
    const mine = parcel(`${who}`)
    const id = layout[door]!.id
    const staff = { lockerId: site.id, compartmentId: id, actor: 'staff:li', reason: 'test' }
    const visit = world.visits.at(-1 - who) ?? 'none'
    switch (what) {
      case 'reserve':
        await base.store.tx(tx => lockers.reserve(tx, mine))
        return
      case 'deposit':
        if (world.standing.size > 0 || [...world.inside.values()].some(set => set.has(mine.parcel))) return
        await at(lockers.deposit({ ...mine, actor: 'staff:li' }), { put: mine.parcel })
        return
      case 'collect': {
        const [code] = await lockers.codes('su', mine.orderId)
        if (!code || world.standing.size > 0) return
        expect([...world.things(code.compartmentId)]).toEqual([mine.parcel])
        await at(lockers.collect(site.id, code.code, 'kiosk:k'), { take: true })
        return
      }
      case 'hand-out': {
        if (world.standing.size > 0) return
        const { libraryId, parcel: number } = mine
        const wanted = { lockerId: site.id, libraryId, parcel: number, actor: 'reader:r' }
        await at(lockers.handOut(wanted), { take: true })
        return
      }
      case 'expire':
        await base.store.tx(tx => lockers.expire(tx, 'su', mine.parcel))
        return
      case 'release':
        if (world.standing.size > 0 || [...world.inside.values()].some(set => set.has(mine.parcel))) return
        await base.store.tx(tx => lockers.release(tx, 'su', mine.parcel))
        return
      case 'give-back': {
        if (world.standing.size > 0) return
        const loan = { lockerId: site.id, libraryId: 'su', orderId: `order-${who}`, lineId: `loan-${who}` }
        await at(lockers.giveBack({ ...loan, actor: 'kiosk:k' }), { put: `return:loan-${who}` })
        return
      }
      case 'shut':
        for (const one of layout)
          if (hand.open.delete(doorKey(one.id))) {
            world.shut(one.id)
            break
          }
        return
      case 'other-door': {
        const standing = [...world.standing].find(([, person]) => person.put)
        if (!standing) return
        const [id, { put }] = standing
        const asking = lockers.again(
          site.id,
          world.visits.at(-1 - (who % 2)) ?? 'none',
          'other-door',
          'kiosk:k',
        )
        await at(
          asking.then(answer => {
            if (answer.signal === 'open') world.standing.set(id, {})
            return answer
          }),
          { put: put! },
        )
        return
      }
      case 'same-door':
        if (world.standing.size > 0) return
        await at(lockers.again(site.id, visit, 'same-door', 'kiosk:k'), {})
        return
      case 'recover':
        if (world.standing.size === 0) await at(lockers.recover(staff), { take: true })
        return
      case 'empty':
        if (world.standing.size === 0) await at(lockers.empty(staff), { take: true })
        return
      case 'jam':
        hand.jammed.add(doorKey(id))
        return
      case 'unjam':
        hand.jammed.clear()
        await lockers.setService({ ...staff, inService: true })
        return
      case 'kill':
        await begin()
        return
      case 'kill-before-pulse':
      case 'kill-after-pulse':
        hand.killAt(what === 'kill-before-pulse' ? 'before' : 'after')
        return
      case 'wait':
        base.clock.jump(base.clock.now() + 60_000)
        return
    }
  }

  for (const one of script) {
    await perform(one)
    const pulses = hand.pulses.length
    await looks()
    await lockers!.told()
    expect(hand.pulses).toHaveLength(pulses)
    const seen = await lockers!.picture(site.id)
    if (!seen.ok) throw new Error('no picture')
    for (const { id, parcel: believed, state } of seen.value.compartments) {
      const things = [...world.things(id)]
      expect(things.length).toBeLessThanOrEqual(1)
      if (world.standing.has(id)) continue
      if (things.length === 1) expect([id, believed]).toEqual([id, things[0]])
      if (['loaded', 'expired', 'returned'].includes(state)) expect([id, things]).toEqual([id, [believed]])
    }
  }
  for (let who = 0; who < 5; who++) {
    const said = [...told.values()].filter(one => one.endsWith(`line-${who}-1`))
    const put = said.filter(one => one.startsWith('put-in-locker')).length
    const out = said.filter(one => /^(collected|recovered)/.test(one)).length
    expect(out).toBeLessThanOrEqual(put)
    expect(put - out).toBe([...world.inside.values()].some(set => set.has(`P-${who}`)) ? 1 : 0)
  }
}

describe('whatever people do at a locker, and whenever the gateway is killed', () => {
  it('each parcel lies where it is believed to lie, alone, and its orders hear of it once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async script => {
        const base = await sqliteStore('conservation')
        try {
          await run(base, script)
        } finally {
          await base.close()
        }
      }),
      { numRuns: 20 },
    )
  }, 60_000)
})
