import { type Command, InvalidArgumentError } from 'commander'
import { readPeriod, reportCsv, reportJson, reportOf } from '../../gateway/http/routes/reports.ts'
import type { Report } from '../../reports/compute.ts'
import { configOption, printTable, withData } from '../data.ts'
import { librariesOf } from '../libraries.ts'
import { findConfigured } from '../settings.ts'

const formats = ['table', 'json', 'csv'] as const
type Format = (typeof formats)[number]

const formatOf = (text: string): Format => {
  if ((formats as readonly string[]).includes(text)) return text as Format
  throw new InvalidArgumentError(`one of ${formats.join(', ')}`)
}

interface Flags {
  readonly from: string
  readonly to: string
  readonly library?: string
  readonly format: Format
  readonly config?: string
}

/** Adds `shuqiao report`. */
export const addReportVerb = (program: Command): void => {
  program
    .command('report')
    .description('the figures of clause 8.1.1 of DB3205/T 1098-2023 for a period')
    .requiredOption('--from <date>', 'first day, like 2026-11-01, or an instant with offset')
    .requiredOption('--to <date>', 'the day after the last one')
    .option('--library <id>', 'one library; all when left out')
    .option('--format <format>', formats.join(', '), formatOf, 'table')
    .option(...configOption)
    .action(async (flags: Flags) => {
      findConfigured(flags.config, process.env)
      await withData(flags.config, async (store, place) => {
        const libraries = librariesOf(place.config!)
        const span = readPeriod(libraries, flags.library, flags.from, flags.to)
        const report = await reportOf(store, libraries, { libraryId: flags.library, ...span })
        const time = (at: number): string => libraries.time(flags.library ?? libraries.all()[0]!.id, at)
        if (flags.format === 'json') process.stdout.write(`${JSON.stringify(reportJson(report, time))}\n`)
        else if (flags.format === 'csv') process.stdout.write(reportCsv(report))
        else printReport(report)
      })
    })
}

const printReport = (report: Report): void => {
  printTable(
    report.figures.map(figure => ({
      条款: figure.clause,
      指标: figure.name.zh,
      结论: figure.met === null ? '-' : figure.met ? '达标' : '未达标',
      说明: figure.say.zh,
    })),
  )
}
