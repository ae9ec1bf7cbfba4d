import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, root } from '../../scripts/generate.ts'

describe('a generated page', () => {
  it.each(pages.map(page => [page.file, page] as const))(
    '%s says what the code says (else: npm run generate)',
    (file, { render }) => {
      const path = join(root, file)
      expect(existsSync(path)).toBe(true)
      expect(readFileSync(path, 'utf8')).toBe(render())
    },
  )
})
