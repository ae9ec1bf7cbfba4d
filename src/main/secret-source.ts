import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { misconfigured, ProblemError } from '../kernel/problem.ts'

/**
 * A secret for the command line, which must not hold it: `env:NAME`, `file:PATH` or `ask`. Left out, the
 * variable `usual` is taken where it is set, and a person at the keyboard is asked where it is not.
 */
export const secretFrom = async (
  source: string | undefined,
  usual: string,
  prompt: string,
): Promise<string> => {
  if (source === undefined) return process.env[usual] ?? askFor(prompt, usual)
  if (source === 'ask') return askFor(prompt, undefined)
  if (source.startsWith('env:')) {
    const value = process.env[source.slice(4)]
    if (value !== undefined) return value
    throw unusable(`环境变量 ${source.slice(4)} 没有设置`, `the variable ${source.slice(4)} is not set`)
  }
  if (source.startsWith('file:')) return textOf(source.slice(5))
  // What was given is never repeated: it may be the secret itself.
  throw unusable(
    '密码不写在命令行上：请用 env:变量名、file:文件 或 ask',
    'a secret does not stand on the command line: env:NAME, file:PATH or ask',
  )
}

const unusable = (zh: string, en: string): ProblemError =>
  new ProblemError(misconfigured('secret-source', { zh, en }))

/** The text of a file without its last line end; a problem in words where it cannot be read. */
export const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch {
    throw unusable(`无法读取文件 ${path}`, `the file ${path} cannot be read`)
  }
}

/** Asks on standard error without showing what is typed; standard output stays free for the result. */
const askFor = async (prompt: string, usual: string | undefined): Promise<string> => {
  if (!process.stdin.isTTY)
    throw usual === undefined
      ? unusable(
          '无法询问：这里没有键盘，请改用 env:变量名 或 file:文件',
          'nobody can be asked here: say env:NAME or file:PATH',
        )
      : unusable(`没有密码：请设置环境变量 ${usual}`, `no secret: set the variable ${usual}`)
  process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const keyboard = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await keyboard.question('')
  } finally {
    keyboard.close()
    process.stderr.write('\n')
  }
}
