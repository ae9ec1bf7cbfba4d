import type { Libraries } from '../libraries.ts'
import type { Line, Order } from './order.ts'

/**
 * Where staff stand who do not say so, as far as the line tells: with a book of another library, at the desk of
 * their own library that it is meant for, else at its first one. Undefined: at the item's own branch.
 */
export const standingAt = (
  libraries: Pick<Libraries, 'branch' | 'get'>,
  staffLibraryId: string,
  line: Line,
  order: Order,
): string | undefined => {
  if (libraries.branch(line.branchId).libraryId === staffLibraryId) return undefined
  const own = libraries.get(staffLibraryId).branches.map(branch => branch.id)
  const { delivery } = order
  return delivery.way === 'branch' && own.includes(delivery.branchId) ? delivery.branchId : own[0]
}
