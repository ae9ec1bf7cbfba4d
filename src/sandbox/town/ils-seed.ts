import type { Millis } from '../../kernel/clock.ts'
import type { IlsSeed, Loan, Patron, PatronCategory } from '../ils/model.ts'
import {
  holdingsOf,
  libraryIds,
  type TownLibrary,
  type TownReader,
  townLibraries,
  townReaders,
} from './facts.ts'

const dayMillis = 86_400_000

const category = (
  code: string,
  name: string,
  maxLoans: number,
  more: Partial<PatronCategory> = {},
): PatronCategory => ({
  code,
  name,
  maxLoans,
  maxHolds: 10,
  loanDays: 30,
  maxRenewals: 1,
  maxOverdue: 1,
  maxOwed: 1000,
  finePerDay: 10,
  ...more,
})

const categories: readonly PatronCategory[] = [
  category('adult', '成人', 10),
  category('student', '学生', 10),
  category('senior', '长者', 10, { loanDays: 45 }),
  category('child', '少儿', 6, { finePerDay: 0 }),
  category('disabled', '残障读者', 20, { loanDays: 60, maxRenewals: 3, finePerDay: 0 }),
  category('library', '馆际互借', 500, {
    maxHolds: 500,
    loanDays: 60,
    maxRenewals: 3,
    maxOverdue: 500,
    finePerDay: 0,
  }),
]

/** Card under which one library lends to another. */
export const institutionCard = (libraryId: string): string => `ILL-${libraryId.toUpperCase()}`

const patronOf = (reader: TownReader, desk: string, now: Millis): Patron => ({
  card: reader.card,
  pin: reader.pin,
  name: reader.name,
  category: reader.category,
  expiresAt: now + 3 * 365 * dayMillis,
  homeBranch: desk,
  ...(reader.block === 'card-lost' ? { lost: true } : {}),
})

/** What stands against some readers on the first day: a fine, overdue books, a full card. */
const history = (
  library: TownLibrary,
  readers: readonly TownReader[],
  now: Millis,
): Pick<IlsSeed, 'loans' | 'fines'> => {
  const copies = holdingsOf(library)
    .flatMap(record => record.copies)
    .slice(-40)
  const loans: Loan[] = []
  const lend = (card: string, daysAgo: number): void => {
    const copy = copies[loans.length]!
    const at = now - daysAgo * dayMillis
    loans.push({
      number: loans.length + 1,
      barcode: copy.barcode,
      card,
      at,
      dueAt: at + 30 * dayMillis,
      renewals: 0,
    })
  }
  for (const reader of readers) {
    if (reader.block === 'overdue') for (let n = 0; n < 2; n++) lend(reader.card, 40)
    if (reader.block === 'limit') for (let n = 0; n < 6; n++) lend(reader.card, 5)
  }
  const owing = readers.find(reader => reader.block === 'owes')
  const fines = owing
    ? [
        {
          id: 'F1',
          card: owing.card,
          amount: 1500,
          paid: 0,
          type: '07',
          at: now - 60 * dayMillis,
          note: '遗失赔偿',
        },
      ]
    : []
  return { loans, fines }
}

/** The library system of one library of the town on its first day. */
export const ilsSeedOf = (library: TownLibrary, password: string, now: Millis): IlsSeed => {
  const readers = townReaders().filter(reader => reader.library === library.id)
  const records = holdingsOf(library)
  const { loans = [], fines = [] } = history(library, readers, now)
  const lent = new Set(loans.map(loan => loan.barcode))
  const partners = libraryIds
    .filter(id => id !== library.id)
    .map(
      (id): Patron => ({
        card: institutionCard(id),
        pin: password,
        name: townLibraries.find(other => other.id === id)!.name,
        category: 'library',
        expiresAt: now + 20 * 365 * dayMillis,
        homeBranch: library.desk,
      }),
    )
  return {
    institution: library.id.toUpperCase(),
    libraryName: library.name,
    branches: library.places,
    categories,
    patrons: [...readers.map(reader => patronOf(reader, library.desk, now)), ...partners],
    bibs: records.map(({ controlNumber, book }) => ({
      id: controlNumber,
      title: book.title,
      ...(book.author === undefined ? {} : { author: book.author }),
    })),
    items: records.flatMap(({ controlNumber, copies }) =>
      copies.map(copy => ({
        barcode: copy.barcode,
        bibId: controlNumber,
        callNumber: copy.callNumber,
        permanentLocation: copy.location,
        currentLocation: copy.location,
        mediaType: '001',
        status: lent.has(copy.barcode) ? ('charged' as const) : ('available' as const),
        forLoan: true,
      })),
    ),
    accounts: [{ user: 'shuqiao', password, branch: library.desk }],
    loans,
    fines,
    lastNumber: loans.length + 1,
  }
}
