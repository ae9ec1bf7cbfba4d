import { describe, expect, it } from 'vitest'
import { workLists } from '../../src/gateway/http/api/staff.ts'
import { lineOutcomes } from '../../src/gateway/orders/order.ts'
import { staffActions } from '../../src/gateway/orders/staff-actions.ts'
import { en } from '../../src/web/i18n/en.ts'
import { zh } from '../../src/web/i18n/zh.ts'

type Leaf = string | ((...input: never[]) => string) | readonly string[]

const leaves = (table: object, path = ''): [string, Leaf][] =>
  Object.entries(table).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leaves(value, `${path}.${key}`)
      : [[`${path}.${key}`, value as Leaf] as [string, Leaf]],
  )

describe('the language files', () => {
  it('have the same keys, and none is empty but a unit that needs no word', () => {
    const chinese = leaves(zh)
    expect(leaves(en).map(([path]) => path)).toEqual(chinese.map(([path]) => path))
    const empty = [...chinese, ...leaves(en)].filter(([, text]) => text === '')
    expect(new Set(empty.map(([path]) => path))).toEqual(
      new Set(['.staff.report.units.share', '.staff.report.units.count']),
    )
  })

  it('hold no Chinese in the English file, but for the name of the language', () => {
    const chinese = leaves(en).filter(([, text]) => typeof text === 'string' && /[一-鿿]/.test(text))
    expect(chinese.map(([path]) => path)).toEqual(['.otherLanguage'])
  })

  it('have a word for every button that the server may show, every list and every outcome', () => {
    for (const action of [...staffActions, 'confirm']) expect(zh.staff.acts, action).toHaveProperty([action])
    for (const list of workLists) expect(zh.staff.nav, list).toHaveProperty([list])
    for (const outcome of lineOutcomes) expect(zh.reader.order.outcomes, outcome).toHaveProperty([outcome])
  })
})
