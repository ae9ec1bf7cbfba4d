import { misconfigured, type Problem } from '../../../kernel/problem.ts'
import type { CardRef } from '../effects.ts'
import type { OrderPorts } from '../ports.ts'

/** The card number to act with at an ILS; undefined where there is none. */
export const cardFor = async (
  ports: OrderPorts,
  ref: CardRef,
  homeLibraryId: string,
  at: string,
): Promise<string | undefined> => {
  if (ref.of === 'institution') return ports.institutionCard(ref.libraryId, at)
  const own = await ports.readers.card(homeLibraryId, ref.patronId, at)
  return own ?? (ref.of === 'shared' ? ports.institutionCard(ref.libraryId, at) : undefined)
}

export const noCard: Problem = misconfigured('no-card', {
  zh: '没有可用于办理的读者证或馆际证，请在设置中补上。',
  en: 'There is no card to act with: neither the reader’s nor the library’s own. Please add it in the settings.',
})
