import { describe, expect, it } from 'vitest'
import { boardFacts } from '../../../src/lockers/commission/facts.ts'
import { lineForm } from '../../../src/lockers/commission/form.ts'
import { lockerMakeNames, lockerMakeOf } from '../../../src/main/vendors.ts'

describe('the form of a make', () => {
  it('asks for what differs from line to line, and not for what commissioning finds out', () => {
    const make = lockerMakeOf('xor-8a')
    const { line, everyBoard } = lineForm(make, boardFacts(make)!)
    expect(
      line.map(({ key, kind, values, usual, from, to }) => ({ key, kind, values, usual, from, to })),
    ).toEqual([
      { key: 'query', kind: 'choice', values: ['board', 'group'], usual: 'board' },
      { key: 'pulseSeconds', kind: 'number', from: 1, to: 9 },
    ])
    expect(everyBoard).toEqual([])
  })

  it('of every make of boards gives settings that the make takes', () => {
    const boards = lockerMakeNames.filter(name => boardFacts(lockerMakeOf(name)))
    expect(boards.length).toBeGreaterThanOrEqual(8)
    for (const name of boards) {
      const make = lockerMakeOf(name)
      const facts = boardFacts(make)!
      const { line, everyBoard } = lineForm(make, facts)
      const usual = (of: typeof line) =>
        Object.fromEntries(of.flatMap(one => (one.usual === undefined ? [] : [[one.key, one.usual]])))
      const settings = {
        address: { dial: { host: '192.0.2.7', port: 4001 } },
        boards: [{ address: facts.addresses.from, channels: 1, ...usual(everyBoard) }],
        ...usual(line),
      }
      expect(make.settings.safeParse(settings).error?.issues, name).toBeUndefined()
    }
  })
})
