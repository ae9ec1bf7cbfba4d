import type { Delivery } from './order.ts'
import type { OrderPorts, SupplyAnswer } from './ports.ts'

/** One wanted record and the copy it is to come from. */
export interface Found {
  readonly recordId: string
  supply: SupplyAnswer
  tried: readonly string[]
}

/** Where each item can come from, asked for all at once. */
export const look = (
  ports: Pick<OrderPorts, 'supply'>,
  libraryId: string,
  recordIds: readonly string[],
  delivery: Delivery,
  tried: ReadonlyMap<string, readonly string[]>,
): Promise<Found[]> =>
  Promise.all(
    recordIds.map(async recordId => {
      const without = tried.get(recordId) ?? []
      const supply = await ports.supply.next({
        libraryId,
        recordId,
        delivery,
        tried: without,
        branchId: null,
      })
      return { recordId, supply, tried: without }
    }),
  )

/** Another reader took the copy between the look and the claim. */
export class TakenMeanwhile extends Error {
  readonly recordIds: readonly string[]

  constructor(recordIds: readonly string[]) {
    super('a copy was taken meanwhile')
    this.recordIds = recordIds
  }
}

/** Another copy for each item that was taken; none, where there is no hope left. */
export const chooseAgain = async (
  ports: Pick<OrderPorts, 'supply'>,
  libraryId: string,
  delivery: Delivery,
  found: Found[],
  { recordIds }: TakenMeanwhile,
  hope: boolean,
): Promise<void> => {
  for (const item of found.filter(f => recordIds.includes(f.recordId))) {
    item.tried = [...item.tried, ...(item.supply.copy ? [item.supply.copy.barcode] : [])]
    const [next] = await look(
      ports,
      libraryId,
      [item.recordId],
      delivery,
      new Map([[item.recordId, item.tried]]),
    )
    item.supply = hope ? next!.supply : { ...next!.supply, copy: null }
  }
}
