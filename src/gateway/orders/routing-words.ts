import type { Words } from '../../kernel/problem.ts'
import type { Libraries } from '../libraries.ts'
import type { Line } from './order.ts'
import { scanWords, sendOn } from './scan-words.ts'

/** Where a book must go that came back: the hold shelf, a branch by the ILS's word, or home to its library. */
export const whereTo = (line: Line, libraries: Libraries): Words => {
  if (line.routing?.type === 'hold-here') return scanWords.holdShelf
  const destination = line.routing?.destination ?? null
  return sendOn(destination === null ? null : placeName(destination, line, libraries))
}

/** The item's own branch, with its library's name. */
export const homeName = (line: Line, libraries: Libraries): Words => {
  const branch = libraries.branch(line.branchId)
  const { name } = libraries.get(branch.libraryId)
  return { zh: `${name.zh}${branch.name.zh}`, en: `${branch.name.en}, ${name.en}` }
}

const placeName = (destination: string, line: Line, libraries: Libraries): Words => {
  if (destination === line.supplierId) return homeName(line, libraries)
  const branch = libraries.branchOfLocation(line.supplierId, destination)
  return branch?.name ?? { zh: destination, en: destination }
}
