import { expect, it } from 'vitest'
import { bindSip2Ours } from '../../src/gateway/bindings/sip2-ours.ts'
import { recordHappened } from '../../src/gateway/ils-queue/happened.ts'
import { createLibraries } from '../../src/gateway/libraries.ts'
import type { RawEvidence } from '../../src/gateway/orders/evidence.ts'
import type { Told } from '../../src/gateway/orders/ingest.ts'
import { rememberPatron } from '../../src/gateway/store/patrons.ts'
import { anAccount } from '../gateway/sip2-server/site.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

eachStore('what the gateway knows for its kiosks', fresh => {
  const bound = async (test: TestStore) => {
    const told: RawEvidence[] = []
    let woken = 0
    const ours = bindSip2Ours({
      ...test,
      libraries: createLibraries([]),
      ingest: async evidence => {
        told.push(...evidence)
        return [] as Told[]
      },
      wake: () => {
        woken += 1
      },
    })
    return { ours, told, woken: () => woken }
  }

  it('finds a reader by the card without keeping it in clear', async () => {
    const test = await fresh()
    const { ours } = await bound(test)
    await test.store.tx(tx =>
      rememberPatron(
        tx,
        { libraryId: 'sz', card: 'R1', name: '顾小满' },
        test.personal,
        test.ids,
        test.clock.now(),
      ),
    )
    const reader = await ours.reader('sz', 'R1')
    expect([reader?.card(), reader?.name(), reader?.frozenUntil, reader?.lines]).toEqual([
      'R1',
      '顾小满',
      null,
      [],
    ])
    expect(await ours.readerById('sz', reader!.patronId)).toMatchObject({ patronId: reader!.patronId })
    expect(await ours.reader('wj', 'R1')).toBeUndefined()
    expect(await ours.line('sz', 'B1')).toBeUndefined()
    expect(await ours.otherOwner('sz', 'B1')).toBeUndefined()
    expect(await ours.titles('sz', ['B1'])).toEqual(new Map())
  })

  it('writes down what has happened once, and knows that it waits', async () => {
    const test = await fresh()
    const { ours, woken } = await bound(test)
    const what = { libraryId: 'sz', act: 'checkin', barcode: 'B1', at: test.clock.now() } as const
    expect(await ours.waits('sz', 'B1')).toBe(false)
    await ours.happened(anAccount(), what)
    await ours.happened(anAccount(), what)
    expect([
      await ours.waits('sz', 'B1'),
      await ours.waits('sz', 'B2'),
      await ours.waits('wj', 'B1'),
    ]).toEqual([true, false, false])
    const rows = await test.store.db.selectFrom('outbox').select('kind').execute()
    expect(rows).toEqual([{ kind: 'ils.happened-checkin' }])
    expect(woken()).toBe(2)
    await test.store.tx(tx => recordHappened(tx, { ...what, source: 'kiosk:hall' }, test))
    expect(await test.store.db.selectFrom('outbox').select('kind').execute()).toHaveLength(1)
  })

  it('locks a card after wrong PINs, wherever they were typed, and forgives with a right one', async () => {
    const test = await fresh()
    const { pins } = (await bound(test)).ours
    for (let i = 0; i < 4; i++) await pins.wrong('sz', 'R1')
    expect(await pins.locked('sz', 'R1')).toBe(false)
    await pins.wrong('sz', 'R1')
    expect([await pins.locked('sz', 'R1'), await pins.locked('sz', 'R2')]).toEqual([true, false])
    await pins.right('sz', 'R1')
    expect(await pins.locked('sz', 'R1')).toBe(false)
    await pins.right('sz', 'R3')
    expect(await test.store.db.selectFrom('attempt').selectAll().execute()).toEqual([])
  })
})
