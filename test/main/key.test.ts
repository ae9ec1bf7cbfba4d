import { describe, expect, it } from 'vitest'
import { depositScope } from '../../src/gateway/bindings/kiosk.ts'
import { routeTable } from '../../src/gateway/http/routes.ts'
import { partnerScopes } from '../../src/main/verbs/key.ts'

describe('a key of another system', () => {
  it('can be given every scope that something asks for, and no other', () => {
    const asked = routeTable.flatMap(({ scope }) => (scope === undefined ? [] : [scope]))
    expect(new Set(partnerScopes)).toEqual(new Set([...asked, depositScope]))
  })
})
