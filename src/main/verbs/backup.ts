import { chmodSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Command } from 'commander'
import { sqlitePath } from '../../gateway/store/sqlite.ts'
import { ProblemError, refused } from '../../kernel/problem.ts'
import { configOption } from '../data.ts'
import { findPlace } from '../settings.ts'

/** Adds `shuqiao backup`. */
export const addBackupVerb = (program: Command): void => {
  program
    .command('backup')
    .description('copy the SQLite database while it is in use; the copy is checked before it gets its name')
    .argument('<file>', 'where to')
    .option('-f, --force', 'replace the file when it is there')
    .option(...configOption)
    .action(async (file: string, flags: { config?: string; force?: true }) => {
      const { databaseUrl } = findPlace(flags.config, process.env)
      if (!databaseUrl.startsWith('sqlite:')) throw new ProblemError(notSqlite)
      if (existsSync(file) && !flags.force) throw new ProblemError(isThere(file))
      await backUp(sqlitePath(databaseUrl), file)
      process.stdout.write(`${file}: ${statSync(file).size} bytes\n${keysToo}\n`)
    })
}

const backUp = async (source: string, target: string): Promise<void> => {
  if (!existsSync(source)) throw new ProblemError(noData(source))
  const draft = `${target}.part`
  rmSync(draft, { force: true })
  const database = new Database(source, { readonly: true, fileMustExist: true })
  try {
    await database.backup(draft)
  } finally {
    database.close()
  }
  const copy = new Database(draft)
  try {
    copy.pragma('journal_mode = delete')
    const verdict = copy.pragma('integrity_check', { simple: true })
    if (verdict !== 'ok') throw new Error(`the copy is damaged: ${String(verdict)}`)
  } finally {
    copy.close()
  }
  chmodSync(draft, 0o600)
  renameSync(draft, target)
}

/** The copy alone cannot be read: personal fields are sealed. */
const keysToo =
  '个人信息的密钥不在其中，请另行妥善保存（personalKeys 或 personal.keys）\nthe keys of personal data are not in it: keep them safe elsewhere (personalKeys, or the file personal.keys)'

const notSqlite = refused('not-sqlite', {
  zh: '数据在 PostgreSQL 里：请用 pg_dump 备份。',
  en: 'the data is in PostgreSQL: back it up with pg_dump',
})
const isThere = (file: string) =>
  refused('file-exists', {
    zh: `${file} 已经存在；要替换请加 --force。`,
    en: `${file} is there already; add --force to replace it`,
  })
const noData = (file: string) =>
  refused('no-data', { zh: `还没有数据（${file}）。`, en: `there is no data yet (${file})` })
