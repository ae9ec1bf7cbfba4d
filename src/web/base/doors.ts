/** Where each door of a cabinet stands in its drawing. Pure: needs no browser. */

interface Standing {
  readonly row: number
  readonly column: number
  readonly size: string
}

export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface DoorPicture<T> {
  readonly width: number
  readonly height: number
  readonly doors: readonly { readonly of: T; readonly place: Place }[]
}

const share: Readonly<Record<string, number>> = { small: 1, medium: 1.6, large: 2.4 }
const columnWidth = 56
const height = 250
const gap = 4

/** Every column is as high as the cabinet; a large door takes more of it than a small one. */
export const layDoors = <T extends Standing>(compartments: readonly T[]): DoorPicture<T> => {
  const columns = [...new Set(compartments.map(c => c.column))].sort((a, b) => a - b)
  const doors = columns.flatMap((column, at) => {
    const inColumn = compartments.filter(c => c.column === column).sort((a, b) => a.row - b.row)
    const shares = inColumn.reduce((sum, c) => sum + (share[c.size] ?? 1), 0)
    const unit = (height - gap * (inColumn.length + 1)) / shares
    let y = gap
    return inColumn.map(of => {
      const place = {
        x: gap + at * (columnWidth + gap),
        y,
        width: columnWidth,
        height: (share[of.size] ?? 1) * unit,
      }
      y += place.height + gap
      return { of, place }
    })
  })
  return { width: gap + columns.length * (columnWidth + gap), height, doors }
}
