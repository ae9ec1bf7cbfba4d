import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { root } from '../../scripts/generate.ts'
import { loadConfig } from '../../src/config/load.ts'
import { wholeProgram } from '../../src/main/command-line.ts'
import { driverSchemas } from '../../src/main/vendors.ts'

const skipped = /^(node_modules|dist|data|coverage|artefacts)(\/|$)/
const pages = globSync('**/*.md', { cwd: root, exclude: path => skipped.test(path) })
const read = (page: string): string => readFileSync(join(root, page), 'utf8')
const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

/** As the usual renderers make them: lower case, without punctuation, blanks to hyphens. */
const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )

const linksOf = (page: string): readonly string[] =>
  [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter(link => !/^[a-z]+:/.test(link))

const broken = (page: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? join(root, page) : join(root, dirname(page), decodeURI(path))
  if (!existsSync(target)) return true
  if (anchor === undefined || statSync(target).isDirectory()) return false
  return !anchorsOf(read(relative(root, target))).has(anchor)
}

describe('the pages that people read', () => {
  it('are found', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'README.zh-CN.md', 'docs/running.md']))
  })

  it.each(pages)('%s: every link leads somewhere', page => {
    expect(linksOf(page).filter(link => broken(page, link))).toEqual([])
  })

  it('name only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = pages.flatMap(page =>
      [...read(page).matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, script]) => script!),
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(script => !(script in scripts))).toEqual([])
  })

  it('name only commands that there are', async () => {
    const program = await wholeProgram()
    const unknown = (words: readonly string[]): boolean => {
      let command: Command | undefined = program
      for (const word of words) {
        if (command.commands.length === 0) return false
        command = command.commands.find(one => one.name() === word)
        if (!command) return true
      }
      return command.commands.length > 0 && words.length > 1
    }
    const told = pages.flatMap(page =>
      [...read(page).matchAll(/(?:`shuqiao|shuqiao --|src\/main\.ts) ((?:[a-z][a-z0-9]*(?: |\b))+)/g)].map(
        ([, words = '']) => words.trim().split(' '),
      ),
    )
    expect(told.length).toBeGreaterThan(20)
    expect(told.filter(unknown)).toEqual([])
  })

  it('tell the origin of every fixture', () => {
    const origins = read('fixtures/README.md')
    const files = globSync('fixtures/**/*.*', { cwd: root }).map(file => basename(file))
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter(file => file !== 'README.md' && !origins.includes(`\`${file}\``))).toEqual([])
  })

  it.each(['README.md', 'README.zh-CN.md'])('%s: its settings file passes the check', page => {
    const settings = /^```yaml\n(libraries:[\s\S]*?)^```/m.exec(read(page))?.[1] ?? ''
    const secrets = { env: () => 'secret', file: () => 'secret' }
    expect(loadConfig(settings, secrets, driverSchemas)).toMatchObject({ ok: true })
  })
})
