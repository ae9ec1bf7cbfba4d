import { notices } from '../notices/words.ts'
import { isWhat, type What, whats } from './evidence.ts'
import { guards } from './guards.ts'
import { type LineStatus, lineStatuses } from './order.ts'
import { edgesFrom } from './paths.ts'
import { recipes } from './recipes.ts'
import { anywhere, type Edge, type State, start, states } from './states.ts'
import { timerSays, timers } from './timers.ts'
import { troubles } from './words.ts'

type Table = Readonly<Record<LineStatus, State>>

/** Throws with every fault of the table of states; the program does not start with one. */
export const checkTable = (table: Table = states): void => {
  const faults = tableFaults(table)
  if (faults.length > 0) throw new Error(`the table of order states is wrong:\n- ${faults.join('\n- ')}`)
}

export const tableFaults = (table: Table): readonly string[] => [
  ...lineStatuses.flatMap(status => stateFaults(status, table)),
  ...reachFaults(table),
  ...wordFaults(table),
]

const stateFaults = (status: LineStatus, table: Table): string[] => {
  const state = table[status]
  if (!state) return [`${status} is no row of the table`]
  const out = edgesFrom(status, table)
  const faults = Object.keys(state.next)
    .filter(word => !isWhat(word))
    .map(word => `${status}: "${word}" is no word of evidence`)
  for (const { what, edge } of out) faults.push(...edgeFaults(status, what, edge, table))
  const leaves = out.some(({ edge }) => edge.to !== status)
  if (state.terminal && out.length > 0) faults.push(`${status} is terminal and has edges`)
  if (!state.terminal && !leaves) faults.push(`${status} is a dead end`)
  for (const name of state.timers ?? []) {
    const says = timerSays(name)
    if (!says) faults.push(`${status}: there is no timer "${name}"`)
    else if (!state.next[says.what]) faults.push(`${status}: timer "${name}" says ${says.what} to no avail`)
  }
  return faults
}

const edgeFaults = (from: LineStatus, what: What | null, edge: Edge, table: Table): string[] => {
  const name = `${from} -(${what ?? 'at once'})-> ${edge.to}`
  const target = table[edge.to]
  if (!target) return [`${name}: there is no such state`]
  const faults = nameFaults(name, edge)
  const rises = target.rank > table[from].rank
  if (edge.to !== from && !edge.again && !edge.back && !rises) faults.push(`${name} leads backward`)
  if ((edge.again || edge.back) && rises && edge.to !== from) faults.push(`${name} is marked as leading back`)
  if (what === null && !rises) faults.push(`${name} could be taken for ever`)
  return faults
}

const nameFaults = (name: string, edge: Omit<Edge, 'to'>): string[] => [
  ...(edge.when ?? []).filter(g => !Object.hasOwn(guards, g)).map(g => `${name}: there is no guard "${g}"`),
  ...(edge.effects ?? [])
    .filter(e => !Object.hasOwn(recipes, e))
    .map(e => `${name}: there is no effect "${e}"`),
  ...(edge.tell && !Object.hasOwn(notices, edge.tell) ? [`${name}: there is no notice "${edge.tell}"`] : []),
  ...(edge.trouble && !Object.hasOwn(troubles, edge.trouble)
    ? [`${name}: there is no trouble "${edge.trouble}"`]
    : []),
]

const closure = (from: LineStatus, table: Table): ReadonlySet<LineStatus> => {
  const seen = new Set<LineStatus>([from])
  const visit = (status: LineStatus): void => {
    for (const { edge } of edgesFrom(status, table))
      if (table[edge.to] && !seen.has(edge.to)) {
        seen.add(edge.to)
        visit(edge.to)
      }
  }
  visit(from)
  return seen
}

const reachFaults = (table: Table): string[] => {
  const known = lineStatuses.filter(s => table[s])
  const reachable = closure(start, table)
  return [
    ...known.filter(s => !reachable.has(s)).map(s => `${s} cannot be reached from ${start}`),
    ...known
      .filter(s => !table[s].terminal && !closure(s, table).has('closed'))
      .map(s => `${s} has no way to closed`),
  ]
}

const wordFaults = (table: Table): string[] => {
  const used = new Set(lineStatuses.flatMap(s => Object.keys(table[s]?.next ?? {})))
  const common = Object.keys(anywhere)
  return [
    ...whats.filter(w => !used.has(w) && !common.includes(w)).map(w => `nothing ever happens on ${w}`),
    ...Object.keys(timers)
      .filter(t => !lineStatuses.some(s => table[s]?.timers?.some(name => name === t)))
      .map(t => `timer "${t}" is used by no state`),
    ...Object.entries(anywhere).flatMap(([what, edge]) => nameFaults(`anywhere (${what})`, edge)),
  ]
}
