import type { Words } from '../../kernel/problem.ts'
import type { Branch, Libraries } from '../libraries.ts'
import { houseOf } from './lying.ts'
import type { Line, Order } from './order.ts'
import { putInto, scanWords, sendOn } from './scan-words.ts'

/** Where a book must go that came back: the hold shelf, a branch by the ILS's word, or home to its library. */
export const whereTo = (line: Line, libraries: Libraries): Words => {
  if (line.routing?.type === 'hold-here') return scanWords.holdShelf
  const destination = line.routing?.destination ?? null
  return sendOn(destination === null ? null : placeName(destination, line, libraries))
}

/** What to do with a parcel that was just packed: by the way it goes, and whether it goes far. */
export const afterPacking = (line: Line, { delivery }: Order, libraries: Libraries): Words => {
  if (delivery.way === 'home') return scanWords.askCourier
  if (delivery.way === 'branch') {
    const branch = libraries.branch(delivery.branchId)
    if (branch.id === line.branchId) return scanWords.askDesk
    return sendOn(branch.libraryId === line.supplierId ? branch.name : fullName(branch, libraries))
  }
  const locker = libraries.locker(delivery.lockerId)
  return locker.libraryId === line.supplierId ? putInto(locker.name) : sendOn(fullName(locker, libraries))
}

/** The item's own branch, with its library's name. */
export const homeName = (line: Line, libraries: Libraries): Words =>
  fullName(libraries.branch(line.branchId), libraries)

const fullName = (branch: Pick<Branch, 'name' | 'libraryId'>, libraries: Libraries): Words => {
  const { name } = libraries.get(branch.libraryId)
  return { zh: `${name.zh}${branch.name.zh}`, en: `${branch.name.en}, ${name.en}` }
}

const placeName = (destination: string, line: Line, libraries: Libraries): Words => {
  if (destination === line.supplierId) return homeName(line, libraries)
  const branch = libraries.branchOfLocation(line.supplierId, destination)
  if (!branch) return { zh: destination, en: destination }
  const abroad = line.deskId !== null && houseOf(libraries, line.deskId) !== branch.libraryId
  return abroad ? fullName(branch, libraries) : branch.name
}
