import { afterEach, beforeEach, expect, it } from 'vitest'
import { codeDigits } from '../../../src/lockers/pickup-code.ts'
import { sqliteStore, type TestStore } from '../../harness/store.ts'
import { handDriver } from './hand-driver.ts'
import { boards, lockersOver, parcel, site } from './rig.ts'

let base: TestStore
beforeEach(async () => {
  base = await sqliteStore('attacker')
})
afterEach(() => base.close())

const day = 24 * 3_600_000

it('an attacker who types day and night at a full cabinet opens nothing, and gets forty tries a day', async () => {
  const hand = handDriver(boards)
  const { lockers, codeOf, kinds } = lockersOver(base, new Map([['a', hand.driver]]))
  await lockers.start()
  await lockers.stop()
  await lockers.look(site.id)
  for (let i = 0; i < 11; i++) {
    await lockers.deposit({ ...parcel(`${i}`), actor: 'staff:li' })
    hand.open.clear()
    for (let look = 0; look < 2; look++) {
      await base.clock.advance(500)
      await lockers.look(site.id)
    }
  }
  const pulses = hand.pulses.length
  const begun = base.clock.now()
  let tries = 0
  let asked = 0
  while (base.clock.now() < begun + day) {
    asked += 1
    const guess = base.ids.digits(codeDigits)
    const answer = await lockers.collect(site.id, guess, 'kiosk:k')
    expect(answer.signal).toBe('no')
    if (answer.problem?.code === 'wrong-code') tries += 1
    base.clock.jump(base.clock.now() + (answer.problem?.code === 'keypad-locked' ? 60_000 : 2000))
  }
  expect(asked).toBeGreaterThan(1000)
  expect(tries).toBeGreaterThan(20)
  expect(tries).toBeLessThanOrEqual(40)
  expect(hand.pulses).toHaveLength(pulses)
  expect((await kinds()).filter(kind => kind === 'keypad-locked').length).toBeGreaterThan(10)

  // Even the right code is not taken while the keypad is locked: the attacker cannot tell that it is right.
  const right = await codeOf('0')
  for (let i = 0; i < 9; i++) await lockers.collect(site.id, base.ids.digits(codeDigits), 'kiosk:k')
  expect((await lockers.collect(site.id, right, 'kiosk:k')).problem?.code).toBe('keypad-locked')
  // Who has the QR code is served all the same.
  const [own] = await lockers.codes('su', 'order-0')
  expect((await lockers.collect(site.id, own!.qr, 'kiosk:k')).signal).toBe('open')
})
