import type { Command } from 'commander'
import type { DriverSettings } from '../../config.ts'
import { depositScope } from '../../gateway/bindings/kiosk.ts'
import { hashKioskPassword } from '../../gateway/sip2-server/logins.ts'
import { type AccessKey, issueKey, listKeys, revokeKey } from '../../gateway/store/keys.ts'
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
  readonly library: string
}

/** What a partner's key can be scoped for. */
export const partnerScopes = ['reports:read', 'metrics:read', depositScope] as const

/** Adds `shuqiao key device|partner add|list|revoke`. */
export const addKeyVerbs = (program: Command): void => {
  const key = program.command('key').description('keys of locker screens, of partners and of kiosks')
  const device = key.command('device').description('keys of locker screens')
  device
    .command('add')
    .description('make a key for the screen of a locker; it is shown once')
    .argument('<locker>', 'id of the locker')
    .requiredOption('-l, --library <id>', 'whose locker it is')
    .option(...configOption)
    .action((locker: string, flags: Flags) => add('device', locker, locker, [], flags))
  common(device, 'device')
  const partner = key.command('partner').description('keys of other systems')
  partner
    .command('add')
    .description('make a key for another system; it is shown once')
    .argument('<name>', 'what the system is called')
    .requiredOption('-l, --library <id>', 'whose data it may see')
    .requiredOption('-s, --scope <scope...>', `what it may do: ${partnerScopes.join(', ')}`)
    .option(...configOption)
    .action((name: string, flags: Flags & { scope: string[] }) =>
      add('partner', name, null, flags.scope, flags),
    )
  common(partner, 'partner')
  const registration = key
    .command('registration')
    .description('tokens with which cabinets register themselves')
  registration
    .command('add')
    .description(
      'make a token for a cabinet that registers itself on its line; it is shown once, and used up by it',
    )
    .argument('<cabinet>', 'id of the cabinet on its line')
    .requiredOption('-b, --bus <id>', 'the line, one of lockerBuses')
    .requiredOption('-l, --library <id>', 'whose cabinet it is')
    .option('--hours <n>', 'how long it can be used', '24')
    .option(...configOption)
    .action(addRegistration)
  common(registration, 'registration')
  common(key.command('cabinet').description('passwords of cabinets that registered themselves'), 'cabinet')
  key
    .command('kiosk')
    .description('make a password for a machine that speaks SIP2, with the line for the settings file')
    .action(kiosk)
}

/** The settings need only the hash; nothing is stored here. */
const kiosk = async (): Promise<void> => {
  const password = ids.secret(12)
  process.stdout.write(`${password}\npassword: ${await hashKioskPassword(password)}\n`)
}

const common = (parent: Command, kind: AccessKey['kind']): void => {
  parent
    .command('list')
    .description('keys that were given out')
    .option(...configOption)
    .action((flags: { config?: string }) => list(kind, flags.config))
  parent
    .command('revoke')
    .description('end a key at once')
    .argument('<id>', 'id of the key, from the list')
    .requiredOption('-l, --library <id>', 'whose key it is')
    .option(...configOption)
    .action((id: string, flags: Flags) => revoke(id, flags))
}

const add = (
  kind: AccessKey['kind'],
  name: string,
  subject: string | null,
  scopes: readonly string[],
  flags: Flags,
): Promise<void> =>
  withData(flags.config, async (store, place) => {
    checkLibrary(place, flags.library)
    const unknown = scopes.filter(s => !(partnerScopes as readonly string[]).includes(s))
    if (unknown.length > 0) throw new ProblemError(unknownScope(unknown))
    const lockers = place.config?.libraries.find(l => l.id === flags.library)?.lockers
    if (subject !== null && lockers && !lockers.some(l => l.id === subject))
      throw new ProblemError(unknownLocker)
    const { id, secret } = await store.tx(async tx => {
      const key = { libraryId: flags.library, kind, name, subject, scopes, expiresAt: null }
      const issued = await issueKey(tx, key, ids, clock.now())
      await noteCommand(tx, flags.library, 'key-issued', `key:${issued.id}`)
      return issued
    })
    process.stderr.write(`${id}\n`)
    process.stdout.write(`${secret}\n`)
  })

const addRegistration = (
  cabinet: string,
  flags: Flags & { readonly bus: string; readonly hours: string },
): Promise<void> =>
  withData(flags.config, async (store, place) => {
    checkLibrary(place, flags.library)
    const hours = Number(flags.hours)
    if (!Number.isInteger(hours) || hours < 1 || hours > 24 * 30) throw new ProblemError(wrongHours)
    const bus = place.config?.lockerBuses.find(({ id }) => id === flags.bus)
    const there = bus?.registration && cabinetsOf(bus).includes(cabinet)
    if (place.config && !there) throw new ProblemError(unknownCabinet)
    const { id, secret } = await store.tx(async tx => {
      const now = clock.now()
      const about = {
        libraryId: flags.library,
        kind: 'registration',
        name: cabinet,
        subject: flags.bus,
      } as const
      const issued = await issueKey(
        tx,
        { ...about, scopes: [], expiresAt: now + hours * 3_600_000 },
        ids,
        now,
      )
      await noteCommand(tx, flags.library, 'key-issued', `key:${issued.id}`)
      return issued
    })
    process.stderr.write(`${id}\n`)
    process.stdout.write(`${secret}\n`)
  })

/** Names of the cabinets of a line that are known by what they register. */
const cabinetsOf = (bus: DriverSettings): readonly unknown[] =>
  Array.isArray(bus.cabinets)
    ? (bus.cabinets as readonly { id?: unknown; password?: unknown }[])
        .filter(({ password }) => password === undefined)
        .map(({ id }) => id)
    : []

const list = (kind: AccessKey['kind'], config: string | undefined): Promise<void> =>
  withData(config, async store => {
    printTable(
      (await listKeys(store.db, kind)).map(k => ({
        id: k.id,
        library: k.libraryId,
        name: k.name,
        scopes: k.scopes.join(' ') || '-',
        since: instant(k.createdAt),
        revoked: instant(k.revokedAt),
      })),
    )
  })

const revoke = (id: string, flags: Flags): Promise<void> =>
  withData(flags.config, async store => {
    const done = await store.tx(async tx => {
      const revoked = await revokeKey(tx, flags.library, id, clock.now())
      if (revoked) await noteCommand(tx, flags.library, 'key-revoked', `key:${id}`)
      return revoked
    })
    if (!done) throw new ProblemError(unknownKey)
  })

const wrongHours = refused('wrong-hours', {
  zh: '有效时间应为 1 至 720 小时。',
  en: 'a token is good for 1 to 720 hours',
})
const unknownCabinet = refused('unknown-cabinet', {
  zh: '这条线路不让柜机自行登记，或没有这台柜机，或它已设有密码。',
  en: 'this line takes no registrations, or has no such cabinet, or its password is in the settings',
})
const unknownKey = refused('unknown-key', { zh: '没有这个有效的密钥。', en: 'there is no such key in force' })
const unknownLocker = refused('unknown-locker', {
  zh: '这个图书馆没有这个自助柜。',
  en: 'this library has no such locker',
})
const unknownScope = (scopes: readonly string[]) =>
  refused('unknown-scope', {
    zh: `没有这样的权限：${scopes.join('、')}；可选：${partnerScopes.join('、')}`,
    en: `no such scope: ${scopes.join(', ')}; known: ${partnerScopes.join(', ')}`,
  })
