/**
 * `npm run bench` prints every benchmark as ratios measured side by side; `-- --json` one JSON object a line;
 * `-- B1 B3` only those; `-- --record` writes bench/RESULTS.md as well.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { Bench, BenchResult } from './bench.ts'

const words = process.argv.slice(2)
const wanted = words.filter(word => !word.startsWith('--')).map(word => word.toUpperCase())
const folder = new URL('./', import.meta.url)

const load = async (): Promise<Bench[]> => {
  const files = readdirSync(folder).filter(
    file => file.endsWith('.ts') && !['bench.ts', 'run.ts'].includes(file),
  )
  const all = await Promise.all(
    files.map(async file => ((await import(new URL(file, folder).href)) as { bench?: Bench }).bench),
  )
  const found = all.filter(bench => bench !== undefined)
  return found.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
}

const show = (bench: Bench, result: BenchResult): string => {
  const detail = Object.entries(result.detail).map(([name, value]) => `${name} ${value}`)
  return `${bench.id}  ratio ${result.ratio.toFixed(2)}  ${result.met ? 'met    ' : 'NOT MET'}  ${bench.title} (goal ${bench.goal}); ${detail.join('; ')}`
}

const record = (rows: readonly { bench: Bench; result: BenchResult }[]): void => {
  const table = rows.map(({ bench, result }) => {
    const detail = Object.entries(result.detail).map(([name, value]) => `${name}: ${value}`)
    return `| ${bench.id} | ${bench.title} | ${bench.goal} | ${result.ratio.toFixed(2)} | ${result.met ? 'yes' : 'no'} | ${detail.join('; ')} |`
  })
  const lines = [
    '# Benchmark results',
    '',
    'Written by `npm run bench -- --record`. Every ratio compares two things measured in turn in one run; single rates',
    'depend on the machine and are not capacity.',
    '',
    `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores.`,
    '',
    '| id | work | goal | ratio | met | sizes and figures |',
    '|---|---|---|---|---|---|',
    ...table,
    '',
  ]
  writeFileSync(new URL('RESULTS.md', folder), lines.join('\n'))
}

const rows: { bench: Bench; result: BenchResult }[] = []
for (const bench of await load()) {
  if (wanted.length > 0 && !wanted.includes(bench.id.toUpperCase())) continue
  const result = await bench.run()
  rows.push({ bench, result })
  console.log(
    words.includes('--json')
      ? JSON.stringify({ id: bench.id, title: bench.title, goal: bench.goal, ...result })
      : show(bench, result),
  )
}
if (words.includes('--record')) record(rows)
