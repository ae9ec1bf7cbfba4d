import { Command, CommanderError, Help } from 'commander'
import { staying } from '../kernel/clock.ts'
import { ConfigFaults } from './faults.ts'
import { tellProblem } from './tell.ts'

/** A verb's name, what it is for, and the module that adds it: only the module of the verb that runs is loaded. */
interface Verb {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<(program: Command) => void>
}

const verbs: readonly Verb[] = [
  {
    name: 'serve',
    summary: 'run the gateway',
    load: async () => (await import('./verbs/serve.ts')).addServeVerb,
  },
  {
    name: 'import',
    summary: 'bring records into the catalogue',
    load: async () => (await import('./import.ts')).addImportVerb,
  },
  {
    name: 'demo',
    summary: 'run the demo town',
    load: async () => (await import('./verbs/demo.ts')).addDemoVerb,
  },
  {
    name: 'report',
    summary: 'the figures the city standard asks for',
    load: async () => (await import('./verbs/report.ts')).addReportVerb,
  },
  {
    name: 'doctor',
    summary: 'check settings, data, library systems and lockers',
    load: async () => (await import('./verbs/doctor.ts')).addDoctorVerb,
  },
  {
    name: 'sip2',
    summary: 'read, write, record and replay SIP2 messages',
    load: async () => (await import('./sip2.ts')).addSip2Verbs,
  },
  {
    name: 'user',
    summary: 'staff who may log in',
    load: async () => (await import('./verbs/user.ts')).addUserVerbs,
  },
  {
    name: 'key',
    summary: 'keys of locker screens, of partners and of kiosks',
    load: async () => (await import('./verbs/key.ts')).addKeyVerbs,
  },
  {
    name: 'audit',
    summary: 'read and verify the audit log',
    load: async () => (await import('./verbs/audit.ts')).addAuditVerbs,
  },
  {
    name: 'backup',
    summary: 'copy the SQLite database while it is in use',
    load: async () => (await import('./verbs/backup.ts')).addBackupVerb,
  },
  {
    name: 'config',
    summary: 'check the settings file, or print its schema',
    load: async () => (await import('./verbs/config.ts')).addConfigVerbs,
  },
]

/** The command line with every verb in it, for the page that lists them. */
export const wholeProgram = async (): Promise<Command> => {
  const program = new Command('shuqiao')
  for (const { load } of verbs) (await load())(program)
  return program
}

/** Whoever reads our output and has seen enough (`| head`) ends the run without ado. */
const endWithReader = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

const help = new Help()

/** Exit codes: 0 done; 1 it did not work; 2 the command line or the settings file is wrong. */
export const runCommandLine = async (words: readonly string[]): Promise<number> => {
  endWithReader()
  const program = new Command('shuqiao')
    .description('书桥: online lending for public libraries, plugged into the library system they have')
    .exitOverride()
    // An option belongs to the verb it follows: `doctor sip2 --json` is not `doctor --json`.
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureHelp({
      showGlobalOptions: true,
      optionDescription: option =>
        `${help.optionDescription(option)}${option.mandatory ? ' (required)' : ''}`,
    })
  try {
    for (const { name, summary, load } of verbs) {
      if (name === words[0]) (await load())(program)
      else program.command(name).description(summary)
    }
    await staying(() => program.parseAsync(words, { from: 'user' }))
    return Number(process.exitCode ?? 0)
  } catch (thrown) {
    if (thrown instanceof CommanderError) return asked.has(thrown.code) ? 0 : 2
    tellProblem(thrown)
    return thrown instanceof ConfigFaults ? 2 : 1
  }
}

/** Not errors: somebody wanted to read. */
const asked = new Set(['commander.helpDisplayed', 'commander.version'])
