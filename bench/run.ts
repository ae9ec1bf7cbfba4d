/**
 * `npm run bench` prints every benchmark as ratios measured side by side; `-- --json` one JSON object a line;
 * `-- B1 B3` only those; `-- --record` writes them into bench/RESULTS.md as well, and leaves what else is there.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import type { Bench, BenchResult } from './bench.ts'
import { leastDisturbed } from './host.ts'

const words = process.argv.slice(2)
const wanted = words.filter(word => !word.startsWith('--')).map(word => word.toUpperCase())
const folder = new URL('./', import.meta.url)

const load = async (): Promise<Bench[]> => {
  const files = readdirSync(folder).filter(
    file => file.endsWith('.ts') && !['bench.ts', 'host.ts', 'run.ts'].includes(file),
  )
  const all = await Promise.all(
    files.map(async file => ((await import(new URL(file, folder).href)) as { bench?: Bench }).bench),
  )
  const found = all.filter(bench => bench !== undefined)
  return found.sort((a, b) => byId(a.id, b.id))
}

/** B2 before B2b before B12. */
const byId = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

const show = (bench: Bench, result: BenchResult): string => {
  const detail = Object.entries(result.detail).map(([name, value]) => `${name} ${value}`)
  return `${bench.id}  ratio ${result.ratio.toFixed(2)}  ${result.met ? 'met    ' : 'NOT MET'}  ${bench.title} (goal ${bench.goal}); ${detail.join('; ')}`
}

/** What stands in RESULTS.md already: the rows by their id, and what people wrote below the table. */
const recorded = (): { rows: Map<string, string>; notes: string } => {
  const file = new URL('RESULTS.md', folder)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const rows = text.split('\n').filter(line => /^\| B\d/.test(line))
  const from = text.indexOf('\n## ')
  const notes = from < 0 ? '' : text.slice(from + 1)
  return { rows: new Map(rows.map(row => [row.slice(2, row.indexOf(' ', 2)), row])), notes }
}

const record = (rows: readonly { bench: Bench; result: BenchResult }[], busy: string): void => {
  const before = recorded()
  for (const { bench, result } of rows) {
    const detail = Object.entries(result.detail).map(([name, value]) => `${name}: ${value}`)
    before.rows.set(
      bench.id,
      `| ${bench.id} | ${bench.title} | ${bench.goal} | ${result.ratio.toFixed(2)} | ${result.met ? 'yes' : 'no'} | ${detail.join('; ')}; load of the machine before: ${busy} |`,
    )
  }
  const table = [...before.rows].sort(([a], [b]) => byId(a, b))
  const lines = [
    '# Benchmark results',
    '',
    'Written by `npm run bench -- --record`. Every ratio compares two things measured in turn in one run; single rates',
    'depend on the machine and are not capacity. A virtual machine shares its CPU: what was measured while the host gave more',
    'than 2 % of it to others is measured again, and the least disturbed of three runs stands here.',
    '',
    `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores.`,
    '',
    '| id | work | goal | ratio | met | sizes and figures |',
    '|---|---|---|---|---|---|',
    ...table.map(([, row]) => row),
    '',
    before.notes,
  ]
  writeFileSync(new URL('RESULTS.md', folder), lines.join('\n').trimEnd().concat('\n'))
}

const busy = loadavg()[0]!.toFixed(1)
const rows: { bench: Bench; result: BenchResult }[] = []
for (const bench of await load()) {
  if (wanted.length > 0 && !wanted.includes(bench.id.toUpperCase())) continue
  const { best, leftOut } = await leastDisturbed(1, 3, bench.run)
  const { value, taken } = best[0]!
  const others = `${(taken * 100).toFixed(1)} %${leftOut > 0 ? `, more in ${leftOut} runs left out` : ''}`
  const result = { ...value, detail: { ...value.detail, 'CPU the host gave to others': others } }
  rows.push({ bench, result })
  console.log(
    words.includes('--json')
      ? JSON.stringify({ id: bench.id, title: bench.title, goal: bench.goal, ...result })
      : show(bench, result),
  )
}
if (words.includes('--record')) record(rows, busy)
