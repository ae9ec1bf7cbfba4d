import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { commercial } from './quirks/commercial.ts'
import { folioAndInvenio } from './quirks/folio-and-invenio.ts'
import { kohaAndEvergreen } from './quirks/koha-and-evergreen.ts'
import type { Quirk } from './quirks/quirk.ts'
import { terminalsAndChina } from './quirks/terminals-and-china.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const quirks: readonly Quirk[] = [
  ...kohaAndEvergreen,
  ...folioAndInvenio,
  ...commercial,
  ...terminalsAndChina,
]

describe('what others have met', () => {
  it('is here with all its seventy entries, each once', () => {
    expect(quirks.map(({ number }) => number)).toEqual(Array.from({ length: 70 }, (_, i) => i + 1))
  })

  it('is shown by a test, or says why not', () => {
    for (const { number, test, shownBy, whyNot } of quirks) {
      expect(Boolean(test ?? shownBy) !== Boolean(whyNot), `quirk ${number}`).toBe(true)
      if (whyNot !== undefined) expect(whyNot.length).toBeGreaterThan(40)
    }
  })

  const elsewhere = quirks.flatMap(({ number, shownBy = [] }) =>
    shownBy.map(([file, title]) => ({ number, file, title })),
  )
  it.each(elsewhere)('$number is shown in $file: $title', ({ file, title }) => {
    expect(existsSync(join(root, file))).toBe(true)
    expect(readFileSync(join(root, file), 'utf8')).toContain(title)
  })

  for (const { number, peer, says, test } of quirks) if (test) it(`${number}. ${peer}: ${says}`, test)
})
