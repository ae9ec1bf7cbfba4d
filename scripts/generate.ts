/** Writes the pages that are drawn from tables of the code. `npm run generate`; a test fails when one is stale. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configJsonSchema } from '../src/config/load.ts'
import { roles, routeTable } from '../src/gateway/http/routes.ts'
import { orderStatesPage } from '../src/gateway/orders/diagram.ts'
import { driverSchemas } from '../src/main/vendors.ts'

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

export const pages: readonly Page[] = [
  {
    file: 'docs/config.schema.json',
    render: () => `${JSON.stringify(configJsonSchema(driverSchemas), null, 2)}\n`,
  },
  { file: 'docs/routes.md', render: routesPage },
  { file: 'docs/order-states.md', render: orderStatesPage },
]

export const root = fileURLToPath(new URL('..', import.meta.url))

if (import.meta.main)
  for (const { file, render } of pages) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), render())
  }
