/**
 * `npm run fuzz` throws a million damaged, hostile and random inputs at the SIP2 codec, the readers of answers and
 * the server for kiosks. `-- --inputs 5000000` more of them; `--time 600` no longer than so many seconds;
 * `--seed 7` others (the same seed makes the same inputs); `--only server` some of the targets;
 * `--input FILE` one input that has failed before. Exit code 1 when something failed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { attemptOn, type Failure, fuzz, type Report } from './fuzz/engine.ts'
import { overSockets } from './fuzz/sockets.ts'
import { targets } from './fuzz/targets.ts'

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    time: { type: 'string', default: '0' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    input: { type: 'string' },
    connections: { type: 'string', default: '400' },
  },
})

const folder = join(fileURLToPath(new URL('..', import.meta.url)), 'artefacts', 'fuzz')

const again = async (file: string): Promise<boolean> => {
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Failure
  const target = targets.find(({ name }) => name === kept.target)
  if (!target) throw new Error(`no target ${kept.target}`)
  const error = await attemptOn(target, kept.made)
  console.log(`${kept.target}: ${error ?? 'nothing is wrong any more'}`)
  return error === undefined
}

const keep = (failure: Failure): string => {
  mkdirSync(folder, { recursive: true })
  const file = join(
    folder,
    `${failure.target.replaceAll(/[^a-z]+/g, '-')}-${failure.seed}-${failure.number}.json`,
  )
  writeFileSync(file, `${JSON.stringify(failure, null, 1)}\n`)
  return file
}

const show = ({ tallies, failures }: Report, seed: number): void => {
  for (const { target, inputs, millis, slowest, growth } of tallies) {
    const grown =
      growth === undefined ? '' : `, memory ${growth >= 0 ? '+' : ''}${Math.round(growth / 1024)} KiB`
    console.log(
      `${target.padEnd(32)} ${String(inputs).padStart(9)} inputs, ${(millis / 1000).toFixed(1)} s, slowest ${slowest} ms${grown}`,
    )
  }
  const inputs = tallies.reduce((sum, tally) => sum + tally.inputs, 0)
  console.log(`seed ${seed}: ${inputs} inputs, ${failures.length} failures`)
  for (const failure of failures)
    console.log(`✗ ${failure.target}: ${failure.error}\n    npm run fuzz -- --input ${keep(failure)}`)
}

const collect = globalThis.gc
const memory = collect
  ? (): number => {
      collect()
      return process.memoryUsage().heapUsed
    }
  : undefined

const run = async (): Promise<boolean> => {
  if (values.input !== undefined) return again(values.input)
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const wanted = targets.filter(({ name }) => name.includes(values.only))
  const report = await fuzz({
    seed,
    inputs: Number(values.inputs),
    time: Number(values.time) * 1000,
    targets: wanted,
    now: () => performance.now(),
    memory,
  })
  show(report, seed)
  const connections = 'server: sockets'.includes(values.only) ? Number(values.connections) : 0
  if (connections > 0)
    console.log(
      `server: sockets ${' '.repeat(16)} ${await overSockets(seed, connections)} lines over ${connections} connections`,
    )
  return report.failures.length === 0
}

process.exitCode = (await run()) ? 0 : 1
