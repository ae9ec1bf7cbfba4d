import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { Store } from '../../gateway/store/db.ts'
import { createPasswords } from '../../gateway/store/passwords.ts'
import { endSessionsOf } from '../../gateway/store/sessions.ts'
import {
  addUser,
  disableUser,
  listUsers,
  type StaffRole,
  type StaffUser,
  setPassword,
  staffRoles,
  userByLogin,
} from '../../gateway/store/users.ts'
import { ProblemError, refused } from '../../kernel/problem.ts'
import {
  checkLibrary,
  clock,
  configOption,
  ids,
  instant,
  noteCommand,
  printTable,
  withData,
} from '../data.ts'

interface Flags {
  readonly config?: string
}
interface AddFlags extends Flags {
  readonly library: string
  readonly role: StaffRole
  readonly name: string
  readonly branch: readonly string[]
  readonly passwordStdin?: true
}

const passwords = createPasswords()
const shortest = 12

/** Adds `shuqiao user add|list|password|remove`. */
export const addUserVerbs = (program: Command): void => {
  const user = program.command('user').description('staff who may log in')
  const stdin = [
    '--password-stdin',
    'read the password from standard input; otherwise one is made and shown once',
  ] as const
  user
    .command('add')
    .description('let somebody log in')
    .argument('<login>', 'log-in name')
    .requiredOption('-l, --library <id>', 'whose staff the person is')
    .addOption(
      new Option('-r, --role <role>', 'what the person may do').choices(staffRoles).makeOptionMandatory(),
    )
    .requiredOption('-n, --name <name>', 'name that colleagues see')
    .option('-b, --branch <id...>', 'branches the person works at; all when left out', [])
    .option(...stdin)
    .option(...configOption)
    .action(add)
  user
    .command('list')
    .description('who may log in')
    .option(...configOption)
    .action(list)
  user
    .command('password')
    .description('give somebody a new password, and end the sessions under the old one')
    .argument('<login>')
    .option(...stdin)
    .option(...configOption)
    .action(password)
  user
    .command('remove')
    .description('let somebody log in no more; the name stays in the audit log')
    .argument('<login>')
    .option(...configOption)
    .action(remove)
}

const add = (login: string, flags: AddFlags): Promise<void> =>
  withData(flags.config, async (store, place) => {
    checkLibrary(place, flags.library)
    const secret = chosen(flags.passwordStdin)
    const hash = await passwords.hash(secret.password)
    const { library: libraryId, role, name, branch: branches } = flags
    const user = { libraryId, id: ids.next(), login, name, role, branches, createdAt: clock.now() }
    await store.tx(async tx => {
      await addUser(tx, user, hash)
      await noteCommand(tx, libraryId, 'user-added', `staff:${user.id}`)
    })
    tell(secret)
  })

const list = (flags: Flags): Promise<void> =>
  withData(flags.config, async store => {
    const users = await listUsers(store.db)
    printTable(
      users.map(u => ({
        login: u.login,
        library: u.libraryId,
        role: u.role,
        name: u.name,
        branches: u.branches.join(' ') || 'all',
        since: instant(u.createdAt),
        removed: instant(u.disabledAt),
      })),
    )
  })

const password = (login: string, flags: Flags & { passwordStdin?: true }): Promise<void> =>
  withData(flags.config, async store => {
    const user = await known(store, login)
    const secret = chosen(flags.passwordStdin)
    const hash = await passwords.hash(secret.password)
    await store.tx(async tx => {
      await setPassword(tx, user, hash)
      await endSessionsOf(tx, { libraryId: user.libraryId, kind: 'staff', subjectId: user.id })
      await noteCommand(tx, user.libraryId, 'password-changed', `staff:${user.id}`)
    })
    tell(secret)
  })

const remove = (login: string, flags: Flags): Promise<void> =>
  withData(flags.config, async store => {
    const user = await known(store, login)
    await store.tx(async tx => {
      await disableUser(tx, user, clock.now())
      await endSessionsOf(tx, { libraryId: user.libraryId, kind: 'staff', subjectId: user.id })
      await noteCommand(tx, user.libraryId, 'user-removed', `staff:${user.id}`)
    })
  })

const known = async (store: Store, login: string): Promise<StaffUser> => {
  const found = await userByLogin(store.db, login)
  if (found) return found.user
  throw new ProblemError(
    refused('unknown-user', {
      zh: `没有登录名为“${login}”的人。`,
      en: `nobody has the log-in name "${login}"`,
    }),
  )
}

interface Secret {
  readonly password: string
  readonly made: boolean
}

const chosen = (fromStdin: true | undefined): Secret => {
  if (!fromStdin) return { password: ids.secret(15), made: true }
  const password = readFileSync(0, 'utf8').replace(/\r?\n$/, '')
  if (password.length >= shortest) return { password, made: false }
  throw new ProblemError(
    refused('password-too-short', {
      zh: `密码至少 ${shortest} 个字符。`,
      en: `a password has at least ${shortest} characters`,
    }),
  )
}

const tell = ({ password, made }: Secret): void => {
  if (made) process.stdout.write(`${password}\n`)
}
