import type { What } from './evidence.ts'
import { type LineStatus, lineStatuses } from './order.ts'
import { edgesFrom } from './paths.ts'
import { anywhere, type Edge, type State, states } from './states.ts'

const byRank = (): readonly LineStatus[] => [...lineStatuses].sort((a, b) => states[a].rank - states[b].rank)

/** The state diagram of a line in Mermaid. Edges that leave a line where it is are in the table only. */
export const mermaid = (): string => {
  const lines = ['stateDiagram-v2', '  [*] --> requested']
  for (const from of byRank()) {
    const to = new Map<LineStatus, string[]>()
    for (const { what, edge } of edgesFrom(from))
      if (edge.to !== from) to.set(edge.to, [...(to.get(edge.to) ?? []), what ?? 'at once'])
    for (const [target, words] of to) lines.push(`  ${from} --> ${target}: ${[...new Set(words)].join(', ')}`)
  }
  return [...lines, '  closed --> [*]'].join('\n')
}

const edgeCell = (edge: Edge, from: LineStatus): string =>
  [
    edge.to === from && !edge.again ? 'stays' : `**${edge.to}**`,
    edge.again ? `(new round: ${edge.again})` : '',
    edge.back ? '(back)' : '',
    edge.when ? `if ${edge.when.join(' and ')}` : '',
    edge.effects?.length ? `; ${edge.effects.join(', ')}` : '',
    edge.trouble ? `; staff: ${edge.trouble}` : '',
    edge.tell ? `; tells ${edge.tell}` : '',
    edge.ending ? `; ends ${edge.ending}` : '',
  ]
    .filter(Boolean)
    .join(' ')
    .replaceAll(' ;', ';')

const section = (status: LineStatus, state: State): string => {
  const rows = edgesFrom(status).map(
    ({ what, edge }) => `| ${what ?? '*at once*'} | ${edgeCell(edge, status)} |`,
  )
  const timers = state.timers?.length ? ` By itself: ${state.timers.join(', ')}.` : ''
  const head = `### ${status} ${state.zh} (${state.en})\n\nWhose move: ${state.side}.${timers}`
  return rows.length === 0
    ? head
    : [head, '', '| evidence | where it leads, and what is done |', '|---|---|', ...rows].join('\n')
}

/** docs/order-states.md, written from the table; never by hand. */
export const orderStatesPage = (): string =>
  [
    '# States of an order line',
    '',
    'Generated from `src/gateway/orders/states.ts` by `npm run generate`. Where a line is (status) and how it ended',
    '(outcome) are two things; the table is checked at every start.',
    '',
    '```mermaid',
    mermaid(),
    '```',
    '',
    '## Each state',
    '',
    byRank()
      .map(status => section(status, states[status]))
      .join('\n\n'),
    '',
    '## Anywhere, while a line is open',
    '',
    '| evidence | what is done |',
    '|---|---|',
    ...(Object.entries(anywhere) as [What, Omit<Edge, 'to'>][]).map(
      ([what, edge]) => `| ${what} | ${edgeCell({ ...edge, to: 'requested' }, 'requested')} |`,
    ),
    '',
  ].join('\n')
