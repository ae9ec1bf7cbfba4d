import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../scripts/generate.ts'
import { migrate, openStore } from '../../src/gateway/store/db.ts'

/** Rows of tables, not sentences: a field that is only mentioned is not accounted for. */
const listed = new Set(
  readFileSync(join(root, 'PERSONAL_DATA.md'), 'utf8')
    .split('\n')
    .flatMap(line => /^\| (`[^|]*) \|/.exec(line)?.[1] ?? [])
    .flatMap(cell => [...cell.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map(([, field]) => field!)),
)

/** What names somebody, proves who somebody is, or ties a row to a reader. */
const personal = /(^|_)(sealed|hash)$|^patron_id$/

describe('the page of personal data', () => {
  const fields: string[] = []
  beforeAll(async () => {
    const store = openStore('sqlite::memory:')
    await migrate(store)
    for (const { name, columns } of await store.db.introspection.getTables())
      for (const column of columns) fields.push(`${name}.${column.name}`)
    await store.close()
  })

  it('accounts for every sealed, hashed or reader-naming column of the database', () => {
    const found = fields.filter(field => personal.test(field.split('.')[1]!))
    expect(found.length).toBeGreaterThan(20)
    expect(found.filter(field => !listed.has(field))).toEqual([])
  })

  it('speaks of no column that is not there', () => {
    expect([...listed].filter(field => !fields.includes(field))).toEqual([])
  })
})
