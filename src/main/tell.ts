import { asProblem } from '../kernel/problem.ts'
import { ConfigFaults } from './faults.ts'

/** Says what did not work, in the one shape of problems; with SHUQIAO_DEBUG also where. */
export const tellProblem = (
  thrown: unknown,
  say: (line: string) => void = line => process.stderr.write(`${line}\n`),
): void => {
  if (thrown instanceof ConfigFaults) {
    say(`${thrown.file}: ${thrown.faults.length} fault(s) 设置文件有误`)
    for (const { line, column, path, message } of thrown.faults)
      say(`${thrown.file}:${line}:${column}  ${path ? `${path}: ` : ''}${message}`)
    return
  }
  const { kind, code, say: words, their } = asProblem(thrown)
  say(`${words.zh}\n${words.en}  [${kind}/${code}]`)
  if (their?.text) say(`  ${their.code ? `${their.code} ` : ''}${their.text}`)
  if (process.env.SHUQIAO_DEBUG && thrown instanceof Error && thrown.stack) say(thrown.stack)
}
