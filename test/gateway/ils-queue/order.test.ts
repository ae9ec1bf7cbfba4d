import { describe, it } from 'vitest'
import { sites } from '../../contracts/sip2.ts'
import { sqliteStore } from '../../harness/store.ts'
import { toldInOrder } from './ordering.ts'

describe.each(sites)('loans and returns while the library system comes and goes, $name', site => {
  it('are told in order for each item, each once, with their own dates', () =>
    toldInOrder(site, () => sqliteStore('order'), 15))
})
