import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = globSync('src/**/*.{ts,tsx}', { cwd: root }).sort()
const text = new Map(files.map(file => [file, readFileSync(join(root, file), 'utf8')]))

/** The project's own files that a file imports, types too. */
const importsOf = (file: string): string[] =>
  [...text.get(file)!.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(m =>
    relative(root, join(root, dirname(file), m[1]!)),
  )

const contract =
  /^src\/(adapters\/(ils\/ils|ils\/manual|catalogue\/catalogue|credit\/credit|couriers\/courier|http)|lockers\/(commission\/)?[a-z-]+)\.ts$/
const codec =
  /^src\/(adapters\/(ils\/sip2|credit\/zhima|couriers\/sf|catalogue\/marc)|lockers\/vendors|lockers\/transport)\/_?[a-z0-9-]+\.ts$/

/** Files of the SIP2 codec without socket, clock or state: the server speaks with the same words as the client. */
const sip2Codec =
  /^src\/adapters\/ils\/sip2\/(codec|message|messages|fields|framing|encodings|checksum|dates|masking)\.ts$/
const sip2Server = /^src\/gateway\/sip2-server\//

/** Whether a file of a part may import another. */
const arrows: readonly { part: RegExp; may: (to: string, from: string) => boolean }[] = [
  { part: /^src\/kernel\//, may: to => to.startsWith('src/kernel/') },
  {
    part: /^src\/adapters\//,
    may: (to, from) => {
      const [, , area, vendor] = from.split('/')
      const own = `src/adapters/${area}/${vendor?.endsWith('.ts') ? '' : `${vendor}/`}`
      const shared = /^src\/adapters\/(http|breaker)\.ts$/
      const areaContract = new RegExp(`^src/adapters/${area}/[a-z]+\\.ts$`)
      return to.startsWith('src/kernel/') || to.startsWith(own) || shared.test(to) || areaContract.test(to)
    },
  },
  { part: /^src\/lockers\//, may: to => /^src\/(kernel|lockers)\//.test(to) },
  { part: /^src\/reports\//, may: to => /^src\/(kernel|reports)\//.test(to) },
  {
    part: /^src\/gateway\//,
    may: (to, from) =>
      /^src\/(kernel|gateway|reports)\//.test(to) ||
      contract.test(to) ||
      (sip2Server.test(from) && sip2Codec.test(to)),
  },
  {
    part: /^src\/sandbox\//,
    may: to => /^src\/(kernel|sandbox)\//.test(to) || codec.test(to) || contract.test(to),
  },
  {
    part: /^src\/config(\.ts$|\/)/,
    may: to => /^src\/(kernel\/|config(\.ts$|\/)|gateway\/orders\/policy\.ts$)/.test(to),
  },
  {
    part: /^src\/web\//,
    may: to =>
      /^src\/(web|kernel)\//.test(to) || /^src\/gateway\/(http\/api|orders\/(order|states))/.test(to),
  },
  { part: /^src\/main(\.ts$|\/)/, may: () => true },
]

describe('the house', () => {
  it('has every file in a part that the arrows know', () => {
    expect(files.filter(file => arrows.filter(a => a.part.test(file)).length !== 1)).toEqual([])
    expect(files.length).toBeGreaterThan(150)
  })

  it.each(arrows.map(a => [a.part.source, a] as const))(
    'lets files of %s import only along the arrows',
    (_, { part, may }) => {
      const against = files
        .filter(file => part.test(file))
        .flatMap(file =>
          importsOf(file)
            .filter(to => !may(to, file))
            .map(to => `${file} -> ${to}`),
        )
      expect(against).toEqual([])
    },
  )

  it('lets only the main part know vendors', () => {
    const vendors = /^src\/(adapters\/[a-z]+\/[a-z0-9-]+\/|lockers\/vendors\/)/
    const knowing = files.filter(
      file =>
        !/^src\/(main|adapters|lockers|sandbox)/.test(file) &&
        importsOf(file).some(to => vendors.test(to) && !(sip2Server.test(file) && sip2Codec.test(to))),
    )
    expect(knowing).toEqual([])
  })

  it('takes time, timers and chance from the clock and the source passed in', () => {
    const direct = /\bDate\.now\(|\bMath\.random\(|\bset(?:Timeout|Interval)\(|\bnew Date\(\)|Temporal\.Now\b/
    const taking = files.filter(
      file => file !== 'src/kernel/clock.ts' && !file.startsWith('src/web/') && direct.test(text.get(file)!),
    )
    expect(taking).toEqual([])
  })

  it('keeps TSX in the pages: Node does not run it', () => {
    expect(files.filter(file => file.endsWith('.tsx') && !file.startsWith('src/web/'))).toEqual([])
  })

  it('runs its tests on the Node of the lock file', () => {
    expect(process.version).toBe('v26.10.0')
  })
})
