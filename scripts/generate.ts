/** Writes the pages that are drawn from tables of the code. `npm run generate`; a test fails when one is stale. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configJsonSchema } from '../src/config/load.ts'
import { roles, routeTable } from '../src/gateway/http/routes.ts'
import { orderStatesPage } from '../src/gateway/orders/diagram.ts'
import { wholeProgram } from '../src/main/command-line.ts'
import { driverSchemas } from '../src/main/vendors.ts'
import { fieldTable, sip2Table } from './sip2-tables.ts'
import { dialectTable, type Language, sourceTable, switchTable, verbsTable, withBlock } from './tables.ts'

/** One generated file: its path from the root, and its whole text. */
export interface Page {
  readonly file: string
  readonly render: () => string
}

const routesPage = (): string => {
  const head = roles.map(role => ` ${role} |`).join('')
  const rows = routeTable.map(({ method, path, roles: may, scope }) => {
    const cells = roles.map(role =>
      may.includes(role) ? ` ${role === 'partner' && scope ? `\`${scope}\`` : '●'} |` : ' |',
    )
    return `| \`${method} ${path}\` |${cells.join('')}`
  })
  return [
    '# Routes and roles',
    '',
    'Drawn from `src/gateway/http/routes.ts` by `npm run generate`. Whoever has no mark is refused; a partner also',
    'needs a key with the scope that stands in its place. The interface itself is described at `/reference`.',
    '',
    `| route |${head}`,
    `|---|${roles.map(() => '---|').join('')}`,
    ...rows,
    '',
  ].join('\n')
}

export const root = fileURLToPath(new URL('..', import.meta.url))

const program = await wholeProgram()

/** A page written by hand with tables of the code in it, by the names of their blocks. */
const withTables = (file: string, blocks: Readonly<Record<string, () => string>>): Page => ({
  file,
  render: () =>
    Object.entries(blocks).reduce(
      (text, [name, block]) => withBlock(text, name, block()),
      readFileSync(join(root, file), 'utf8'),
    ),
})
const readme = (file: string, language: Language): Page =>
  withTables(file, {
    sip2: () => sip2Table(language),
    commands: () => verbsTable(program, language),
  })

export const pages: readonly Page[] = [
  {
    file: 'docs/config.schema.json',
    render: () => `${JSON.stringify(configJsonSchema(driverSchemas), null, 2)}\n`,
  },
  { file: 'docs/routes.md', render: routesPage },
  { file: 'docs/order-states.md', render: orderStatesPage },
  readme('README.md', 'en'),
  readme('README.zh-CN.md', 'zh'),
  withTables('docs/sip2.md', { fields: fieldTable }),
  withTables('docs/plug-in-your-ils.md', {
    dialects: dialectTable,
    sources: sourceTable,
    switches: switchTable,
  }),
]

if (import.meta.main)
  for (const { file, render } of pages) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), render())
  }
