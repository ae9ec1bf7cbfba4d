import { type Command, InvalidArgumentError } from 'commander'
import { auditedLibraries, listAudit, verifyAudit } from '../../gateway/store/audit.ts'
import { configOption, instant, printTable, withData } from '../data.ts'

interface Flags {
  readonly config?: string
  readonly library?: string
}

const count = (text: string): number => {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a number from 1 to 99999')
}

/** Adds `shuqiao audit verify|list`. */
export const addAuditVerbs = (program: Command): void => {
  const audit = program.command('audit').description('read and verify the audit log')
  audit
    .command('verify')
    .description('walk the chain of every library; exit code 1 when one is broken')
    .option('-l, --library <id>', 'this library only')
    .option(...configOption)
    .action(verify)
  audit
    .command('list')
    .description('newest entries first')
    .requiredOption('-l, --library <id>', 'whose entries')
    .option('-n, --limit <count>', 'how many', count, 50)
    .option(...configOption)
    .action(list)
}

const verify = (flags: Flags): Promise<void> =>
  withData(flags.config, async store => {
    const libraries = flags.library ? [flags.library] : await auditedLibraries(store.db)
    for (const library of libraries) {
      const verdict = await verifyAudit(store.db, library)
      if (!verdict.whole) process.exitCode = 1
      const said = verdict.whole
        ? `whole, ${verdict.entries} entries, head ${verdict.head}`
        : `BROKEN at entry ${verdict.seq}: ${verdict.why}`
      process.stdout.write(`${library}: ${said}\n`)
    }
    if (libraries.length === 0) process.stdout.write('no entries yet\n')
  })

const list = (flags: Flags & { library: string; limit: number }): Promise<void> =>
  withData(flags.config, async store => {
    const entries = await listAudit(store.db, flags.library, { limit: flags.limit })
    printTable(
      entries.map(e => ({
        seq: String(e.seq),
        at: instant(e.at),
        actor: e.actor,
        action: e.action,
        subject: e.subject,
        reason: e.reason,
      })),
    )
  })
