import { marcBytes } from '../../adapters/catalogue/marc/source.ts'
import { depositScope } from '../../gateway/bindings/kiosk.ts'
import { importRecords } from '../../gateway/catalogue/import.ts'
import type { DemoJson } from '../../gateway/http/api/demo.ts'
import type { Deps } from '../../gateway/http/deps.ts'
import { type AccessKey, issueKey } from '../../gateway/store/keys.ts'
import { addUser, listUsers, type StaffRole } from '../../gateway/store/users.ts'
import {
  holdingsOf,
  type LibraryId,
  type TownLibrary,
  townBooks,
  townLibraries,
  townReaders,
} from '../../sandbox/town/facts.ts'
import { keepsake } from '../../sandbox/town/keepsake.ts'
import { marcFileOf } from '../../sandbox/town/marc-file.ts'

/** The demo's staff all have it; the town is for trying things, and listens on this machine only. */
export const demoPassword = 'shuqiao-demo'

export interface DemoStaff {
  readonly login: string
  readonly role: StaffRole
  readonly libraryId: LibraryId
}

export const demoStaff: readonly DemoStaff[] = [
  ...townLibraries.map(({ id }): DemoStaff => ({ login: id, role: 'librarian', libraryId: id })),
  ...townLibraries.map(({ id }): DemoStaff => ({ login: `${id}-manager`, role: 'manager', libraryId: id })),
  { login: 'admin', role: 'administrator', libraryId: 'gusu' },
  { login: 'auditor', role: 'auditor', libraryId: 'gusu' },
]

const staffNames: Record<StaffRole, string> = {
  librarian: '演示馆员',
  manager: '演示馆长',
  administrator: '演示管理员',
  auditor: '演示审计员',
}

/** Puts into a new town what its first day needs: catalogues, staff, keys of the locker screens. Safe to repeat. */
export const furnish = async (deps: Deps, folder: string | undefined): Promise<DemoJson> => {
  for (const library of townLibraries) await fillCatalogue(deps, library)
  await addStaff(deps)
  const { kiosks, badge } = await lockerKeys(deps, folder)
  const reader = townReaders()[0]!
  return {
    reader: { library: reader.library, card: reader.card, pin: reader.pin },
    staff: { user: 'gusu', password: demoPassword, badge },
    kiosks,
    book: await tourBook(deps),
  }
}

/** Through the importer that every library uses, from a file as its ILS would write it. */
const fillCatalogue = async (deps: Deps, library: TownLibrary): Promise<void> => {
  const known = await deps.store.db
    .selectFrom('item')
    .select('barcode')
    .where('library_id', '=', library.id)
    .executeTakeFirst()
  if (known) return
  const encoding = library.id === 'songling' ? 'gb18030' : 'utf-8'
  const bytes = marcFileOf(library, holdingsOf(library), encoding)
  const { branches } = deps.libraries.get(library.id)
  const result = await importRecords(deps.store, {
    libraryId: library.id,
    source: marcBytes(`${library.id}.iso`, bytes),
    clock: deps.clock,
    locationToBranch: code => ({
      branchId:
        (code === undefined ? undefined : deps.libraries.branchOfLocation(library.id, code))?.id ??
        branches[0]!.id,
      shelving: code === library.stacks ? 'closed' : 'open',
    }),
  })
  for (const { record, reason } of result.refused)
    deps.log.warn({ library: library.id, record, reason }, 'record refused')
}

const addStaff = async (deps: Deps): Promise<void> => {
  const known = new Set((await listUsers(deps.store.db)).map(user => user.login))
  const missing = demoStaff.filter(one => !known.has(one.login))
  if (missing.length === 0) return
  const hash = await deps.passwords.hash(demoPassword)
  const createdAt = deps.clock.now()
  await deps.store.tx(async tx => {
    for (const { login, role, libraryId } of missing)
      await addUser(
        tx,
        { libraryId, id: deps.ids.next(), login, name: staffNames[role], role, branches: [], createdAt },
        hash,
      )
  })
}

interface Keys {
  readonly kiosks: { readonly lockerId: string; readonly key: string }[]
  /** Opens doors for deposits at the lockers of the first library. */
  readonly badge: string
}

/** Keys are shown once by the store; the demo keeps its own beside the sandbox, to print them at every start. */
const lockerKeys = async (deps: Deps, folder: string | undefined): Promise<Keys> => {
  const kept = keepsake<Keys>(folder, 'demo-keys.json')
  const known = kept.load()
  if (known) return known
  const made = await deps.store.tx(async (tx): Promise<Keys> => {
    const key = async (
      of: Pick<AccessKey, 'libraryId' | 'kind' | 'name' | 'subject' | 'scopes'>,
    ): Promise<string> => (await issueKey(tx, { ...of, expiresAt: null }, deps.ids, deps.clock.now())).secret
    const kiosks: Keys['kiosks'] = []
    for (const library of deps.libraries.all())
      for (const { id, name } of library.lockers) {
        const device = {
          libraryId: library.id,
          kind: 'device',
          name: name.zh,
          subject: id,
          scopes: [],
        } as const
        kiosks.push({ lockerId: id, key: await key(device) })
      }
    const badge = {
      libraryId: 'gusu',
      kind: 'partner',
      name: '演示工牌',
      subject: null,
      scopes: [depositScope],
    } as const
    return { kiosks, badge: await key(badge) }
  })
  kept.save(made)
  return made
}

/** The town's first book is only at the first library, in three copies. */
const tourBook = async (deps: Deps): Promise<DemoJson['book']> => {
  const { title } = townBooks()[0]!
  const [first] = holdingsOf(townLibraries[0]!)
  const item = await deps.store.db
    .selectFrom('item')
    .select('work_id')
    .where('library_id', '=', 'gusu')
    .where('barcode', '=', first!.copies[0]!.barcode)
    .executeTakeFirstOrThrow()
  return { recordId: item.work_id, title }
}
