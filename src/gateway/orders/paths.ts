import { vocabulary, type What, whats } from './evidence.ts'
import { type LineStatus, lineStatuses } from './order.ts'
import { type Edge, type State, states } from './states.ts'

/** Every edge that leaves a state, with the word that takes it; `null` for one taken without new evidence. */
export const edgesFrom = (
  status: LineStatus,
  table: Readonly<Record<LineStatus, State>> = states,
): readonly { what: What | null; edge: Edge }[] => {
  const { next, auto = [] } = table[status]
  const words = (Object.keys(next) as What[]).flatMap(what => {
    const edges = next[what]!
    return (Array.isArray(edges) ? (edges as readonly Edge[]) : [edges as Edge]).map(edge => ({ what, edge }))
  })
  return [...words, ...auto.map(edge => ({ what: null, edge }))]
}

const reach = (from: LineStatus): ReadonlySet<LineStatus> => {
  const seen = new Set<LineStatus>()
  const visit = (status: LineStatus): void => {
    for (const { edge } of edgesFrom(status)) {
      if (edge.again || edge.back || edge.to === status || seen.has(edge.to)) continue
      seen.add(edge.to)
      visit(edge.to)
    }
  }
  visit(from)
  return seen
}

const ahead = new Map<string, 'ahead' | 'behind' | 'nowhere'>()
for (const status of lineStatuses) {
  const reachable = reach(status)
  for (const what of whats) {
    const acceptors = lineStatuses.filter(s => states[s].next[what] !== undefined)
    const place = acceptors.some(s => reachable.has(s))
      ? 'ahead'
      : acceptors.some(s => states[s].rank < states[status].rank)
        ? 'behind'
        : 'nowhere'
    ahead.set(`${status} ${what}`, place)
  }
}

/** Where on the way a word would count: further on in this round, at a step that is past, or neither. */
export const whereCounts = (status: LineStatus, what: What): 'ahead' | 'behind' | 'nowhere' =>
  ahead.get(`${status} ${what}`) ?? 'nowhere'

/** Facts that come before their time are kept; wishes and answers are not. */
export const mayWait = (status: LineStatus, what: What): boolean =>
  vocabulary[what].nature === 'fact' && whereCounts(status, what) === 'ahead'
